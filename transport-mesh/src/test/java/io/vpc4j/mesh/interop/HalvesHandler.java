package io.vpc4j.mesh.interop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;

/**
 * What a node of ours does opposite {@link Halves}: with nothing to say first, it answers a client
 * that has ended with how much came and its digest; else it says that, ends, and listens on.
 */
final class HalvesHandler extends ChannelInboundHandlerAdapter {

  private final int firstOctets;
  private final MessageDigest digest;
  private long octets;

  /** Says so many octets and ends before it listens; with 0 it listens first. */
  HalvesHandler(int firstOctets) throws NoSuchAlgorithmException {
    this.firstOctets = firstOctets;
    digest = MessageDigest.getInstance("SHA-256");
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws NoSuchAlgorithmException {
    if (firstOctets > 0) {
      var all = new byte[firstOctets];
      new SplittableRandom(firstOctets).nextBytes(all);
      var said = MessageDigest.getInstance("SHA-256").digest(all);
      System.out.println("said=" + Halves.figures(firstOctets, said));
      end(context, all);
    }
  }

  private static void end(ChannelHandlerContext context, byte[] last) {
    context
        .writeAndFlush(Unpooled.wrappedBuffer(last))
        .addListener(written -> ((DuplexChannel) context.channel()).shutdownOutput());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var buffer = (ByteBuf) message;
    octets += buffer.readableBytes();
    digest.update(buffer.nioBuffer());
    buffer.release();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event != ChannelInputShutdownEvent.INSTANCE) {
      return;
    }
    var heard = Halves.figures(octets, digest.digest());
    System.out.println("heard=" + heard);
    if (firstOctets == 0) {
      context
          .writeAndFlush(Unpooled.copiedBuffer(heard, StandardCharsets.US_ASCII))
          .addListener(written -> context.close());
    } else {
      context.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    System.out.println("connection failed: " + cause);
  }
}
