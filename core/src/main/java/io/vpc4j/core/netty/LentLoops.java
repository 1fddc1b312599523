package io.vpc4j.core.netty;

import io.netty.channel.AbstractEventLoopGroup;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** Event loops that are somebody else's to end. */
final class LentLoops extends AbstractEventLoopGroup {

  private final EventLoopGroup owned;

  LentLoops(EventLoopGroup owned) {
    this.owned = owned;
  }

  @Override
  public EventLoop next() {
    return owned.next();
  }

  @Override
  public Iterator<EventExecutor> iterator() {
    return owned.iterator();
  }

  @Override
  public ChannelFuture register(Channel channel) {
    return next().register(channel);
  }

  @Override
  public ChannelFuture register(ChannelPromise promise) {
    return next().register(promise);
  }

  @Override
  @Deprecated
  public ChannelFuture register(Channel channel, ChannelPromise promise) {
    return next().register(channel, promise);
  }

  @Override
  public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
    throw refused();
  }

  private static UnsupportedOperationException refused() {
    return new UnsupportedOperationException("these loops are the Vpc's: they end with it");
  }

  @Override
  @Deprecated
  public void shutdown() {
    throw refused();
  }

  @Override
  public Future<?> terminationFuture() {
    return owned.terminationFuture();
  }

  @Override
  public boolean isShuttingDown() {
    return owned.isShuttingDown();
  }

  @Override
  public boolean isShutdown() {
    return owned.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return owned.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return owned.awaitTermination(timeout, unit);
  }
}
