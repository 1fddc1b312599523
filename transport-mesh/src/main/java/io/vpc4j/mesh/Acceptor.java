package io.vpc4j.mesh;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vpc4j.mesh.node.Mesh;

/** Gives each accepted channel its pipeline and its event loop. */
final class Acceptor extends ChannelInboundHandlerAdapter {

  private final Mesh mesh;
  private final ChannelHandler initializer;

  Acceptor(Mesh mesh, ChannelHandler initializer) {
    this.mesh = mesh;
    this.initializer = initializer;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    mesh.adopt((Channel) message, initializer);
  }
}
