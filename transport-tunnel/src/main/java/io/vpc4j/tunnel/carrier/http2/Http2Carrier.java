package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.carrier.Carrier;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.StreamFailure;
import java.net.InetSocketAddress;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 connection whose handshake is done, from either end: what it is, and whether it lives.
 *
 * <p>A PING goes out now and then; once nothing at all has come for a while the connection is taken
 * for dead, since the other end answers PINGs at once and TCP alone notices a lost peer after
 * minutes. [T] 3.1
 *
 * <p>Fields are confined to the connection's loop but where they say otherwise.
 */
abstract class Http2Carrier implements Carrier, Multiplexer.Owner {

  private final CarrierContext context;
  private final Channel connection;
  private final Multiplexer multiplexer;
  private final OctetCounter counter = new OctetCounter();
  private final AtomicInteger openStreams = new AtomicInteger(); // read by any thread
  private final long deadAfterNs;
  private long lastReadNs;
  private @Nullable Future<?> pinging;
  private volatile long rttNs = -1;
  private volatile boolean goingAway;

  Http2Carrier(
      CarrierContext context, ChannelHandlerContext ctx, Multiplexer.Role role, long deadAfterNs) {
    this.context = context;
    this.deadAfterNs = deadAfterNs;
    connection = ctx.channel();
    multiplexer = Multiplexer.create(role, this);
    lastReadNs = context.ticker().nowNs();
  }

  /** Joins the connection's pipeline. On its loop. */
  final void join(ChannelHandlerContext ctx) {
    ctx.pipeline().addLast(counter, multiplexer, new LastHandler());
  }

  /** Says what may be sent to us, and watches over the connection from now on. */
  final void begin(long pingEveryNs) throws Http2Exception {
    multiplexer.openWindow();
    pinging =
        eventLoop().scheduleAtFixedRate(this::ping, pingEveryNs, pingEveryNs, TimeUnit.NANOSECONDS);
  }

  final CarrierContext context() {
    return context;
  }

  final Multiplexer multiplexer() {
    return multiplexer;
  }

  /** A stream of a request is open until {@code channel} closes. */
  final void countUntilClosed(Channel channel) {
    openStreams.incrementAndGet();
    channel.closeFuture().addListener(closed -> openStreams.decrementAndGet());
  }

  /** A stream of a request is open; {@link #uncount} when it is not any more. */
  final void count() {
    openStreams.incrementAndGet();
  }

  final void uncount() {
    openStreams.decrementAndGet();
  }

  final void onLoop(Runnable action) {
    if (eventLoop().inEventLoop()) {
      action.run();
    } else {
      eventLoop().execute(action);
    }
  }

  // ---- liveness

  private void ping() {
    var nowNs = context.ticker().nowNs();
    if (nowNs - lastReadNs > deadAfterNs) {
      close("nothing has come for " + TimeUnit.NANOSECONDS.toMillis(nowNs - lastReadNs) + " ms");
      return;
    }
    multiplexer.ping(nowNs);
  }

  @Override
  public final void onPong(long payload) {
    rttNs = context.ticker().nowNs() - payload;
  }

  @Override
  public final long nowNs() {
    return context.ticker().nowNs();
  }

  @Override
  public final long lingerNs() {
    return context.lingerNs();
  }

  @Override
  public final void onRead() {
    lastReadNs = context.ticker().nowNs();
  }

  /** The other end may send this and go on; the edge is who closes. [T] 6.6 */
  @Override
  public final void onGoingAway(String why) {
    goingAway = true;
  }

  @Override
  public final void onClosed(String why) {
    if (pinging != null) {
      pinging.cancel(false);
    }
    closed(why);
  }

  /** The last call. */
  abstract void closed(String why);

  // ---- Carrier

  @Override
  public final Protocol protocol() {
    return Protocol.HTTP2;
  }

  @Override
  public final InetSocketAddress localAddress() {
    return (InetSocketAddress) connection.localAddress();
  }

  @Override
  public final InetSocketAddress remoteAddress() {
    return (InetSocketAddress) connection.remoteAddress();
  }

  @Override
  public final EventLoop eventLoop() {
    return connection.eventLoop();
  }

  /** As both ends say it: there is no such stream. */
  public final Future<Channel> openRpc(ChannelHandler initializer) {
    return eventLoop()
        .newFailedFuture(StreamFailure.notOpened("HTTP/2 has no streams for calls", null));
  }

  @Override
  public final boolean carriesDatagrams() {
    return false;
  }

  @Override
  public final int maxDatagramOctets() {
    return 0;
  }

  /** As both ends say it: there is no way. */
  public final boolean sendDatagram(ByteBuf datagram) {
    datagram.release();
    return false;
  }

  @Override
  public final int openStreams() {
    return openStreams.get();
  }

  @Override
  public final long octetsIn() {
    return counter.in();
  }

  @Override
  public final long octetsOut() {
    return counter.out();
  }

  @Override
  public final OptionalLong rttNs() {
    var known = rttNs;
    return known < 0 ? OptionalLong.empty() : OptionalLong.of(known);
  }

  @Override
  public final boolean isOpen() {
    return connection.isActive() && !goingAway;
  }

  @Override
  public final Future<Void> closeFuture() {
    return connection.closeFuture();
  }

  @Override
  public final void close(String reason) {
    onLoop(
        () -> {
          if (connection.isActive()) {
            multiplexer.close(reason);
          }
        });
  }
}
