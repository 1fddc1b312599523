package io.vpc4j.testkit;

import io.vpc4j.core.net.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is moved. Safe for use by many threads. */
public final class ManualTicker implements Ticker {

  private final AtomicLong nowNs;

  /** Begins at zero. */
  public ManualTicker() {
    this(0);
  }

  /**
   * Begins at {@code nowNs}; {@code Long.MAX_VALUE - 1} shows who compares where they should
   * subtract.
   */
  public ManualTicker(long nowNs) {
    this.nowNs = new AtomicLong(nowNs);
  }

  @Override
  public long nowNs() {
    return nowNs.get();
  }

  /**
   * Moves it forward.
   *
   * @throws IllegalArgumentException if {@code by} is negative: time does not go back
   */
  public void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("time does not go back: " + by);
    }
    nowNs.addAndGet(by.toNanos());
  }
}
