package io.vpc4j.core.net;

import java.time.Instant;

/** Where the time comes from. The only reader of the system's clock; a test brings its own. */
@FunctionalInterface
public interface Ticker {

  /** Nanoseconds since some fixed point; never goes back. Compare by subtraction. */
  long nowNs();

  /**
   * Nanoseconds since 1970 by the system's wall clock, which may stand or go back: for what other
   * hosts compare, such as WireGuard's timestamps, and for nothing that waits.
   */
  static long unixNs() {
    var now = Instant.now();
    return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
  }

  /** The system's monotonic clock. */
  static Ticker system() {
    return System::nanoTime;
  }
}
