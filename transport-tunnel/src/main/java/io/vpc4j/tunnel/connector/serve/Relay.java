package io.vpc4j.tunnel.connector.serve;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.carrier.LastOctets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Carries octets between a stream and an origin until both have ended.
 *
 * <p>Neither is read before the other can be written to, so what waits here is bounded by the two
 * write buffers. The end of one direction is passed on, and the other goes on: {@code cloudflared}
 * ends both ([C] 4.5), and an edge that can live with that can live with this. An edge that has
 * ended and an origin that never does would stay for ever, so a half-closed pair in which nothing
 * moves for {@link #HALF_CLOSED_IDLE_NS} is closed. A reset of either is a reset of the other.
 *
 * <p>Both channels live on one loop, to which this is confined.
 */
final class Relay {

  /** How long a half-closed pair may stand still. */
  static final long HALF_CLOSED_IDLE_NS = TimeUnit.MINUTES.toNanos(5);

  private final Channel stream;
  private final Channel origin;
  private final Runnable resetStream;
  private boolean streamEnded;
  private boolean originEnded;
  private boolean over;
  private boolean moved;
  private @Nullable Future<?> idleCheck;

  /**
   * A relay.
   *
   * @param stream the edge's; does not read on its own
   * @param origin does not read on its own
   * @param resetStream resets the former
   */
  Relay(Channel stream, Channel origin, Runnable resetStream) {
    this.stream = stream;
    this.origin = origin;
    this.resetStream = resetStream;
  }

  /** The handler of the stream; to be its last. */
  ChannelInboundHandlerAdapter streamEnd() {
    return new End(origin) {
      @Override
      void onEnd() {
        streamEnded = true;
        endOrigin();
      }

      @Override
      void onGone(@Nullable Throwable cause) {
        if (cause != null || !streamEnded || !originEnded) {
          resetOrigin(cause);
        }
      }
    };
  }

  /** The handler of the origin; to be its last. */
  ChannelInboundHandlerAdapter originEnd() {
    return new End(stream) {
      @Override
      void onEnd() {
        originEnded = true;
        endStream();
      }

      @Override
      void onGone(@Nullable Throwable cause) {
        if (!over && (cause != null || !originEnded)) {
          finish();
          resetStream.run();
        }
      }
    };
  }

  /** Begins once both handlers are in place. */
  void start() {
    if (!origin.isActive()) {
      finish();
      resetStream.run();
      return;
    }
    stream.read();
    origin.read();
  }

  private void endOrigin() {
    // What was written leaves first: shutdownOutput would drop it.
    origin
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            written -> {
              if (written.isSuccess() && origin instanceof DuplexChannel duplex) {
                duplex.shutdownOutput().addListener(ended -> closeIfBothEnded());
              } else {
                origin.close();
              }
            });
    watchIdle();
  }

  private void endStream() {
    stream.writeAndFlush(LastOctets.none()).addListener(written -> closeIfBothEnded());
    watchIdle();
  }

  private void closeIfBothEnded() {
    if (streamEnded && originEnded && !over) {
      finish();
      origin.close();
      stream.close();
    }
  }

  private void resetOrigin(@Nullable Throwable cause) {
    if (over) {
      return;
    }
    finish();
    if (cause != null && origin.isActive()) {
      origin.config().setOption(ChannelOption.SO_LINGER, 0); // the origin sees a reset as well
    }
    origin.close();
  }

  private void watchIdle() {
    if (idleCheck == null && !over) {
      moved = false;
      idleCheck =
          stream
              .eventLoop()
              .scheduleWithFixedDelay(
                  this::checkIdle, HALF_CLOSED_IDLE_NS, HALF_CLOSED_IDLE_NS, TimeUnit.NANOSECONDS);
    }
  }

  private void checkIdle() {
    if (!moved) {
      finish();
      origin.close();
      resetStream.run();
    }
    moved = false;
  }

  private void finish() {
    over = true;
    if (idleCheck != null) {
      idleCheck.cancel(false);
    }
  }

  /** One of the two, which writes to the other. */
  private abstract class End extends ChannelInboundHandlerAdapter {
    private final Channel other;

    End(Channel other) {
      this.other = other;
    }

    abstract void onEnd();

    /**
     * The channel is closed or broken.
     *
     * @param cause null for a close
     */
    abstract void onGone(@Nullable Throwable cause);

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      moved = true;
      if (over) {
        ReferenceCountUtil.release(message);
      } else {
        other.write(message, other.voidPromise());
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      other.flush();
      if (other.isWritable()) {
        ctx.read();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (ctx.channel().isWritable()) {
        other.read();
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        onEnd();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      onGone(cause);
      ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      onGone(null);
    }
  }
}
