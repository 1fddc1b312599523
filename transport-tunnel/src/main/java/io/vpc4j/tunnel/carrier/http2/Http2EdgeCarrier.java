package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.carrier.EdgeAcceptor;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.EdgeCarrierListener;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.stream.ConnectRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A connector's HTTP/2 connection, as the edge has it.
 *
 * <p>As soon as the handshake is done it sends the preface and asks for the control stream ([T]
 * 3.3). A PING goes out every {@link #PING_EVERY_NS}; once nothing at all has come for {@link
 * #DEAD_AFTER_NS} the connection is taken for dead, since a connector answers PINGs at once and TCP
 * alone notices a lost peer after minutes ([T] 3.1).
 *
 * <p>Fields are confined to the connection's loop but where they say volatile.
 */
final class Http2EdgeCarrier implements EdgeCarrier, Multiplexer.Owner {

  static final long PING_EVERY_NS = TimeUnit.MILLISECONDS.toNanos(1_500);
  static final long DEAD_AFTER_NS = TimeUnit.MILLISECONDS.toNanos(4_500);

  private final CarrierContext context;
  private final Channel connection;
  private final Multiplexer multiplexer;
  private final OctetCounter counter;
  private final EdgeCarrierListener listener;
  private long lastReadNs;
  private @Nullable Future<?> pinging;
  private volatile long rttNs = -1;
  private final AtomicInteger openStreams = new AtomicInteger();
  private volatile boolean goingAway;

  private Http2EdgeCarrier(
      CarrierContext context, ChannelHandlerContext ctx, EdgeAcceptor acceptor) {
    this.context = context;
    connection = ctx.channel();
    multiplexer = Multiplexer.create(Multiplexer.Role.CLIENT, this);
    counter = new OctetCounter();
    lastReadNs = context.ticker().nowNs();
    listener = acceptor.accept(this);
  }

  /** Makes a connection whose handshake is done a carrier. Called on its loop. */
  static void begin(CarrierContext context, ChannelHandlerContext ctx, EdgeAcceptor acceptor)
      throws Http2Exception {
    var carrier = new Http2EdgeCarrier(context, ctx, acceptor);
    ctx.pipeline().addLast(carrier.counter, carrier.multiplexer, new LastHandler());
    if (ctx.channel().isActive()) {
      carrier.multiplexer.openWindow();
      carrier.askForControlStream();
      carrier.pinging =
          ctx.executor()
              .scheduleAtFixedRate(
                  carrier::ping, PING_EVERY_NS, PING_EVERY_NS, TimeUnit.NANOSECONDS);
    }
  }

  // ---- the control stream

  private void askForControlStream() {
    var head = RequestHead.empty().set(RequestHead.UPGRADE, RequestHead.CONTROL_STREAM);
    var stream = new MultiplexedStream[1];
    stream[0] =
        multiplexer.request(
            head,
            false,
            new Multiplexer.HeadListener() {
              @Override
              public void onHead(Http2Headers answer, boolean end) {
                if (!"200".contentEquals(ResponseHead.status(answer))) {
                  close("the control stream was answered with " + ResponseHead.status(answer));
                  return;
                }
                stream[0].begin(StreamChannel.AtPeersEnd.TELL, initializer());
              }

              @Override
              public void onNoHead(IOException cause, boolean untouched) {
                close("no control stream: " + cause.getMessage());
              }
            });
  }

  private ChannelHandler initializer() {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel control) {
        listener.onControlStream(control);
      }
    };
  }

  // ---- streams

  @Override
  public Future<OpenStream> open(
      ConnectRequest request, ChannelHandler initializer, long deadlineNs) {
    Promise<OpenStream> promise = eventLoop().newPromise();
    onLoop(() -> openOnLoop(request, initializer, deadlineNs, promise));
    return promise;
  }

  private void openOnLoop(
      ConnectRequest request,
      ChannelHandler initializer,
      long deadlineNs,
      Promise<OpenStream> promise) {
    if (promise.isDone()) {
      return;
    }
    if (!takesStreams()) {
      promise.tryFailure(StreamFailure.notOpened("the connection takes no more streams", null));
      return;
    }
    var opening = new Opening(request, initializer, promise);
    opening.stream = multiplexer.request(RequestHead.write(request), false, opening);
    openStreams.incrementAndGet();
    var expiry =
        connection
            .eventLoop()
            .schedule(
                () -> promise.tryFailure(StreamFailure.timedOut("no answer from the connector")),
                Math.max(0, deadlineNs - context.ticker().nowNs()),
                TimeUnit.NANOSECONDS);
    promise.addListener(
        done -> {
          expiry.cancel(false);
          if (!done.isSuccess()) {
            openStreams.decrementAndGet();
            opening.stream().abandon(Http2Error.CANCEL);
          }
        });
  }

  /** A stream that has been asked for with {@link #open}. */
  private final class Opening implements Multiplexer.HeadListener {
    private final ConnectRequest request;
    private final ChannelHandler initializer;
    private final Promise<OpenStream> promise;
    private @Nullable MultiplexedStream stream;

    Opening(ConnectRequest request, ChannelHandler initializer, Promise<OpenStream> promise) {
      this.request = request;
      this.initializer = initializer;
      this.promise = promise;
    }

    MultiplexedStream stream() {
      if (stream == null) {
        throw new IllegalStateException("not asked for yet");
      }
      return stream;
    }

    @Override
    public void onHead(Http2Headers head, boolean end) {
      var answer = ResponseHead.read(request.type(), head);
      if (!answer.error().isEmpty()) {
        promise.tryFailure(StreamFailure.refused("the connector refused", answer));
        return;
      }
      if (!promise.setUncancellable()) {
        return; // given up a moment ago: its listener has abandoned the stream
      }
      var channel = stream().begin(StreamChannel.AtPeersEnd.CLOSE, initializer);
      channel.closeFuture().addListener(closed -> openStreams.decrementAndGet());
      promise.setSuccess(new OpenStream(answer, channel));
    }

    @Override
    public void onNoHead(IOException cause, boolean untouched) {
      promise.tryFailure(noHead(cause, untouched));
    }
  }

  private static StreamFailure noHead(IOException cause, boolean untouched) {
    var message = String.valueOf(cause.getMessage());
    return untouched ? StreamFailure.notOpened(message, cause) : StreamFailure.lost(message, cause);
  }

  @Override
  public Future<Channel> exchange(ConnectRequest request, ChannelHandler initializer) {
    Promise<Channel> promise = eventLoop().newPromise();
    onLoop(() -> exchangeOnLoop(request, initializer, promise));
    return promise;
  }

  private void exchangeOnLoop(
      ConnectRequest request, ChannelHandler initializer, Promise<Channel> promise) {
    if (!promise.setUncancellable()) {
      return;
    }
    if (!takesStreams()) {
      promise.setFailure(StreamFailure.notOpened("the connection takes no more streams", null));
      return;
    }
    var exchange = new Exchanging(request);
    var stream = multiplexer.request(RequestHead.write(request), false, exchange);
    openStreams.incrementAndGet();
    var channel = stream.begin(StreamChannel.AtPeersEnd.CLOSE, initializer);
    exchange.channel = channel;
    channel.closeFuture().addListener(closed -> openStreams.decrementAndGet());
    promise.setSuccess(channel);
  }

  /** A stream whose answer comes as its channel's first message. */
  private final class Exchanging implements Multiplexer.HeadListener {
    private final ConnectRequest request;
    private @Nullable StreamChannel channel;

    Exchanging(ConnectRequest request) {
      this.request = request;
    }

    @Override
    public void onHead(Http2Headers head, boolean end) {
      if (channel != null) {
        channel.arrive(ResponseHead.read(request.type(), head));
        multiplexer.hasNews(channel);
      }
    }

    @Override
    public void onNoHead(IOException cause, boolean untouched) {
      if (channel != null) {
        channel.fail(noHead(cause, untouched));
      }
    }
  }

  private boolean takesStreams() {
    return !goingAway && connection.isActive() && multiplexer.takesStreams();
  }

  @Override
  public Future<Channel> openRpc(ChannelHandler initializer) {
    return eventLoop()
        .newFailedFuture(StreamFailure.notOpened("HTTP/2 has no streams for calls", null));
  }

  @Override
  public Future<ConfigurationOutcome> updateConfiguration(
      int version, byte[] json, long deadlineNs) {
    Promise<ConfigurationOutcome> promise = eventLoop().newPromise();
    onLoop(
        () ->
            new ConfigurationPush(multiplexer, promise)
                .send(version, json, deadlineNs - context.ticker().nowNs()));
    return promise;
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
  public void onRequest(MultiplexedStream stream, Http2Headers head, boolean end) {
    throw new IllegalStateException("a client is asked for nothing");
  }

  @Override
  public void onGoingAway(String why) {
    goingAway = true;
  }

  @Override
  public void onClosed(String why) {
    if (pinging != null) {
      pinging.cancel(false);
    }
    listener.onClosed(why);
  }

  // ---- Carrier

  private void onLoop(Runnable action) {
    if (connection.eventLoop().inEventLoop()) {
      action.run();
    } else {
      connection.eventLoop().execute(action);
    }
  }

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
    onLoop(
        () -> {
          if (connection.isActive()) {
            multiplexer.close(reason);
          }
        });
  }
}
