package io.vpc4j.tunnel.rpc.capnp;

/**
 * What a message from a peer may cost.
 *
 * @param maxMessageOctets segments together, framing not counted; at least 8
 * @param maxSegments 1 to 512, the most the reference implementation takes
 * @param maxNesting how many pointers may lie between the root and a value; the reference
 *     implementation takes 64
 * @param traversalFactor how many times its own size reading a message may touch, at least 1: what
 *     keeps a small message whose pointers all lead to one place from being read as a large one
 */
public record ReadLimits(
    int maxMessageOctets, int maxSegments, int maxNesting, int traversalFactor) {

  private static final int MAX_SEGMENTS = 512; // [T] 4.3
  private static final int MAX_NESTING = 64; // [T] 5.1

  /** For control and RPC streams: 1 MiB, which a configuration of some thousand rules fits. */
  public static final ReadLimits RPC = ofOctets(1 << 20);

  /** For the message a data stream begins with: 256 KiB, mostly the headers of a request. */
  public static final ReadLimits CONNECT = ofOctets(1 << 18);

  /** Checks the bounds. */
  public ReadLimits {
    require(maxMessageOctets >= 8, "maxMessageOctets", maxMessageOctets);
    require(maxSegments >= 1 && maxSegments <= MAX_SEGMENTS, "maxSegments", maxSegments);
    require(maxNesting >= 1, "maxNesting", maxNesting);
    require(traversalFactor >= 1, "traversalFactor", traversalFactor);
  }

  /** The usual limits, with another size. */
  public static ReadLimits ofOctets(int maxMessageOctets) {
    return new ReadLimits(maxMessageOctets, MAX_SEGMENTS, MAX_NESTING, 8);
  }

  private static void require(boolean holds, String name, int value) {
    if (!holds) {
      throw new IllegalArgumentException(name + " cannot be " + value);
    }
  }
}
