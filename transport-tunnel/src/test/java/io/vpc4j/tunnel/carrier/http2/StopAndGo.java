package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Asks for one message at a time, each a while after the last, and checks the octets. */
final class StopAndGo extends ChannelInboundHandlerAdapter {
  final CompletableFuture<Void> inactive = new CompletableFuture<>();
  private final Random random;
  volatile int count;
  volatile String fault;

  StopAndGo(Random random) {
    this.random = random;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ctx.channel().config().setAutoRead(false);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    var octets = (ByteBuf) message;
    while (octets.isReadable() && fault == null) {
      if (octets.readByte() != (byte) ((count * 31) >> 3)) {
        fault = "octet " + count;
      }
      var next = count + 1;
      count = next;
    }
    octets.release();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (random.nextInt(4) == 0) {
      ctx.executor().schedule(ctx::read, random.nextInt(3), TimeUnit.MILLISECONDS);
    } else if (random.nextInt(8) == 0) {
      ctx.channel().config().setAutoRead(true);
    } else {
      ctx.channel().config().setAutoRead(false);
      ctx.read();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    inactive.complete(null);
  }
}
