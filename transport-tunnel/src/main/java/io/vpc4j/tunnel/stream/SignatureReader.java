package io.vpc4j.tunnel.stream;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import java.nio.ByteBuffer;

/**
 * Reads a signature, and the version where one follows, octet by octet: the first wrong octet is
 * refused, and none past the last is taken. The version is not looked at. [T] 4.2
 */
final class SignatureReader {

  private final byte[] octets = new byte[Preamble.SIGNATURE_OCTETS + Preamble.VERSION_OCTETS];
  private int length;

  /** Whether all that was wanted is there. */
  boolean takeSignature(ByteBuffer in) throws Malformed {
    take(in, Preamble.SIGNATURE_OCTETS);
    if (length > 0 && !isPrefixOf(Preamble.DATA_SIGNATURE) && !isPrefixOf(Preamble.RPC_SIGNATURE)) {
      throw new Malformed(
          Malformed.Reason.SIGNATURE,
          "a stream that begins with " + Octets.take(ByteBuffer.wrap(octets, 0, length)));
    }
    return length >= Preamble.SIGNATURE_OCTETS;
  }

  boolean takeVersion(ByteBuffer in) {
    take(in, octets.length);
    return length == octets.length;
  }

  boolean is(Octets signature) {
    return length >= Preamble.SIGNATURE_OCTETS && isPrefixOf(signature);
  }

  boolean hasBegun() {
    return length > 0;
  }

  private void take(ByteBuffer in, int wanted) {
    var count = Math.min(in.remaining(), Math.max(0, wanted - length));
    in.get(octets, length, count);
    length += count;
  }

  private boolean isPrefixOf(Octets signature) {
    var count = Math.min(length, Preamble.SIGNATURE_OCTETS);
    return ByteBuffer.wrap(octets, 0, count).equals(signature.buffer().limit(count));
  }
}
