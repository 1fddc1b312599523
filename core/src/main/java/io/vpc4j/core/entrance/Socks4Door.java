package io.vpc4j.core.entrance;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.socksx.v4.DefaultSocks4CommandResponse;
import io.netty.handler.codec.socksx.v4.Socks4CommandRequest;
import io.netty.handler.codec.socksx.v4.Socks4CommandStatus;
import io.netty.handler.codec.socksx.v4.Socks4CommandType;
import io.netty.handler.codec.socksx.v4.Socks4ServerDecoder;
import io.netty.handler.codec.socksx.v4.Socks4ServerEncoder;

/**
 * SOCKS4 and 4a: {@code CONNECT}. It has no password, so an entrance with credentials refuses it.
 */
final class Socks4Door extends SimpleChannelInboundHandler<Socks4CommandRequest> {

  private final Visit visit;
  private boolean dialling;

  Socks4Door(Visit visit) {
    this.visit = visit;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, Socks4CommandRequest command) {
    if (command.decoderResult().isFailure()) {
      context.close();
      return;
    }
    if (visit.guard().asks()) {
      refuse(context, Socks4CommandStatus.IDENTD_AUTH_FAILURE);
      return;
    }
    if (!command.type().equals(Socks4CommandType.CONNECT)) {
      refuse(context, Socks4CommandStatus.REJECTED_OR_FAILED);
      return;
    }
    context.channel().config().setAutoRead(false);
    dialling = true; // what is sent early passes by this handler, and the relay keeps it
    visit.dialRaw(
        command.dstAddr(),
        command.dstPort(),
        upstream -> {
          context.writeAndFlush(new DefaultSocks4CommandResponse(Socks4CommandStatus.SUCCESS));
          var pipeline = context.pipeline();
          pipeline.remove(Socks4ServerEncoder.class);
          pipeline.remove(this);
          pipeline.remove(Socks4ServerDecoder.class); // hands on what the client sent early
        },
        why -> refuse(context, Socks4CommandStatus.REJECTED_OR_FAILED));
  }

  private static void refuse(ChannelHandlerContext context, Socks4CommandStatus status) {
    context
        .writeAndFlush(new DefaultSocks4CommandResponse(status))
        .addListener(said -> context.close());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !dialling) {
      context.close();
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
