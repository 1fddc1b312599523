package io.vpc4j.tunnel.connector;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.rpc.CallToken;
import io.vpc4j.tunnel.rpc.ClientEvent;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcClient;
import io.vpc4j.tunnel.rpc.RpcLimits;
import io.vpc4j.tunnel.rpc.RpcReply;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Drives an {@link RpcClient} with the octets of a stream. Confined to the stream's loop. */
final class RpcCalling extends ChannelInboundHandlerAdapter {

  private final RpcClient client = new RpcClient(RpcLimits.DEFAULT);
  private final Map<CallToken, Promise<RpcReply>> calls = new HashMap<>();
  private final Runnable onEnd;
  private @Nullable ChannelHandlerContext ctx;
  private boolean ended;

  /**
   * A caller.
   *
   * @param onEnd called once, when the stream is over, unless we ended it
   */
  RpcCalling(Runnable onEnd) {
    this.onEnd = onEnd;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** Calls; fails with {@link IOException} when there is no answer in {@code timeoutNs}. */
  Future<RpcReply> call(RpcCall call, long timeoutNs) {
    var loop = ctx().executor();
    Promise<RpcReply> promise = loop.newPromise();
    if (client.isEnded()) {
      return promise.setFailure(new IOException("the control stream is over"));
    }
    var token = client.call(call);
    calls.put(token, promise);
    var expiry =
        loop.schedule(
            () -> {
              if (promise.tryFailure(new IOException("no answer to " + call.method()))) {
                calls.remove(token);
                client.giveUp(token);
                drain();
              }
            },
            timeoutNs,
            TimeUnit.NANOSECONDS);
    promise.addListener(done -> expiry.cancel(false));
    drain();
    return promise;
  }

  /** Says farewell and ends our side of the stream. */
  void close() {
    if (!ended) {
      ended = true;
      client.close();
      drain();
      ctx().writeAndFlush(LastOctets.none());
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    drain();
    super.channelActive(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    var octets = (ByteBuf) message;
    try {
      for (var part : octets.nioBuffers()) {
        client.onOctets(part);
      }
    } finally {
      octets.release();
    }
    drain();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      client.onEnd();
      drain();
    }
    super.userEventTriggered(ctx, event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    client.onEnd();
    drain();
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close(); // a reset; what ended is told by channelInactive
  }

  private ChannelHandlerContext ctx() {
    if (ctx == null) {
      throw new IllegalStateException("not in a pipeline");
    }
    return ctx;
  }

  private void drain() {
    if (ctx().channel().isActive()) {
      write();
    } // else what is called early is written once the stream is active
    for (var event = client.pollEvent(); event != null; event = client.pollEvent()) {
      onEvent(event);
    }
  }

  private void write() {
    var wrote = false;
    for (var part = client.pollOctets(); part != null; part = client.pollOctets()) {
      ctx().write(Unpooled.wrappedBuffer(part), ctx().voidPromise());
      wrote = true;
    }
    if (wrote) {
      ctx().flush();
    }
  }

  private void onEvent(ClientEvent event) {
    if (event instanceof ClientEvent.Replied replied) {
      var promise = calls.remove(replied.token());
      if (promise != null) {
        promise.trySuccess(replied.reply());
      }
    } else if (event instanceof ClientEvent.Failed failed) {
      var promise = calls.remove(failed.token());
      if (promise != null) {
        promise.tryFailure(new IOException(failed.fault().reason()));
      }
    } else if (!ended) {
      ended = true;
      onEnd.run();
    }
  }
}
