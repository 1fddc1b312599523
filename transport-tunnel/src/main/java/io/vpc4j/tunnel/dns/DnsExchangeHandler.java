package io.vpc4j.tunnel.dns;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.tunnel.dns.DnsEffect.Path;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * Cuts a channel's octets into messages: by their length in two octets on a stream (RFC 7766 8),
 * whole on a UDP session. Holds one message at most, of 65,535 octets at most.
 */
final class DnsExchangeHandler extends ByteToMessageDecoder {

  private static final int LENGTH_OCTETS = 2;

  private final Path path;
  private final Consumer<ByteBuffer> onMessage;
  private final Consumer<String> onFailed;

  DnsExchangeHandler(Path path, Consumer<ByteBuffer> onMessage, Consumer<String> onFailed) {
    this.path = path;
    this.onMessage = onMessage;
    this.onFailed = onFailed;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) throws Exception {
    if (path == Path.STREAM) {
      super.channelRead(context, read);
      return;
    }
    try {
      var datagram = read instanceof DatagramPacket packet ? packet.content() : (ByteBuf) read;
      onMessage.accept(taken(datagram, datagram.readableBytes()));
    } finally {
      ReferenceCountUtil.release(read);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    while (in.readableBytes() >= LENGTH_OCTETS) {
      var length = in.getUnsignedShort(in.readerIndex());
      if (in.readableBytes() < LENGTH_OCTETS + length) {
        return;
      }
      in.skipBytes(LENGTH_OCTETS);
      onMessage.accept(taken(in, length));
    }
  }

  private static ByteBuffer taken(ByteBuf in, int length) {
    var message = new byte[length];
    in.readBytes(message);
    return ByteBuffer.wrap(message);
  }

  /** Queries: on a stream in one write, since some resolvers take a part for all. RFC 7766 8 */
  void send(Channel channel, List<ByteBuffer> messages) {
    if (path == Path.DATAGRAMS) {
      messages.forEach(message -> write(channel, channel.alloc().buffer().writeBytes(message)));
      return;
    }
    var octets = channel.alloc().buffer();
    for (var message : messages) {
      octets.writeShort(message.remaining()).writeBytes(message);
    }
    write(channel, octets);
  }

  private void write(Channel channel, ByteBuf octets) {
    channel
        .writeAndFlush(octets)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                onFailed.accept("the question could not be sent, " + done.cause().getMessage());
              }
            });
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    super.channelInactive(context);
    onFailed.accept("the resolver closed the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    onFailed.accept("the connection to the resolver broke, " + cause.getMessage());
    context.close();
  }
}
