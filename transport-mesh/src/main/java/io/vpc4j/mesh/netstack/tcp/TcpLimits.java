package io.vpc4j.mesh.netstack.tcp;

/**
 * Bounds that hold for all connections of a stack together.
 *
 * @param maxBufferedOctets memory of all send and receive buffers. At the limit, writes take
 *     nothing, and data that comes is dropped as if the network had lost it. Default 256 MiB
 * @param maxPooledOctets memory kept for reuse once buffers are empty. Default 4 MiB
 * @param maxTimeWait connections in TIME-WAIT; one more goes to CLOSED at once. Default 16,384
 */
public record TcpLimits(long maxBufferedOctets, long maxPooledOctets, int maxTimeWait) {

  /** Checks the bounds. */
  public TcpLimits {
    if (maxBufferedOctets < OctetRing.CHUNK_OCTETS || maxPooledOctets < 0 || maxTimeWait < 0) {
      throw new IllegalArgumentException(
          "limits of " + maxBufferedOctets + ", " + maxPooledOctets + ", " + maxTimeWait);
    }
  }

  /** The defaults given above. */
  public static TcpLimits defaults() {
    return new TcpLimits(256L << 20, 4L << 20, 16_384);
  }
}
