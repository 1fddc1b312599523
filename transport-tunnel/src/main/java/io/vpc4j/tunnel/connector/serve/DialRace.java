package io.vpc4j.tunnel.connector.serve;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.tunnel.connector.config.OriginOptions.Addresses;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One of several addresses: with happy eyeballs the next is tried when the one before has failed or
 * has taken {@link #HEAD_START_MS}; else when it has failed. The first that connects wins, the
 * others are closed. RFC 8305 5. Confined to its loop.
 */
final class DialRace {

  private static final long HEAD_START_MS = 250;
  private static final int MAX_ADDRESSES = 16;

  private final Bootstrap bootstrap;
  private final EventLoop loop;
  private final List<InetAddress> addresses;
  private final int port;
  private final Addresses how;
  private final List<ChannelFuture> running = new ArrayList<>();
  private @Nullable Throwable firstFailure;
  private int next;
  private @Nullable Future<?> headStart;

  DialRace(
      Bootstrap bootstrap, EventLoop loop, List<InetAddress> addresses, int port, Addresses how) {
    this.bootstrap = bootstrap;
    this.loop = loop;
    this.addresses = addresses.subList(0, Math.min(MAX_ADDRESSES, addresses.size()));
    this.port = port;
    this.how = how;
  }

  /** Begins; completes {@code promise}, whose cancellation ends it. */
  void onto(Promise<Channel> promise) {
    promise.addListener(
        (Future<Channel> done) ->
            running.forEach(dial -> giveUp(dial, done.isSuccess() ? done.getNow() : null)));
    tryNext(promise);
  }

  private static void giveUp(ChannelFuture dial, @Nullable Channel winner) {
    if (dial.channel() != winner) {
      dial.cancel(false);
      dial.channel().close();
    }
  }

  private void tryNext(Promise<Channel> promise) {
    if (headStart != null) {
      headStart.cancel(false);
      headStart = null;
    }
    if (promise.isDone()) {
      return;
    }
    if (next == addresses.size()) {
      if (running.stream().allMatch(Future::isDone)) {
        promise.tryFailure(
            firstFailure != null ? firstFailure : new UnknownHostException("no address"));
      }
      return;
    }
    var dial = bootstrap.clone(loop).connect(new InetSocketAddress(addresses.get(next++), port));
    running.add(dial);
    dial.addListener((ChannelFuture done) -> onDialed(done, promise));
    if (how == Addresses.HAPPY_EYEBALLS && next < addresses.size() && !promise.isDone()) {
      headStart = loop.schedule(() -> tryNext(promise), HEAD_START_MS, TimeUnit.MILLISECONDS);
    }
  }

  private void onDialed(ChannelFuture dial, Promise<Channel> promise) {
    if (dial.isSuccess()) {
      if (!promise.trySuccess(dial.channel())) {
        dial.channel().close();
      }
      return;
    }
    if (firstFailure == null) {
      firstFailure = dial.cause();
    }
    tryNext(promise);
  }
}
