package io.vpc4j.core.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.VoidChannelPromise;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Writes that go to the transport's channel at one go, and their end. Used again and again.
 *
 * <p>The channel above fills it, sends it, and asks {@link #isSettled}; in between it is the
 * transport's loop's. The buffers are not copied: the channel above keeps a reference of its own
 * until the transport has taken them, as its outbound buffer counts them until then.
 */
final class Batch
    implements Runnable, ChannelFutureListener, ChannelOutboundBuffer.MessageProcessor {

  /** A batch is full with so many octets; a single write may have more. */
  static final int MAX_OCTETS = 256 * 1024;

  /** A batch is full with so many writes. */
  static final int MAX_WRITES = 1024;

  private final Beneath beneath;
  private final List<ByteBuf> writes = new ArrayList<>();
  private int skip;
  private int octets;
  private boolean inline; // sent by the transport's own loop
  private boolean sending; // confined to the transport's loop
  private @Nullable Throwable failure; // published by settled
  private volatile boolean settled;

  Batch(Beneath beneath) {
    this.beneath = beneath;
  }

  /**
   * Takes flushed writes behind the first {@code skip}.
   *
   * @return false if there are none
   */
  boolean fill(ChannelOutboundBuffer pending, int skip) throws Exception {
    this.skip = skip;
    octets = 0;
    settled = false;
    failure = null;
    pending.forEachFlushedMessage(this);
    return !writes.isEmpty();
  }

  /** Called for each flushed write, but for cancelled ones, in their order. */
  @Override
  public boolean processMessage(Object message) {
    if (skip > 0) {
      skip--;
      return true;
    }
    var write = (ByteBuf) message;
    writes.add(write);
    octets += write.readableBytes();
    return octets < MAX_OCTETS && writes.size() < MAX_WRITES;
  }

  /** How many writes it has. */
  int size() {
    return writes.size();
  }

  /** Sends them. On the transport's loop they may be settled when this returns. */
  void send() {
    writes.forEach(ByteBuf::retain);
    var loop = beneath.channel().eventLoop();
    inline = loop.inEventLoop();
    if (inline) {
      run();
      return;
    }
    try {
      loop.execute(this);
    } catch (RejectedExecutionException e) {
      writes.forEach(ByteBuf::release);
      failure = new ClosedChannelException().initCause(e);
      settled = true;
    }
  }

  @Override
  public void run() {
    sending = true;
    var to = beneath.channel();
    var last = writes.size() - 1;
    var silent = new VoidChannelPromise(to, false); // the last one tells of the others as well
    for (var i = 0; i < last; i++) {
      to.write(writes.get(i), silent);
    }
    to.writeAndFlush(writes.get(last)).addListener(this);
    sending = false;
  }

  /** The last of them has gone, or failed; on the transport's loop. */
  @Override
  public void operationComplete(ChannelFuture written) {
    var within = inline && sending;
    failure = written.cause();
    settled = true;
    if (!within) { // whoever sends looks by itself
      beneath.tell();
    }
  }

  /** Whether the transport's channel has taken them all, or has failed to. */
  boolean isSettled() {
    return settled;
  }

  /** Why not all of them were taken; null if they were. Once settled. */
  @Nullable Throwable failure() {
    return failure;
  }

  /**
   * They have been taken: their promises succeed, and whatever was cancelled between them goes.
   *
   * <p>Cancelled writes are passed over when a batch is filled, and are {@code
   * Unpooled.EMPTY_BUFFER} in the buffer; no write that is not cancelled is that one.
   */
  void remove(ChannelOutboundBuffer pending) {
    for (var write : writes) {
      while (pending.current() != write) {
        if (!pending.remove()) {
          return; // closed, by whoever heard of the one before
        }
      }
      pending.remove();
    }
    writes.clear();
  }
}
