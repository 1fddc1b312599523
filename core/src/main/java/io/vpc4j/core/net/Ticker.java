package io.vpc4j.core.net;

/** Where the time comes from. The only reader of the system's clock; a test brings its own. */
@FunctionalInterface
public interface Ticker {

  /** Nanoseconds since some fixed point; never goes back. Compare by subtraction. */
  long nowNs();

  /** The system's monotonic clock. */
  static Ticker system() {
    return System::nanoTime;
  }
}
