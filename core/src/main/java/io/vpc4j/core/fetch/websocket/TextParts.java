package io.vpc4j.core.fetch.websocket;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** UTF-8 that may be cut anywhere, as text that is never cut within a code point. RFC 3629 */
final class TextParts {

  private static final int LONGEST_CODE_POINT = 4;

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private byte[] left = new byte[0]; // the beginning of a code point

  /**
   * The next part of a message.
   *
   * @throws CharacterCodingException if it is not UTF-8, or ends within a code point
   */
  String next(ByteBuf octets, boolean last) throws CharacterCodingException {
    var in = ByteBuffer.allocate(left.length + octets.readableBytes());
    in.put(left);
    octets.readBytes(in);
    in.flip();
    var out = CharBuffer.allocate(in.remaining());
    var result = decoder.decode(in, out, last);
    if (!result.isUnderflow()) {
      result.throwException();
    }
    if (last) {
      decoder.flush(out);
      decoder.reset();
      left = new byte[0];
    } else {
      assert in.remaining() < LONGEST_CODE_POINT;
      left = new byte[in.remaining()];
      in.get(left);
    }
    return out.flip().toString();
  }
}
