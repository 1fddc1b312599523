package io.vpc4j.core.entrance;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a pair of channels: what comes in here goes out there. The last handler of its
 * pipeline; the other channel has the other one.
 *
 * <p>Auto-read is off. This side is asked for more when the other has taken what came, so a pair
 * holds at most one read and a high-water mark each way. An end of input ends the other's output,
 * where it has such a thing; a reset resets the other.
 *
 * <p>The two channels may be on different event loops: writes, reads and closes are tasks there.
 */
final class Relay extends ChannelInboundHandlerAdapter {

  /**
   * How long a side that has nothing more to say, and cannot be told so, is listened to: the answer
   * to an end of input on a transport without half-close. Counted anew with everything that comes.
   */
  static final long HALF_OPEN_IDLE_NS = TimeUnit.SECONDS.toNanos(60);

  private final Channel other;
  private final AtomicInteger ends;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ScheduledFuture<?> idle;
  private long lastReadNs;

  /**
   * @param ends shared by the two of a pair: how many have seen the end of their input
   */
  Relay(Channel other, AtomicInteger ends) {
    this.other = other;
    this.ends = ends;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    added.channel().config().setAutoRead(false);
    added.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  @Override
  public void channelRead(ChannelHandlerContext here, Object message) {
    lastReadNs = System.nanoTime();
    other.write(message, other.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext here) {
    other.flush();
    if (other.isWritable()) {
      here.read();
    }
  }

  /** This side can take more: let the other read. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext here) {
    if (here.channel().isWritable()) {
      other.read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext here, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded(here);
    }
    here.fireUserEventTriggered(event);
  }

  private void inputEnded(ChannelHandlerContext here) {
    var both = ends.incrementAndGet() == 2;
    other
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            gone -> {
              if (both) {
                other.close();
                closeBehind(here.channel());
              } else {
                endOutput(here.channel());
              }
            });
  }

  private void endOutput(Channel ended) {
    var framed = other.pipeline().get(FramedOctets.class);
    var tls = other.pipeline().get(SslHandler.class);
    if (framed != null) {
      other.close(); // a WebSocket ends both ways at once
    } else if (tls != null) {
      tls.closeOutbound();
    } else if (other instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    } else {
      var relay = other.pipeline().get(Relay.class);
      if (relay == null) {
        ended.close();
      } else {
        relay.boundHalfOpen();
      }
    }
  }

  private void boundHalfOpen() {
    var here = context;
    if (here == null) {
      return;
    }
    lastReadNs = System.nanoTime();
    idle =
        here.executor()
            .schedule(() -> checkIdle(here), HALF_OPEN_IDLE_NS, TimeUnit.NANOSECONDS);
  }

  private void checkIdle(ChannelHandlerContext here) {
    var leftNs = HALF_OPEN_IDLE_NS - (System.nanoTime() - lastReadNs);
    if (leftNs <= 0) {
      here.close();
    } else {
      idle = here.executor().schedule(() -> checkIdle(here), leftNs, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext here) {
    stopIdle();
    closeBehind(other);
    here.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext here) {
    stopIdle();
  }

  private void stopIdle() {
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
    reset(other);
    here.close();
  }

  /** Closes behind what was written. */
  static void closeBehind(Channel channel) {
    if (channel.isActive()) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(gone -> channel.close());
    }
  }

  /** Closes so that the far end sees a reset, where the transport has one. */
  static void reset(Channel channel) {
    var framed = channel.pipeline().get(FramedOctets.class);
    if (framed != null) {
      framed.closeWith(FramedOctets.FAILED, "Network connection lost.");
      return;
    }
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    channel.close();
  }
}
