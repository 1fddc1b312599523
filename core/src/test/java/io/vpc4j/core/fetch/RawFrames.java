package io.vpc4j.core.fetch;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;

/** WebSocket frames by hand, the server's side. RFC 6455 5.2 */
public final class RawFrames {

  public static final int CONTINUATION = 0;
  public static final int TEXT = 1;
  public static final int BINARY = 2;
  public static final int CLOSE = 8;
  public static final int PING = 9;
  public static final int PONG = 10;

  /** A frame as it came. */
  public record Frame(int opcode, boolean last, boolean masked, ByteBuffer payload) {
    public String text() {
      return StandardCharsets.UTF_8.decode(payload.duplicate()).toString();
    }

    public int closeCode() {
      return payload.remaining() < 2 ? 1005 : payload.getShort(0) & 0xffff;
    }
  }

  private RawFrames() {}

  /** Reads the request of an opening handshake and answers it. */
  static String accept(ScriptedPeer.Conversation with, String moreFields) throws Exception {
    var head = with.head();
    with.say(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + acceptOf(head)
            + "\r\n"
            + moreFields
            + "\r\n");
    return head;
  }

  static String acceptOf(String head) throws Exception {
    var name = "sec-websocket-key: ";
    var at = head.toLowerCase(Locale.ROOT).indexOf(name) + name.length();
    var key = head.substring(at, head.indexOf('\r', at));
    var sha1 = MessageDigest.getInstance("SHA-1");
    return Base64.getEncoder()
        .encodeToString(
            sha1.digest(
                (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.UTF_8)));
  }

  public static byte[] frame(int first, byte[] payload) {
    var out = new ByteArrayOutputStream();
    out.write(first);
    if (payload.length < 126) {
      out.write(payload.length);
    } else if (payload.length < 65_536) {
      out.write(126);
      out.write(payload.length >> 8);
      out.write(payload.length);
    } else {
      out.write(127);
      for (var shift = 56; shift >= 0; shift -= 8) {
        out.write((int) ((long) payload.length >> shift));
      }
    }
    out.writeBytes(payload);
    return out.toByteArray();
  }

  public static byte[] last(int opcode, String text) {
    return frame(0x80 | opcode, text.getBytes(StandardCharsets.UTF_8));
  }

  public static byte[] close(int code) {
    return frame(0x80 | CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
  }

  /** Reads one frame and unmasks it. */
  public static Frame read(InputStream stream) throws IOException {
    var in = new DataInputStream(stream);
    var first = in.readUnsignedByte();
    var second = in.readUnsignedByte();
    long length = second & 0x7f;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    var masked = second > 127;
    var mask = masked ? in.readNBytes(4) : new byte[4];
    var payload = in.readNBytes((int) length);
    for (var i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i & 3];
    }
    return new Frame(first & 0xf, first > 127, masked, ByteBuffer.wrap(payload));
  }
}
