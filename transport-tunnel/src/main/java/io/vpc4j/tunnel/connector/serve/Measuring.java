package io.vpc4j.tunnel.connector.serve;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.function.Consumer;

/**
 * Collects the body of a request whose origin takes no chunks ({@code disableChunkedEncoding}) and
 * whose sender gave no length, so that it can be told. Bounded: what is larger is refused.
 *
 * <p>{@code cloudflared} sends such a body to the connection's end, with neither a length nor
 * chunks, which no origin can tell from a broken one.
 */
final class Measuring extends ChannelInboundHandlerAdapter {

  /** The largest body that is collected. */
  static final int MAX_OCTETS = 1 << 20;

  /** The parts are put together in one buffer from this many on. */
  private static final int MAX_PARTS = 64;

  private final Consumer<ByteBuf> whole;
  private final Runnable tooLarge;
  private final CompositeByteBuf body;
  private boolean over;

  /**
   * Begins.
   *
   * @param whole takes the body over
   * @param tooLarge is called in place of it
   */
  Measuring(CompositeByteBuf body, Consumer<ByteBuf> whole, Runnable tooLarge) {
    this.body = body;
    this.whole = whole;
    this.tooLarge = tooLarge;
  }

  /** An empty body, to be filled. */
  static CompositeByteBuf empty(ByteBufAllocator allocator) {
    return allocator.compositeBuffer(MAX_PARTS);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var octets = (ByteBuf) message;
    if (over) {
      octets.release();
    } else if (octets.readableBytes() > MAX_OCTETS - body.readableBytes()) {
      octets.release();
      drop();
      tooLarge.run();
    } else {
      body.addComponent(true, octets);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.read();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !over) {
      over = true;
      whole.accept(body);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close(); // the edge has given the request up
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    drop();
  }

  private void drop() {
    if (!over) {
      over = true;
      body.release();
    }
  }
}
