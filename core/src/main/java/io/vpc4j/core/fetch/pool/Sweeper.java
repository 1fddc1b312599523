package io.vpc4j.core.fetch.pool;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.core.fetch.exchange.Exchange;
import io.vpc4j.core.net.Ticker;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One timer for many deadlines.
 *
 * <p>A request sets no timer and cancels none. What can be late (a connection, a dial, the pool) is
 * registered once for its life and asked, sweep by sweep, when it is due; a sweep costs a field
 * read for each. Sweeps are {@link #maxIntervalNs} apart, or closer when something is due sooner;
 * {@link #wakeBy} brings the next one forward. There are none while nothing is registered but what
 * {@linkplain Timed#announces announces} itself and is never due: an idle program is not woken.
 *
 * <p>A deadline is met within {@link #MIN_INTERVAL_NS}; one that appears without {@code wakeBy},
 * within {@code maxIntervalNs}.
 */
public final class Sweeper {

  /** How fine the time is: 2 ms. */
  static final long MIN_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(2);

  /** What can be late. */
  public interface Timed {
    /** When {@link #onDue} wants to be called; {@link Long#MAX_VALUE} for never. Any thread. */
    long dueNs();

    /**
     * Whether it calls {@link #wakeBy} whenever it is due sooner than before, so that no sweep has
     * to look. Always the same answer.
     */
    default boolean announces() {
      return false;
    }

    /** The time has come. On the sweeper's thread; must not block. */
    void onDue(long nowNs);
  }

  private final EventExecutor executor;
  private final Ticker ticker;
  private final long maxIntervalNs;
  private final Set<Timed> registered = ConcurrentHashMap.newKeySet();
  // When the next sweep is, on the ticker's clock; MAX_VALUE for none planned.
  private final AtomicLong nextSweepNs = new AtomicLong(Long.MAX_VALUE);
  private @Nullable ScheduledFuture<?> planned; // on the executor

  /**
   * A sweeper that runs on {@code executor}.
   *
   * @param maxIntervalNs between two sweeps
   */
  public Sweeper(EventExecutor executor, Ticker ticker, long maxIntervalNs) {
    this.executor = executor;
    this.ticker = ticker;
    this.maxIntervalNs = maxIntervalNs;
  }

  /** Watches {@code timed} until {@link #remove}. */
  public void add(Timed timed) {
    registered.add(timed);
    wakeBy(lookAgainNs(timed, timed.dueNs(), ticker.nowNs()));
  }

  /** Watches it no longer. */
  public void remove(Timed timed) {
    registered.remove(timed);
  }

  /** Sees to it that there is a sweep at {@code dueNs}, or soon after. Cheap if there is one. */
  public void wakeBy(long dueNs) {
    var next = nextSweepNs.get();
    if (dueNs != Long.MAX_VALUE && (next == Long.MAX_VALUE || dueNs - next < 0)) {
      if (executor.inEventLoop()) {
        plan(dueNs);
      } else {
        try {
          executor.execute(() -> plan(dueNs));
        } catch (java.util.concurrent.RejectedExecutionException e) {
          // The loops have stopped: nothing runs any more that could be late.
        }
      }
    }
  }

  private void plan(long dueNs) {
    var next = nextSweepNs.get();
    if (next != Long.MAX_VALUE && dueNs - next >= 0) {
      return;
    }
    if (planned != null) {
      planned.cancel(false);
    }
    nextSweepNs.set(dueNs);
    var delayNs = Math.max(MIN_INTERVAL_NS, Math.min(maxIntervalNs, dueNs - ticker.nowNs()));
    planned = executor.schedule(this::sweep, delayNs, TimeUnit.NANOSECONDS);
  }

  private void sweep() {
    planned = null;
    nextSweepNs.set(Long.MAX_VALUE);
    var nowNs = ticker.nowNs();
    var nextNs = Long.MAX_VALUE;
    try {
      for (var timed : registered) {
        var dueNs = timed.dueNs();
        if (dueNs != Long.MAX_VALUE && nowNs - dueNs >= 0) {
          timed.onDue(nowNs);
          dueNs = nowNs + MIN_INTERVAL_NS;
        }
        nextNs = Exchange.sooner(nextNs, lookAgainNs(timed, dueNs, nowNs));
      }
    } catch (Throwable e) {
      nextNs = nowNs + maxIntervalNs; // whatever one throws, the others' deadlines are still met
      throw e;
    } finally {
      if (nextNs != Long.MAX_VALUE) {
        plan(nextNs);
      }
    }
  }

  private long lookAgainNs(Timed timed, long dueNs, long nowNs) {
    return timed.announces() ? dueNs : Exchange.sooner(dueNs, nowNs + maxIntervalNs);
  }
}
