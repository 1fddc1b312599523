package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;

/** Writes whenever it may. */
final class Flood extends ChannelInboundHandlerAdapter {
  private final List<Channel> flooding;

  Flood(List<Channel> flooding) {
    this.flooding = flooding;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    flooding.add(ctx.channel());
    flood(ctx);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    flood(ctx);
  }

  private static void flood(ChannelHandlerContext ctx) {
    while (ctx.channel().isWritable()) {
      ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[32 << 10]));
    }
  }
}
