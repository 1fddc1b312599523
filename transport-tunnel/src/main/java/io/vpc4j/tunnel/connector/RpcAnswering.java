package io.vpc4j.tunnel.connector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.rpc.CallToken;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcLimits;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.rpc.RpcServer;
import io.vpc4j.tunnel.rpc.ServerEvent;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers the calls of an edge on a stream it has opened, and ends the stream after the edge, or
 * after {@link #LIFETIME_NS} whatever happens. [C] 4.6
 *
 * <p>Confined to the stream's loop.
 */
final class RpcAnswering extends ChannelInboundHandlerAdapter {

  /** The original gives 5 s. */
  static final long LIFETIME_NS = TimeUnit.SECONDS.toNanos(10);

  private final RpcServer server = new RpcServer(RpcServer.CONNECTOR_STREAM, RpcLimits.DEFAULT);
  private final Function<RpcCall, Future<RpcReply>> answers;
  private @Nullable Future<?> lifetime;
  private boolean over;

  RpcAnswering(Function<RpcCall, Future<RpcReply>> answers) {
    this.answers = answers;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    lifetime =
        ctx.executor()
            .schedule(
                () -> {
                  server.close();
                  drain(ctx);
                },
                LIFETIME_NS,
                TimeUnit.NANOSECONDS);
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
    drain(ctx);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      server.onEnd();
      drain(ctx);
    }
    super.userEventTriggered(ctx, event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    over = true;
    if (lifetime != null) {
      lifetime.cancel(false);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close(); // a reset: nobody waits for an answer
  }

  private void drain(ChannelHandlerContext ctx) {
    var ended = false;
    for (var event = server.pollEvent(); event != null; event = server.pollEvent()) {
      if (event instanceof ServerEvent.Called called) {
        reply(ctx, called.token(), called.call());
      } else if (event instanceof ServerEvent.Ended) {
        ended = true;
      }
    }
    if (over) {
      return;
    }
    for (var part = server.pollOctets(); part != null; part = server.pollOctets()) {
      ctx.write(Unpooled.wrappedBuffer(part), ctx.voidPromise());
    }
    ctx.flush();
    if (ended) {
      over = true;
      ctx.writeAndFlush(LastOctets.none()).addListener(written -> ctx.close());
    }
  }

  private void reply(ChannelHandlerContext ctx, CallToken token, RpcCall call) {
    answers
        .apply(call)
        .addListener(
            (Future<RpcReply> answer) -> {
              if (answer.isSuccess()) {
                server.reply(token, answer.getNow());
                drain(ctx);
              }
            });
  }
}
