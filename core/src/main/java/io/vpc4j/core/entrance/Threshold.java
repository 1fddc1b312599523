package io.vpc4j.core.entrance;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.socksx.v4.Socks4ServerDecoder;
import io.netty.handler.codec.socksx.v4.Socks4ServerEncoder;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5ServerEncoder;
import java.util.List;

/**
 * Tells the protocols of one port apart by the first octet: 5 is SOCKS5 (RFC 1928 3), 4 is SOCKS4,
 * anything else has to be HTTP. Leaves as soon as it knows.
 */
final class Threshold extends ByteToMessageDecoder {

  private final Visit visit;

  Threshold(Visit visit) {
    this.visit = visit;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    var pipeline = context.pipeline();
    switch (in.getByte(in.readerIndex())) {
      case 5 ->
          pipeline.addLast(
              Socks5ServerEncoder.DEFAULT,
              new Socks5InitialRequestDecoder(),
              new Socks5Door(visit));
      case 4 ->
          pipeline.addLast(
              Socks4ServerEncoder.INSTANCE, new Socks4ServerDecoder(), new Socks4Door(visit));
      default -> HttpDoor.addTo(pipeline, visit);
    }
    pipeline.remove(this); // hands on what it holds
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    super.userEventTriggered(context, event);
    if (event instanceof ChannelInputShutdownEvent) {
      context.close(); // it left without having said anything
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
