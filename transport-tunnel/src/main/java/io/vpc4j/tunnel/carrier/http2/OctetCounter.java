package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/** Counts what passes between TLS and HTTP/2. Written on the loop, read anywhere. */
final class OctetCounter extends ChannelDuplexHandler {

  private volatile long in;
  private volatile long out;

  long in() {
    return in;
  }

  long out() {
    return out;
  }

  @Override
  @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (message instanceof ByteBuf octets) {
      in += octets.readableBytes();
    }
    super.channelRead(ctx, message);
  }

  @Override
  @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
      throws Exception {
    if (message instanceof ByteBuf octets) {
      out += octets.readableBytes();
    }
    super.write(ctx, message, promise);
  }
}
