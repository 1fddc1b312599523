package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.carrier.ConnectorCarrierListener;
import io.vpc4j.tunnel.carrier.StreamFailure;
import java.net.InetSocketAddress;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An edge's HTTP/2 connection, as the connector has it: the edge is the client and asks. [T] 3
 *
 * <p>Unlike the original it does not leave a lost edge to TCP: a PING goes out every {@link
 * #PING_EVERY_NS}, and once nothing at all has come for {@link #DEAD_AFTER_NS} the connection is
 * closed, so that another can be made.
 *
 * <p>Fields are confined to the connection's loop but where they say otherwise.
 */
final class Http2ConnectorCarrier implements ConnectorCarrier, Multiplexer.Owner {

  static final long PING_EVERY_NS = TimeUnit.SECONDS.toNanos(5);
  static final long DEAD_AFTER_NS = TimeUnit.SECONDS.toNanos(15);

  /** Requests at one time; more are refused as ones that nothing was done about. */
  static final int MAX_STREAMS = 20_000;

  private final CarrierContext context;
  private final Channel connection;
  private final Multiplexer multiplexer;
  private final OctetCounter counter = new OctetCounter();
  private final ConnectorCarrierListener listener;
  private final AtomicInteger openStreams = new AtomicInteger(); // read by any thread
  private long lastReadNs;
  private boolean controlled;
  private @Nullable Future<?> pinging;
  private volatile long rttNs = -1;
  private volatile boolean goingAway;

  private Http2ConnectorCarrier(
      CarrierContext context, ChannelHandlerContext ctx, ConnectorCarrierListener listener) {
    this.context = context;
    this.listener = listener;
    connection = ctx.channel();
    multiplexer = Multiplexer.create(Multiplexer.Role.SERVER, this);
    lastReadNs = context.ticker().nowNs();
  }

  /** Makes a connection whose handshake is done a carrier. Called on its loop. */
  static Http2ConnectorCarrier begin(
      CarrierContext context, ChannelHandlerContext ctx, ConnectorCarrierListener listener)
      throws Http2Exception {
    var carrier = new Http2ConnectorCarrier(context, ctx, listener);
    ctx.pipeline().addLast(carrier.counter, carrier.multiplexer, new LastHandler());
    carrier.multiplexer.openWindow();
    carrier.pinging =
        ctx.executor()
            .scheduleAtFixedRate(carrier::ping, PING_EVERY_NS, PING_EVERY_NS, TimeUnit.NANOSECONDS);
    return carrier;
  }

  // ---- requests

  @Override
  public void onRequest(MultiplexedStream stream, Http2Headers head, boolean end) {
    var kind = IncomingHead.kind(head);
    switch (kind) {
      case CONTROL -> onControl(stream);
      case CONFIGURATION -> {
        var request = new ConfigurationRequest(multiplexer, stream.id(), listener);
        stream.begin(StreamChannel.AtPeersEnd.TELL, request);
      }
      default -> {
        if (openStreams.get() >= MAX_STREAMS) {
          stream.abandon(Http2Error.REFUSED_STREAM);
          return;
        }
        var incoming =
            new Http2IncomingStream(multiplexer, stream, IncomingHead.read(kind, head, end));
        openStreams.incrementAndGet();
        incoming.channel().closeFuture().addListener(closed -> openStreams.decrementAndGet());
        listener.onRequest(incoming);
      }
    }
  }

  private void onControl(MultiplexedStream stream) {
    if (controlled) {
      stream.abandon(Http2Error.REFUSED_STREAM);
      return;
    }
    controlled = true;
    var head =
        new DefaultHttp2Headers().status("200").set("content-type", "application/octet-stream");
    multiplexer.writeHead(stream.id(), head, false);
    stream.begin(
        StreamChannel.AtPeersEnd.TELL,
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel control) {
            listener.onControlStream(Http2ConnectorCarrier.this, control);
          }
        });
  }

  @Override
  public Future<Channel> openRpc(ChannelHandler initializer) {
    return eventLoop()
        .newFailedFuture(StreamFailure.notOpened("HTTP/2 has no streams for calls", null));
  }

  @Override
  public int maxDatagramOctets() {
    return 0;
  }

  @Override
  public boolean sendDatagram(ByteBuf datagram) {
    datagram.release();
    return false;
  }

  // ---- liveness

  private void ping() {
    var nowNs = context.ticker().nowNs();
    if (nowNs - lastReadNs > DEAD_AFTER_NS) {
      close("nothing has come for " + TimeUnit.NANOSECONDS.toMillis(nowNs - lastReadNs) + " ms");
      return;
    }
    multiplexer.ping(nowNs);
  }

  @Override
  public void onPong(long payload) {
    rttNs = context.ticker().nowNs() - payload;
  }

  @Override
  public long nowNs() {
    return context.ticker().nowNs();
  }

  @Override
  public void onRead() {
    lastReadNs = context.ticker().nowNs();
  }

  @Override
  public void onGoingAway(String why) {
    goingAway = true; // has no effect of its own: the edge closes the connection. [T] 6.6
  }

  @Override
  public void onClosed(String why) {
    if (pinging != null) {
      pinging.cancel(false);
    }
    listener.onClosed(why);
  }

  // ---- Carrier

  @Override
  public Protocol protocol() {
    return Protocol.HTTP2;
  }

  @Override
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) connection.localAddress();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return (InetSocketAddress) connection.remoteAddress();
  }

  @Override
  public EventLoop eventLoop() {
    return connection.eventLoop();
  }

  @Override
  public boolean carriesDatagrams() {
    return false;
  }

  @Override
  public int openStreams() {
    return openStreams.get();
  }

  @Override
  public long octetsIn() {
    return counter.in();
  }

  @Override
  public long octetsOut() {
    return counter.out();
  }

  @Override
  public OptionalLong rttNs() {
    var known = rttNs;
    return known < 0 ? OptionalLong.empty() : OptionalLong.of(known);
  }

  @Override
  public boolean isOpen() {
    return connection.isActive() && !goingAway;
  }

  @Override
  public Future<Void> closeFuture() {
    return connection.closeFuture();
  }

  @Override
  public void close(String reason) {
    if (!connection.eventLoop().inEventLoop()) {
      connection.eventLoop().execute(() -> close(reason));
    } else if (connection.isActive()) {
      multiplexer.close(reason);
    }
  }
}
