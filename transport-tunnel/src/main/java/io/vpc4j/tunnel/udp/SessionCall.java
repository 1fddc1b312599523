package io.vpc4j.tunnel.udp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.tunnel.rpc.ClientEvent;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcClient;
import io.vpc4j.tunnel.rpc.RpcLimits;
import io.vpc4j.tunnel.rpc.RpcReply;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call on a stream of its own, which is given up after 5 s: no connector keeps it longer but
 * those of before 2024.6.0. [T] 4.6
 *
 * <p>Confined to the stream's loop.
 */
final class SessionCall extends ChannelInboundHandlerAdapter {

  private static final long DEADLINE_SECONDS = 5;

  private final RpcClient client = new RpcClient(RpcLimits.DEFAULT);
  private final RpcCall call;
  private final Consumer<RpcReply> onReply;
  private final Consumer<String> onFailed;
  private @Nullable ScheduledFuture<?> deadline;

  /** Makes the call as soon as the stream is there; one of the two hears of it, once. */
  SessionCall(RpcCall call, Consumer<RpcReply> onReply, Consumer<String> onFailed) {
    this.call = call;
    this.onReply = onReply;
    this.onFailed = onFailed;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    if (context.channel().isActive()) {
      begin(context);
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    begin(context);
    super.channelActive(context);
  }

  private void begin(ChannelHandlerContext context) {
    if (deadline == null) {
      deadline =
          context
              .executor()
              .schedule(
                  () -> {
                    client.close();
                    drain(context);
                  },
                  DEADLINE_SECONDS,
                  TimeUnit.SECONDS);
      client.call(call);
      drain(context);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    var octets = (ByteBuf) read;
    try {
      for (var part : octets.nioBuffers()) {
        client.onOctets(part);
      }
    } finally {
      octets.release();
    }
    drain(context);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      client.onEnd();
      drain(context);
    }
    super.userEventTriggered(context, event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    client.onEnd();
    drain(context);
    super.channelInactive(context);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close(); // a reset; what has become of the call is told by channelInactive
  }

  private void drain(ChannelHandlerContext context) {
    var over = false;
    for (var event = client.pollEvent(); event != null; event = client.pollEvent()) {
      if (event instanceof ClientEvent.Replied replied) {
        over = true;
        onReply.accept(replied.reply());
      } else if (event instanceof ClientEvent.Failed failed) {
        over = true;
        onFailed.accept(failed.fault().reason());
      }
    }
    if (over) {
      client.close(); // says farewell, unless it is over already
    }
    for (var out = client.pollOctets(); out != null; out = client.pollOctets()) {
      context.write(Unpooled.wrappedBuffer(out), context.voidPromise());
    }
    context.flush();
    if (client.isEnded()) {
      if (deadline != null) {
        deadline.cancel(false);
      }
      context.close();
    }
  }
}
