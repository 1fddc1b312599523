package io.vpc4j.core.fetch.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what an upgraded channel gives until somebody listens: the last handler of its pipeline in
 * the meantime.
 *
 * <p>Auto-read is off then, and octets come all the same: TLS had more records in hand, and epoll
 * reads what there is when the far end leaves. At most {@link #MAX_OCTETS}; a far end that has sent
 * more is disconnected.
 *
 * <p><b>Threads.</b> On the channel's event loop, but for {@link #drop}.
 */
public final class EarlyOctets extends ChannelInboundHandlerAdapter {

  /** 16 MiB: more than a socket's buffer holds, unless somebody has tuned it. */
  static final int MAX_OCTETS = 16 << 20;

  private final Channel channel;
  private final ArrayDeque<ByteBuf> kept = new ArrayDeque<>(2);
  private long octets;
  private boolean over;
  private @Nullable Throwable failure;

  private EarlyOctets(Channel channel) {
    this.channel = channel;
  }

  /**
   * Begins to keep.
   *
   * @param rest what came already; taken over; may be empty
   */
  public static EarlyOctets keep(Channel channel, ByteBuf rest) {
    var early = new EarlyOctets(channel);
    early.add(rest);
    channel.pipeline().addLast(early);
    return early;
  }

  /** What it keeps the octets of. Any thread. */
  public Channel channel() {
    return channel;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf buffer) {
      add(buffer);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void add(ByteBuf buffer) {
    octets += buffer.readableBytes();
    if (over || failure != null || !buffer.isReadable()) {
      buffer.release();
    } else if (octets > MAX_OCTETS) {
      buffer.release();
      failure = new IOException("more than " + MAX_OCTETS + " octets came before anybody listened");
      channel.close();
    } else {
      kept.add(buffer);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failure = failure == null ? cause : failure;
    ctx.close();
  }

  /**
   * Leaves the pipeline and gives what was kept, in order.
   *
   * @param next takes each buffer over
   * @return how the channel failed in the meantime; null if it did not
   */
  public @Nullable Throwable handOver(Consumer<ByteBuf> next) {
    leave();
    for (var buffer = kept.poll(); buffer != null; buffer = kept.poll()) {
      next.accept(buffer);
    }
    return failure;
  }

  private void leave() {
    if (!over) {
      over = true;
      if (channel.pipeline().context(this) != null) { // null once a closed channel has let go
        channel.pipeline().remove(this);
      }
    }
  }

  /** Nobody will listen: closes the channel and frees what was kept. Any thread. */
  public void drop() {
    channel.close();
    try {
      channel.eventLoop().execute(() -> handOver(ByteBuf::release));
    } catch (RejectedExecutionException e) {
      handOver(ByteBuf::release); // the loop has ended, and nobody else is left
    }
  }
}
