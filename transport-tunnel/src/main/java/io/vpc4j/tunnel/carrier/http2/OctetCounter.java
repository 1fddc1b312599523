package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what passes between TLS and HTTP/2. Written on the loop, read anywhere. */
final class OctetCounter extends ChannelDuplexHandler {

  private final AtomicLong in = new AtomicLong();
  private final AtomicLong out = new AtomicLong();

  long in() {
    return in.get();
  }

  long out() {
    return out.get();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    if (message instanceof ByteBuf octets) {
      in.lazySet(in.get() + octets.readableBytes());
    }
    super.channelRead(ctx, message);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
      throws Exception {
    if (message instanceof ByteBuf octets) {
      out.lazySet(out.get() + octets.readableBytes());
    }
    super.write(ctx, message, promise);
  }
}
