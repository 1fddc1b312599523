package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** The last handler of a stream's channel: keeps what happens to it. */
final class NearEnd extends ChannelInboundHandlerAdapter {

  final List<String> events = new CopyOnWriteArrayList<>();
  final AtomicLong octets = new AtomicLong();
  final CompletableFuture<Void> inactive = new CompletableFuture<>();
  private volatile Channel channel;

  Channel channel() {
    return channel;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel = ctx.channel();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    events.add("active");
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    octets.addAndGet(((ByteBuf) message).readableBytes());
    ((ByteBuf) message).release();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    events.add("exception");
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    events.add("inactive");
    inactive.complete(null);
  }
}
