package io.vpc4j.tunnel.carrier.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers messages and events. */
final class Messages extends ChannelInboundHandlerAdapter {
  final List<Object> seen = new CopyOnWriteArrayList<>();
  volatile String text = "";
  final CompletableFuture<Void> inactive = new CompletableFuture<>();

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf octets) {
      text = text.concat(octets.toString(StandardCharsets.US_ASCII)); // one thread writes
      octets.release();
    } else {
      seen.add(message);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    seen.add(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    inactive.complete(null);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    seen.add(cause);
  }
}
