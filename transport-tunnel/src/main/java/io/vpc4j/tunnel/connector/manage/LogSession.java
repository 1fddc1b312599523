package io.vpc4j.tunnel.connector.manage;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.ops.OpsClient;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket on which the log is asked for, and streamed. [C] 7.8; RFC 6455
 *
 * <p>Waits for {@code start_streaming}, at most {@value #IDLE_MINUTES} minutes, and again after
 * {@code stop_streaming}. Lines that the peer does not take are dropped once {@value #MAX_WAITING}
 * wait. Confined to its stream's loop but for {@link #offer} and {@link #supersede}.
 */
final class LogSession extends ChannelInboundHandlerAdapter {

  /** Lines that wait to be sent. */
  static final int MAX_WAITING = 30;

  /** The longest command that is read. */
  static final int MAX_COMMAND_OCTETS = 64 << 10;

  private static final int IDLE_MINUTES = 5;
  private static final int PING_SECONDS = 15;

  // [C] 7.8; RFC 6455 7.4.1
  private static final int NORMAL = 1000;
  private static final int UNSUPPORTED = 1003;
  private static final int INVALID_COMMAND = 4001;
  private static final int LIMIT_EXCEEDED = 4002;
  private static final int IDLE = 4003;

  private final LogStreams streams;
  private final String actor;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile LogFilters filters = LogFilters.ALL;
  private volatile @Nullable Channel channel;
  private @Nullable Future<?> pinging;
  private @Nullable Future<?> idle;
  private boolean closing;

  LogSession(LogStreams streams, String actor) {
    this.streams = streams;
    this.actor = actor;
  }

  /** Speaks WebSocket on a stream. */
  ChannelHandler initializer() {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel made) {
        var config =
            WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(MAX_COMMAND_OCTETS)
                .expectMaskedFrames(true) // RFC 6455 5.1: a client's are
                .allowExtensions(false)
                .build();
        made.pipeline()
            .addLast(
                new WebSocket13FrameEncoder(false),
                new WebSocket13FrameDecoder(config),
                new WebSocketFrameAggregator(MAX_COMMAND_OCTETS),
                LogSession.this);
      }
    };
  }

  String actor() {
    return actor;
  }

  LogFilters filters() {
    return filters;
  }

  // ---- any thread

  /** Sends a line, or drops it where too many wait. */
  void offer(String json) {
    var to = channel;
    if (to == null || waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      return;
    }
    try {
      to.eventLoop()
          .execute(
              () ->
                  to.writeAndFlush(new TextWebSocketFrame(json))
                      .addListener(written -> waiting.decrementAndGet()));
    } catch (RejectedExecutionException e) {
      waiting.decrementAndGet(); // everything is ending, and nobody reads it any more
    }
  }

  /** Another session has its place. */
  void supersede() {
    var to = channel;
    if (to != null && !to.eventLoop().isShuttingDown()) {
      to.eventLoop().execute(() -> close(to, NORMAL, "another session has begun"));
    }
  }

  // ---- the peer

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    channel = ctx.channel();
    pinging =
        ctx.executor()
            .scheduleAtFixedRate(
                () -> ctx.writeAndFlush(new PingWebSocketFrame()),
                PING_SECONDS,
                PING_SECONDS,
                TimeUnit.SECONDS);
    waitForCommand(ctx.channel());
    ctx.fireChannelActive();
  }

  private void waitForCommand(Channel on) {
    idle =
        on.eventLoop()
            .schedule(
                () -> close(on, IDLE, "session was idle for too long"),
                IDLE_MINUTES,
                TimeUnit.MINUTES);
  }

  private void stopWaiting() {
    if (idle != null) {
      idle.cancel(false);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof TextWebSocketFrame text) {
        onCommand(ctx.channel(), text.text());
      } else if (message instanceof PingWebSocketFrame ping) {
        ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
      } else if (message instanceof CloseWebSocketFrame) {
        close(ctx.channel(), NORMAL, "");
      } else if (message instanceof WebSocketFrame && !(message instanceof PongWebSocketFrame)) {
        close(ctx.channel(), UNSUPPORTED, "invalid message type was provided");
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void onCommand(Channel from, String json) {
    Map<String, Object> command;
    try {
      command = OpsClient.tree("a command", json);
    } catch (IOException e) {
      close(from, UNSUPPORTED, "a command is a JSON object");
      return;
    }
    var type = command.getOrDefault("type", "");
    if (type.equals("start_streaming")) {
      start(from, command.get("filters"));
    } else if (type.equals("stop_streaming")) {
      streams.end(this);
      stopWaiting();
      waitForCommand(from);
    } else {
      close(from, UNSUPPORTED, "invalid client message type was provided");
    }
  }

  private void start(Channel from, @Nullable Object wanted) {
    var read =
        wanted == null
            ? Optional.of(LogFilters.ALL)
            : wanted instanceof Map<?, ?> map ? LogFilters.read(map) : Optional.<LogFilters>empty();
    if (read.isEmpty()) {
      close(from, INVALID_COMMAND, "expected start streaming as first event");
      return;
    }
    filters = read.get();
    if (streams.begin(this)) {
      stopWaiting();
    } else {
      close(from, LIMIT_EXCEEDED, "limit exceeded for streaming sessions");
    }
  }

  private void close(Channel on, int code, String reason) {
    if (!closing) {
      closing = true;
      streams.end(this);
      on.writeAndFlush(new CloseWebSocketFrame(code, reason)).addListener(written -> on.close());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.close(); // whoever has ended hears nothing any more
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close(); // no WebSocket, or gone
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    streams.end(this);
    stopWaiting();
    if (pinging != null) {
      pinging.cancel(false);
    }
  }
}
