package io.vpc4j.tunnel.connector.serve;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How many flows there are, TCP streams and UDP sessions together, and whether there may be one
 * more. [C] 7.6
 *
 * <p>Safe for use by many threads.
 */
public final class Flows {

  private final LongSupplier max;
  private final AtomicLong active = new AtomicLong();

  /**
   * Counts.
   *
   * @param max asked anew each time; 0 for any number
   */
  public Flows(LongSupplier max) {
    this.max = max;
  }

  /** Takes a place; to be given back with {@link #release}. False if there is none. */
  public boolean tryAcquire() {
    while (true) {
      var now = active.get();
      var limit = max.getAsLong();
      if (limit > 0 && now >= limit) {
        return false;
      }
      if (active.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  /** Gives a place back. */
  public void release() {
    active.decrementAndGet();
  }

  /** How many there are. */
  public long active() {
    return active.get();
  }
}
