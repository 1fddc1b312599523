package io.vpc4j.tunnel.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.vpc4j.tunnel.rpc.CallToken;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcEnd;
import io.vpc4j.tunnel.rpc.RpcLimits;
import io.vpc4j.tunnel.rpc.RpcMethod;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.rpc.RpcServer;
import io.vpc4j.tunnel.rpc.ServerEvent;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Drives an {@link RpcServer} with the octets of a stream. Confined to the stream's loop.
 *
 * <p>A peer that does not read its answers is not read from.
 */
final class RpcServing extends ChannelInboundHandlerAdapter {

  /** Who answers. */
  interface Callee {
    /** A call, to be answered with {@link RpcServing#reply}, now or later on the loop. */
    void onCall(RpcServing stream, CallToken token, RpcCall call);

    /** The stream is over. */
    void onEnd(RpcEnd end);
  }

  private final RpcServer server;
  private final Callee callee;
  private @Nullable ChannelHandlerContext ctx;

  RpcServing(Set<RpcMethod> served, Callee callee) {
    server = new RpcServer(served, RpcLimits.DEFAULT);
    this.callee = callee;
  }

  void reply(CallToken token, RpcReply reply) {
    server.reply(token, reply);
    drain();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    var octets = (ByteBuf) message;
    try {
      for (var part : octets.nioBuffers()) {
        server.onOctets(part);
      }
    } finally {
      octets.release();
    }
    drain();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      server.onEnd();
      drain();
    }
    super.userEventTriggered(ctx, event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    server.onEnd();
    drain();
    super.channelInactive(ctx);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
    ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    super.channelWritabilityChanged(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close(); // a reset; what ended is told by channelInactive
  }

  private void drain() {
    for (var event = server.pollEvent(); event != null; event = server.pollEvent()) {
      if (event instanceof ServerEvent.Called called) {
        callee.onCall(this, called.token(), called.call());
      } else if (event instanceof ServerEvent.Ended ended) {
        callee.onEnd(ended.end());
      }
    }
    var out = ctx;
    if (out == null) {
      return;
    }
    var wrote = false;
    for (var part = server.pollOctets(); part != null; part = server.pollOctets()) {
      out.write(Unpooled.wrappedBuffer(part), out.voidPromise());
      wrote = true;
    }
    if (wrote) {
      out.flush();
    }
  }
}
