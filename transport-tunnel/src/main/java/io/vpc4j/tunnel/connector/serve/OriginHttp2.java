package io.vpc4j.tunnel.connector.serve;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.tunnel.carrier.Windows;
import io.vpc4j.tunnel.connector.config.OriginOptions;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection to an origin: the last handler of its channel, and what opens streams on
 * it. RFC 9113
 *
 * <p>A stream's window is {@link #STREAM_WINDOW_OCTETS}, which is what a stalled one holds at most;
 * credit of the connection is returned as octets arrive, so that stalled streams starve nobody. A
 * connection from which nothing has come for {@link #SILENCE_SECONDS} is asked with a PING, and
 * closed after as long again. One that carries no stream is closed after {@link
 * OriginOptions#keepAliveTimeout}.
 *
 * <p>Confined to its loop.
 */
final class OriginHttp2 extends ChannelInboundHandlerAdapter {

  /** What an origin may send on one stream before it has been passed on. */
  static final int STREAM_WINDOW_OCTETS = 256 << 10;

  private static final int CONNECTION_WINDOW_OCTETS = 4 << 20;
  private static final int MAX_HEADERS_OCTETS = 64 << 10;
  private static final int SILENCE_SECONDS = 15;

  /** For the first SETTINGS, which say how many streams there may be. */
  private static final int SETTINGS_SECONDS = 10;

  /** Then another connection is made: stream identifiers end at 2^31. RFC 9113 5.1.1 */
  private static final int MAX_REQUESTS = 1 << 29;

  private final Http2FrameCodec codec;
  private final OriginOptions options;
  private final Promise<Channel> ready;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Future<?> expiry;
  private int streams;
  private int requests;
  private boolean goingAway;
  private boolean asked;

  private OriginHttp2(Http2FrameCodec codec, OriginOptions options, Promise<Channel> ready) {
    this.codec = codec;
    this.options = options;
    this.ready = ready;
  }

  /**
   * Makes a channel whose handshake has chosen {@code h2} speak it.
   *
   * @param ready completed with the channel once streams may be opened; failed if it closes before
   */
  static void install(Channel channel, OriginOptions options, Promise<Channel> ready) {
    var settings =
        Http2Settings.defaultSettings()
            .pushEnabled(false)
            .initialWindowSize(STREAM_WINDOW_OCTETS)
            .maxHeaderListSize(MAX_HEADERS_OCTETS);
    var codec =
        Http2FrameCodecBuilder.forClient()
            .initialSettings(settings)
            .gracefulShutdownTimeoutMillis(0)
            .build();
    var flow = new DefaultHttp2LocalFlowController(codec.connection(), 0.5f, true);
    codec.connection().local().flowController(flow.frameWriter(codec.encoder().frameWriter()));
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
    channel
        .pipeline()
        .addLast(
            new IdleStateHandler(SILENCE_SECONDS, 0, 0, TimeUnit.SECONDS),
            codec,
            new Http2MultiplexHandler(new NoPush()),
            new OriginHttp2(codec, options, ready));
  }

  /** The connection of a channel, if HTTP/2 is spoken on it. */
  static @Nullable OriginHttp2 of(Channel channel) {
    return channel.pipeline().get(OriginHttp2.class);
  }

  private ChannelHandlerContext context() {
    if (context == null) {
      throw new IllegalStateException("not in a pipeline yet");
    }
    return context;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Http2Exception {
    context = ctx;
    codec
        .decoder()
        .flowController()
        .incrementWindowSize(
            codec.connection().connectionStream(),
            CONNECTION_WINDOW_OCTETS - 65_535); // RFC 9113 6.9.2: what it begins with
    ctx.flush();
    ctx.channel().config().setAutoRead(true);
    ctx.executor().schedule(this::onSettingsMissing, SETTINGS_SECONDS, TimeUnit.SECONDS);
  }

  private void onSettingsMissing() {
    if (ready.tryFailure(new IOException("it sent no SETTINGS: timed out"))) {
      context().close();
    }
  }

  // ---- streams

  boolean isOpen() {
    return context().channel().isActive() && !goingAway;
  }

  /** Whether the origin takes one more stream. */
  boolean hasRoom() {
    return isOpen()
        && requests < MAX_REQUESTS
        && streams < codec.connection().local().maxActiveStreams();
  }

  /** Opens a stream: a channel that reads nothing on its own, with the objects of HTTP/1.1. */
  void open(Promise<Origins.Connection> promise) {
    streams++;
    requests++;
    if (expiry != null) {
      expiry.cancel(false);
      expiry = null;
    }
    new Http2StreamChannelBootstrap(context().channel())
        .option(ChannelOption.AUTO_READ, false)
        .option(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(Windows.WRITE_LOW_OCTETS, Windows.WRITE_HIGH_OCTETS))
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel stream) {
                stream.pipeline().addLast(new OriginHttp2Codec());
              }
            })
        .open()
        .addListener((Future<Http2StreamChannel> opened) -> onOpened(opened, promise));
  }

  private void onOpened(Future<Http2StreamChannel> opened, Promise<Origins.Connection> promise) {
    if (!opened.isSuccess()) {
      onStreamEnd();
      promise.tryFailure(opened.cause());
      return;
    }
    var stream = opened.getNow();
    stream.closeFuture().addListener(closed -> onStreamEnd());
    if (!promise.trySuccess(new Origins.Connection(stream, false))) {
      stream.close();
    }
  }

  private void onStreamEnd() {
    streams--;
    if (streams == 0) {
      onUnused();
    }
  }

  /** Called with no stream there. */
  private void onUnused() {
    var ctx = context();
    if (goingAway
        || requests >= MAX_REQUESTS
        || options.keepAliveConnections() == 0
        || options.keepAliveTimeout().isZero()) {
      ctx.close();
    } else if (ctx.channel().isActive()) {
      expiry =
          ctx.executor()
              .schedule(
                  () -> {
                    ctx.close();
                  },
                  options.keepAliveTimeout().toNanos(),
                  TimeUnit.NANOSECONDS);
    }
  }

  // ---- the connection

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    asked = false;
    if (message instanceof Http2SettingsFrame && ready.trySuccess(ctx.channel())) {
      if (streams == 0) {
        onUnused(); // whoever wanted it may have left
      }
    } else if (message instanceof Http2GoAwayFrame) {
      goingAway = true;
      if (streams == 0) {
        ctx.close();
      }
    }
    ReferenceCountUtil.release(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof IdleStateEvent) {
      if (asked) {
        ctx.close();
      } else {
        asked = true;
        ctx.writeAndFlush(new DefaultHttp2PingFrame(0, false));
      }
    } else if (event instanceof ChannelInputShutdownEvent) {
      ctx.close();
    }
    ReferenceCountUtil.release(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ready.tryFailure(cause);
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (expiry != null) {
      expiry.cancel(false);
    }
    ready.tryFailure(new IOException("the origin closed the connection before its SETTINGS"));
  }

  /** A stream that an origin opens is a fault of the origin's: push has been declined. */
  @Sharable
  private static final class NoPush extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }
  }
}
