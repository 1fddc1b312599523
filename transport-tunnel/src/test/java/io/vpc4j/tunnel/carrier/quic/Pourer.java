package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicLong;

/** Writes as long as the channel is writable, for ever; counts what it reads. */
final class Pourer extends ChannelInboundHandlerAdapter {

  static final int PIECE_OCTETS = 16 << 10;

  private final AtomicLong read;

  Pourer(AtomicLong read) {
    this.read = read;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    context.fireChannelActive();
    pour(context);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      // From a task: writing from here would nest as deep as there is room.
      context.executor().execute(() -> pour(context));
    }
  }

  private static void pour(ChannelHandlerContext context) {
    while (context.channel().isActive() && context.channel().isWritable()) {
      context.write(QuicPair.zeros(PIECE_OCTETS));
    }
    context.flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    read.addAndGet(((ByteBuf) message).readableBytes());
    ((ByteBuf) message).release();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
