package io.vpc4j.mesh.wireguard;

import java.util.Arrays;

/**
 * Which counters of a session were seen, among the last {@link #WINDOW}; older ones count as seen.
 * [W] 5.4.6, RFC 6479
 *
 * <p>A ring of bits, twice as long as the window, so that advancing clears whole words and no bit
 * is ever shifted. Counters are unsigned.
 */
final class ReplayWindow {

  /** How far behind the highest counter a packet may come. */
  static final int WINDOW = 8192;

  private static final int WORDS = 2 * WINDOW / Long.SIZE;
  private static final int WORD_MASK = WORDS - 1;

  private final long[] bits = new long[WORDS];
  private long highest;

  /**
   * Whether {@code counter} could be new; changes nothing. To be asked before a packet is opened.
   */
  boolean mayAccept(long counter) {
    if (Long.compareUnsigned(counter, highest) > 0) {
      return true;
    }
    return highest - counter <= WINDOW // both unsigned, and the difference is not negative
        && highest - counter >= 0
        && (bits[word(counter)] & 1L << counter) == 0;
  }

  /** Takes {@code counter}, of a packet that proved authentic; false if it was seen. */
  boolean accept(long counter) {
    if (!mayAccept(counter)) {
      return false;
    }
    if (Long.compareUnsigned(counter, highest) > 0) {
      clearBetween(highest >>> 6, counter >>> 6);
      highest = counter;
    }
    bits[word(counter)] |= 1L << counter;
    return true;
  }

  /** The highest counter taken; 0 before any. */
  long highest() {
    return highest;
  }

  /** Words after {@code from} up to {@code to} hold counters of the last time round. */
  private void clearBetween(long from, long to) {
    if (to - from >= WORDS) {
      Arrays.fill(bits, 0);
      return;
    }
    for (var word = from + 1; word <= to; word++) {
      bits[(int) word & WORD_MASK] = 0;
    }
  }

  private static int word(long counter) {
    return (int) (counter >>> 6) & WORD_MASK;
  }
}
