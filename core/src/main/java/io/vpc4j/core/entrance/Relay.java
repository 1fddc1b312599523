package io.vpc4j.core.entrance;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.core.fetch.FetchEngine;
import io.vpc4j.core.net.StreamOptions;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a pair of channels: what comes in here goes out there. The last handler of its
 * pipeline; the other channel has the other one.
 *
 * <p>Auto-read is off. This side is asked for more when the other has taken what came, so a pair
 * holds at most one read and a high-water mark each way. An end of input ends the other's output,
 * where its transport can end that alone; a reset resets the other.
 *
 * <p>The two channels may be on different event loops: writes, reads and closes are tasks there.
 */
final class Relay extends ChannelInboundHandlerAdapter {

  /**
   * How long a side that has nothing more to say, and cannot be told so, is listened to: the answer
   * to an end of input on a transport without half-close. Once it has been silent for this long,
   * and at the latest for twice as long, it is closed.
   */
  static final long HALF_OPEN_IDLE_NS = TimeUnit.SECONDS.toNanos(60);

  /** How the relay of a channel is found, even after its pipeline has been taken apart. */
  private static final AttributeKey<Relay> OF = AttributeKey.valueOf(Relay.class, "of");

  /** How a channel ended before its relay had another side. */
  private enum EarlyEnd {
    /** It has not. */
    NONE,
    /** Its peer ended its output. */
    INPUT,
    /** It closed. */
    CLOSED,
    /** It was reset. */
    RESET
  }

  private final AtomicInteger ends;
  private final ArrayDeque<Object> early = new ArrayDeque<>(); // at most what one read brought
  private @Nullable Channel other;
  private EarlyEnd earlyEnd = EarlyEnd.NONE;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ScheduledFuture<?> idle;
  private boolean heard;

  /**
   * One direction towards {@code other}.
   *
   * @param ends shared by the two of a pair: how many have seen the end of their input
   */
  Relay(Channel other, AtomicInteger ends) {
    this.other = other;
    this.ends = ends;
  }

  /**
   * One direction whose other side is not there yet, or not ready for octets. It keeps what comes
   * meanwhile: a channel whose peer has ended its output reads, whether it was asked to or not.
   */
  Relay(AtomicInteger ends) {
    this.ends = ends;
  }

  /** The relay that was put into {@code channel}, which may have closed since. */
  static Relay of(Channel channel) {
    return channel.attr(OF).get();
  }

  /** The other side is there, and ready. On this channel's loop. */
  void attach(Channel connected) {
    other = connected;
    for (var message = early.poll(); message != null; message = early.poll()) {
      connected.write(message, connected.voidPromise());
    }
    connected.flush();
    var here = context;
    if (here == null) {
      return;
    }
    switch (earlyEnd) {
      case INPUT -> inputEnded(here, connected);
      case CLOSED -> closeBehind(connected);
      case RESET -> reset(connected);
      case NONE -> {
        if (connected.isWritable()) {
          here.read();
        }
      }
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    added.channel().attr(OF).set(this);
    added.channel().config().setAutoRead(false);
    StreamOptions.set(added.channel().config());
    added.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  @Override
  public void channelRead(ChannelHandlerContext here, Object message) {
    heard = true;
    var to = other;
    if (to == null) {
      early.add(message);
    } else {
      to.write(message, to.voidPromise());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext here) {
    var to = other;
    if (to != null) {
      to.flush();
      if (to.isWritable()) {
        here.read();
      }
    }
  }

  /** This side can take more: let the other read. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext here) {
    var from = other;
    if (from != null && here.channel().isWritable()) {
      from.read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext here, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      var to = other;
      if (to == null) {
        earlyEnd = EarlyEnd.INPUT;
      } else {
        inputEnded(here, to);
      }
    }
    here.fireUserEventTriggered(event);
  }

  private void inputEnded(ChannelHandlerContext here, Channel to) {
    var both = ends.incrementAndGet() == 2;
    to.writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            gone -> {
              if (both) {
                to.close();
                closeBehind(here.channel());
              } else {
                endOutput(here.channel(), to);
              }
            });
  }

  private static void endOutput(Channel ended, Channel to) {
    var framed = to.pipeline().get(FramedOctets.class);
    var tls = to.pipeline().get(SslHandler.class);
    if (framed != null) {
      to.close(); // a WebSocket ends both ways at once
    } else if (tls != null) {
      tls.closeOutbound();
    } else if (to instanceof DuplexChannel duplex && FetchEngine.halfCloses(to)) {
      duplex.shutdownOutput();
    } else {
      var relay = to.pipeline().get(Relay.class);
      if (relay == null) {
        ended.close();
      } else {
        relay.boundHalfOpen();
      }
    }
  }

  private void boundHalfOpen() {
    var here = context;
    if (here != null) {
      heard = false;
      idle =
          here.executor().schedule(() -> checkIdle(here), HALF_OPEN_IDLE_NS, TimeUnit.NANOSECONDS);
    }
  }

  private void checkIdle(ChannelHandlerContext here) {
    if (heard) {
      boundHalfOpen();
    } else {
      here.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext here) {
    stopIdle();
    unpoolEarly();
    var to = other;
    if (to != null) {
      closeBehind(to);
    } else if (earlyEnd != EarlyEnd.RESET) {
      earlyEnd = EarlyEnd.CLOSED;
    }
    here.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext here) {
    stopIdle();
    unpoolEarly();
  }

  /**
   * The channel is over, and what it brought may still be wanted or not: it may have lost a race of
   * addresses. So it goes to where the collector finds it.
   */
  private void unpoolEarly() {
    for (var left = early.size(); left > 0; left--) {
      var message = early.remove();
      if (message instanceof ByteBuf octets) {
        early.add(Unpooled.wrappedBuffer(ByteBufUtil.getBytes(octets)));
      }
      ReferenceCountUtil.release(message);
    }
  }

  private void stopIdle() {
    if (idle != null) {
      idle.cancel(false);
      idle = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext here, Throwable cause) {
    var to = other;
    if (to != null) {
      reset(to);
    } else {
      earlyEnd = EarlyEnd.RESET;
    }
    here.close();
  }

  /** Closes behind what was written. */
  static void closeBehind(Channel channel) {
    if (channel.isActive() && !channel.eventLoop().isShuttingDown()) {
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
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException closed) {
      // It has closed by itself: nobody is left to be told.
    }
    channel.close();
  }
}
