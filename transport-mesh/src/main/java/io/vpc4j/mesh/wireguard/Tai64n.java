package io.vpc4j.mesh.wireguard;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The timestamps of initiations to one peer, and from it: TAI64N, 12 octets in big-endian, compared
 * as octets. They need not be right, only later each time. [W] 5.1, 5.4.2
 */
final class Tai64n {

  static final int LENGTH = 12;

  /** TAI64's label of 1970, with the ten leap seconds that everybody's code has. */
  private static final long UNIX_EPOCH = 0x4000_0000_0000_000aL;

  private static final long SECOND_NS = 1_000_000_000L;

  /** About 16.8 ms: a timestamp tells no more of the sender's clock than it must. */
  private static final long GRAIN_NS = 1L << 24;

  private long lastUnixNs = Long.MIN_VALUE;
  private byte[] received = new byte[LENGTH];

  /**
   * For the next initiation: the time, or a grain after the last one if the clock stands or went
   * back.
   */
  byte[] next(long unixNs) {
    var grained = unixNs - Math.floorMod(unixNs, GRAIN_NS);
    lastUnixNs = lastUnixNs == Long.MIN_VALUE ? grained : Math.max(grained, lastUnixNs + GRAIN_NS);
    return label(lastUnixNs);
  }

  /** Whether a received timestamp is later than every one before; changes nothing. */
  boolean isLater(byte[] timestamp) {
    return Arrays.compareUnsigned(timestamp, received) > 0;
  }

  /** Takes a timestamp, of an initiation that proved authentic. */
  void accept(byte[] timestamp) {
    received = timestamp.clone();
  }

  private static byte[] label(long unixNs) {
    return ByteBuffer.allocate(LENGTH)
        .putLong(UNIX_EPOCH + Math.floorDiv(unixNs, SECOND_NS))
        .putInt((int) Math.floorMod(unixNs, SECOND_NS))
        .array();
  }
}
