package io.vpc4j.transport.loopback;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.net.SocketException;

/** A fault: the far end resets the connection once it has sent so many octets. */
final class ResetAfter extends ChannelInboundHandlerAdapter {

  private long leftOctets;
  private boolean reset;

  ResetAfter(long octets) {
    leftOctets = octets;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    context.fireChannelActive();
    if (leftOctets == 0) {
      reset(context);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var buffer = (ByteBuf) message;
    if (reset) {
      buffer.release();
      return;
    }
    if (buffer.readableBytes() < leftOctets) {
      leftOctets -= buffer.readableBytes();
      context.fireChannelRead(buffer);
      return;
    }
    buffer.writerIndex(buffer.readerIndex() + (int) leftOctets);
    leftOctets = 0;
    context.fireChannelRead(buffer);
    context.fireChannelReadComplete();
    reset(context);
  }

  private void reset(ChannelHandlerContext context) {
    reset = true;
    context
        .channel()
        .config()
        .setOption(ChannelOption.SO_LINGER, 0); // so the local end sees one, too
    context.fireExceptionCaught(new SocketException("Connection reset, as simulated"));
    context.close();
  }
}
