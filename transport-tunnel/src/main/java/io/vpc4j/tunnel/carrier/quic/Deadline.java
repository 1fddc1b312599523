package io.vpc4j.tunnel.carrier.quic;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.core.net.Ticker;
import java.util.concurrent.TimeUnit;

/** One wait that ends at a time of the {@link Ticker}. Made and cancelled on the loop. */
final class Deadline {

  private final EventLoop loop;
  private final Ticker ticker;
  private final long deadlineNs;
  private final Runnable action;
  private ScheduledFuture<?> timer;

  Deadline(EventLoop loop, Ticker ticker, long deadlineNs, Runnable action) {
    this.loop = loop;
    this.ticker = ticker;
    this.deadlineNs = deadlineNs;
    this.action = action;
    this.timer = plan();
  }

  private ScheduledFuture<?> plan() {
    var delayNs = Math.max(deadlineNs - ticker.nowNs(), 1);
    return loop.schedule(this::look, delayNs, TimeUnit.NANOSECONDS);
  }

  private void look() {
    if (deadlineNs - ticker.nowNs() > 0) {
      timer = plan(); // the loop's clock is another one
    } else {
      action.run();
    }
  }

  void cancel() {
    timer.cancel(false);
  }
}
