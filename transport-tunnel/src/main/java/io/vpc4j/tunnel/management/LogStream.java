package io.vpc4j.tunnel.management;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.util.ReferenceCountUtil;

/**
 * A connector's log, as messages of a WebSocket whose frames are spoken here. [T] 7.8; RFC 6455
 *
 * <p>Confined to its stream's loop.
 */
public final class LogStream extends ChannelInboundHandlerAdapter {

  /** The longest message that is read; a connector sends one line in each. */
  static final int MAX_MESSAGE_OCTETS = 1 << 20;

  /** Who hears of it. */
  public interface Events {
    /** A message has come, JSON. */
    void onMessage(String json);

    /** Nothing more comes. Called once. */
    void onEnd(String why);
  }

  private final Events events;
  private boolean started;
  private String why = "the stream ended";

  private LogStream(Events events) {
    this.events = events;
  }

  static ChannelHandler initializer(Events events) {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        var config =
            WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(MAX_MESSAGE_OCTETS)
                .expectMaskedFrames(false) // RFC 6455 5.1: a server's are not
                .allowExtensions(false)
                .build();
        channel
            .pipeline()
            .addLast(
                new WebSocket13FrameEncoder(true),
                new WebSocket13FrameDecoder(config),
                new WebSocketFrameAggregator(MAX_MESSAGE_OCTETS),
                new LogStream(events));
      }
    };
  }

  /**
   * Asks for lines from {@code level} on; from now on the events are told. On the loop.
   *
   * @return whether the stream is still there
   */
  static boolean start(Channel channel, String level) {
    if (!channel.isActive()) {
      return false;
    }
    channel.pipeline().get(LogStream.class).started = true;
    var command = "{\"type\":\"start_streaming\",\"filters\":{\"level\":\"" + level + "\"}}";
    channel.writeAndFlush(new TextWebSocketFrame(command));
    return true;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof TextWebSocketFrame text) {
        onText(text.text());
      } else if (message instanceof PingWebSocketFrame ping) {
        ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
      } else if (message instanceof CloseWebSocketFrame close) {
        why = "the connector ended it: " + close.statusCode() + " " + close.reasonText();
        ctx.close();
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void onText(String json) {
    if (started) {
      events.onMessage(json);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    why = String.valueOf(cause.getMessage());
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (started) {
      events.onEnd(why);
    }
  }
}
