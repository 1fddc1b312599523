package io.vpc4j.mesh;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;

/** Gives each accepted channel its pipeline and its event loop. */
final class Acceptor extends ChannelInboundHandlerAdapter {

  private final EventLoop eventLoop;
  private final ChannelHandler initializer;

  Acceptor(EventLoop eventLoop, ChannelHandler initializer) {
    this.eventLoop = eventLoop;
    this.initializer = initializer;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var accepted = (Channel) message;
    accepted.pipeline().addLast(initializer);
    eventLoop.register(accepted);
  }
}
