package io.vpc4j.mesh.node;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One side of two streams that are one: what comes here goes there. While there cannot take more,
 * here is not read; an end goes on as an end, a reset as a reset. Both are of one event loop.
 */
final class Relay extends ChannelDuplexHandler {

  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  private final Channel other;

  private Relay(Channel other) {
    this.other = other;
  }

  /** Joins two channels that are not being read yet, and begins to read them. */
  static void join(Channel a, Channel b) {
    for (var channel : new Channel[] {a, b}) {
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
    a.pipeline().addLast(new Relay(b));
    b.pipeline().addLast(new Relay(a));
    a.config().setAutoRead(true);
    b.config().setAutoRead(true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    other.write(message, other.voidPromise());
    if (!other.isWritable()) {
      other.flush();
      context.channel().config().setAutoRead(other.isWritable());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    other.flush();
    context.fireChannelReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    other.config().setAutoRead(context.channel().isWritable());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE && other instanceof DuplexChannel duplex) {
      other.flush();
      duplex.shutdownOutput();
      if (duplex.isInputShutdown()) {
        context.close();
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("{} ends: {}", context.channel(), cause.toString());
    other.config().setOption(ChannelOption.SO_LINGER, 0);
    other.close();
    context.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    other.flush();
    other.close();
  }
}
