package io.vpc4j.mesh.netstack.wire;

/** The part of a transport's checksum that lies in the IP header. RFC 9293 3.1, RFC 8200 8.1 */
public final class PseudoHeader {

  private PseudoHeader() {}

  /** The sum of two addresses; the first words are 0 for IPv4. */
  public static long addresses(long srcHigh, long srcLow, long dstHigh, long dstLow) {
    return halves(srcHigh) + halves(srcLow) + halves(dstHigh) + halves(dstLow);
  }

  /**
   * The sum of a whole pseudo-header, to be carried on with {@link InternetChecksum#sum}.
   *
   * @param transportOctets the length of the transport's header and data
   */
  public static long sum(
      long srcHigh, long srcLow, long dstHigh, long dstLow, int protocol, int transportOctets) {
    return InternetChecksum.pseudoHeader(
        addresses(srcHigh, srcLow, dstHigh, dstLow), protocol, transportOctets);
  }

  private static long halves(long word) {
    return (word >>> 32) + (word & 0xffff_ffffL);
  }
}
