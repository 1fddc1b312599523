package io.vpc4j.core.entrance;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A stream of octets in WebSocket frames, as Miniflare's {@code connect()} carries one: data frames
 * are octets, a close is the end both ways.
 *
 * <p>A clean end is code 1000; a failure is 1011 with the reason, cut to what a close frame holds.
 */
final class FramedOctets extends ChannelDuplexHandler {

  /** RFC 6455 7.4.1. */
  static final int NORMAL = 1000;

  /** RFC 6455 7.4.1, "internal error". */
  static final int FAILED = 1011;

  /** RFC 6455 5.5: a control frame holds 125 octets, two of them the code. */
  private static final int MAX_REASON_OCTETS = 123;

  private @Nullable ChannelHandlerContext context;
  private boolean closeSent;

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public void channelRead(ChannelHandlerContext here, Object message) {
    if (!(message instanceof WebSocketFrame frame)) {
      ReferenceCountUtil.release(message); // the end of the request that led here
      return;
    }
    if (frame instanceof PingWebSocketFrame) {
      here.writeAndFlush(new PongWebSocketFrame(frame.content()));
    } else if (frame instanceof PongWebSocketFrame) {
      frame.release();
    } else if (frame instanceof CloseWebSocketFrame) {
      frame.release();
      here.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      here.channel().close();
    } else {
      here.fireChannelRead(frame.content());
    }
  }

  @Override
  public void write(ChannelHandlerContext here, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf octets && octets.isReadable()) {
      here.write(new BinaryWebSocketFrame(octets), promise);
    } else {
      here.write(message, promise);
    }
  }

  @Override
  public void close(ChannelHandlerContext here, ChannelPromise promise) {
    if (closeSent || !here.channel().isActive()) {
      here.close(promise);
      return;
    }
    closeSent = true;
    here.writeAndFlush(new CloseWebSocketFrame(NORMAL, ""))
        .addListener(sent -> here.close(promise));
  }

  /** Closes with a code and a reason. Any thread. */
  void closeWith(int code, String reason) {
    var here = context;
    if (here != null) {
      here.executor()
          .execute(
              () -> {
                if (!closeSent) {
                  closeSent = true;
                  here.writeAndFlush(new CloseWebSocketFrame(code, cut(reason)))
                      .addListener(sent -> here.close());
                }
              });
    }
  }

  /** At most {@link #MAX_REASON_OCTETS} octets of UTF-8, cut between characters. */
  static String cut(String reason) {
    var octets = reason.getBytes(StandardCharsets.UTF_8);
    if (octets.length <= MAX_REASON_OCTETS) {
      return reason;
    }
    var end = MAX_REASON_OCTETS;
    while (end > 0 && (octets[end] & 0xc0) == 0x80) {
      end--;
    }
    return new String(octets, 0, end, StandardCharsets.UTF_8);
  }
}
