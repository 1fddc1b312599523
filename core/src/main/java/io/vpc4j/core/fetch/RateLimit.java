package io.vpc4j.core.fetch;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A bucket that fills with {@code perSecond} tokens a second and holds as many. Kept as one number,
 * the time at which it will be full again, so that taking one is one compare-and-set.
 */
final class RateLimit {

  private static final long SECOND_NS = 1_000_000_000;

  private final AtomicLong fullAtNs;

  RateLimit(long nowNs) {
    fullAtNs = new AtomicLong(nowNs);
  }

  /**
   * Takes a token.
   *
   * @param perSecond 0 for no limit
   * @return false if there is none
   */
  boolean take(int perSecond, long nowNs) {
    if (perSecond == 0) {
      return true;
    }
    var tokenNs = SECOND_NS / perSecond;
    while (true) {
      var full = fullAtNs.get();
      var next = (full - nowNs > 0 ? full : nowNs) + tokenNs;
      if (next - nowNs > SECOND_NS) {
        return false;
      }
      if (fullAtNs.compareAndSet(full, next)) {
        return true;
      }
    }
  }
}
