package io.vpc4j.mesh.netstack.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * The one's complement sum of 16-bit words. RFC 1071
 *
 * <p>A sum is carried as a {@code long} that has not been folded, so that parts can be added up:
 * the addresses of a flow once, each segment on top. Each part but the last must have an even
 * number of octets.
 *
 * <p>Octets are added eight at a time, as two halves of 32 bits: 2^16 is 1 modulo 2^16 - 1, so the
 * width of a word does not change the folded result, and 2^31 words fit before a long overflows.
 */
public final class InternetChecksum {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, BIG_ENDIAN);

  private InternetChecksum() {}

  /**
   * The sum of a part of a buffer, by absolute index.
   *
   * @param packet on the heap, not read-only
   * @throws IndexOutOfBoundsException if the part is not inside the buffer's limit
   */
  public static long sum(ByteBuffer packet, int offset, int length) {
    if (offset < 0 || length < 0 || offset + length > packet.limit()) {
      throw new IndexOutOfBoundsException(
          offset + "+" + length + " is not inside " + packet.limit());
    }
    return sum(packet.array(), packet.arrayOffset() + offset, length);
  }

  /** The sum of a part of an array. */
  public static long sum(byte[] octets, int offset, int length) {
    var sum = 0L;
    var at = offset;
    var end = offset + length;
    for (; at + 8 <= end; at += 8) {
      var eight = (long) LONGS.get(octets, at);
      sum += (eight >>> 32) + (eight & 0xFFFF_FFFFL);
    }
    for (; at + 2 <= end; at += 2) {
      sum += ((octets[at] & 0xFF) << 8) | (octets[at + 1] & 0xFF);
    }
    if (at < end) {
      sum += (octets[at] & 0xFF) << 8; // padded with a zero octet, RFC 9293 3.1
    }
    return sum;
  }

  /**
   * What both pseudo-headers add to the sum of the two addresses: the protocol and the length. RFC
   * 9293 3.1, RFC 8200 8.1
   */
  public static long pseudoHeader(long addresses, int protocol, int length) {
    return addresses + protocol + length;
  }

  /**
   * The checksum to write: the sum folded to 16 bits and complemented. Over octets that hold a
   * right checksum it is 0.
   */
  public static int fold(long sum) {
    var folded = (sum >>> 32) + (sum & 0xFFFF_FFFFL);
    folded = (folded >>> 16) + (folded & 0xFFFF);
    folded = (folded >>> 16) + (folded & 0xFFFF);
    folded = (folded >>> 16) + (folded & 0xFFFF);
    return (int) (~folded & 0xFFFF);
  }
}
