package io.vpc4j.core.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.vpc4j.core.net.StreamOptions;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What a channel brought and nobody has taken yet; has the channel read while there is room for
 * more.
 *
 * <p><b>Bounds.</b> Nothing is read before the first {@link #want}. Then the channel reads by
 * itself until a window of octets waits here, and again once less than half of it does; so this
 * holds at most the window and what one read brings, {@link StreamOptions#MAX_READ_OCTETS}. The
 * window is {@link #FIRST_OCTETS} and doubles, up to {@link #MAX_OCTETS}, each time that it was
 * filled and its reader has emptied it and waits for more: a connection that streams fast soon has
 * the most, one that is not read never has more than the first, and one that is read slowly keeps
 * what it has. Small buffers that wait are put together, so that a thousand of one octet do not
 * take a thousand buffers.
 *
 * <p><b>Threads.</b> Guarded by a lock of its owner's. Octets are copied without it, by whoever has
 * taken a buffer; nobody else takes one meanwhile.
 */
final class ReadAhead {

  /** So much is fetched ahead for one that does not keep up from the beginning: 64 KiB. */
  static final int FIRST_OCTETS = 64 * 1024;

  /**
   * So much for one that streams: 1 MiB. To wake a thread may take longer than to read and copy 256
   * KiB.
   */
  static final int MAX_OCTETS = 4 * StreamOptions.MAX_READ_OCTETS;

  /** Buffers up to this size are put together, in one of {@link #GATHERED_OCTETS}. */
  private static final int SMALL_OCTETS = 1024;

  private static final int GATHERED_OCTETS = 4 * SMALL_OCTETS;

  private final Channel channel;
  private final ArrayDeque<ByteBuf> arrived = new ArrayDeque<>();
  private @Nullable ByteBuf gathering; // the last of arrived, if it is ours to add to
  private int octets; // those of the buffer that is taken as well
  private int window = FIRST_OCTETS;
  private boolean filled; // since the window grew
  private boolean taken; // a buffer is, by a reader who copies from it
  private boolean flowing; // auto-read is on
  private boolean ended;
  private boolean abandoned;
  private boolean left;

  /** Of a channel, which does not read by itself from now on. */
  ReadAhead(Channel channel) {
    this.channel = channel;
    channel.config().setAutoRead(false);
  }

  /** A buffer has come, and is this one's. */
  void add(ByteBuf buffer) {
    var size = buffer.readableBytes();
    if (abandoned || size == 0) {
      buffer.release();
      return;
    }
    if (size <= SMALL_OCTETS && !arrived.isEmpty()) {
      gather(buffer);
    } else {
      arrived.add(buffer);
      gathering = null;
    }
    octets += size;
    if (octets >= window) {
      filled = true;
      flow(false); // ends the loop's reading at once
    }
  }

  private void gather(ByteBuf buffer) {
    var last = gathering;
    if (last == null || last.maxWritableBytes() < buffer.readableBytes()) {
      last = channel.alloc().buffer(GATHERED_OCTETS, GATHERED_OCTETS);
      arrived.add(last);
      gathering = last;
    }
    last.writeBytes(buffer);
    buffer.release();
  }

  /** Somebody waits for octets, and there are none. */
  void want() {
    if (filled && window < MAX_OCTETS) {
      window *= 2;
      filled = false;
    }
    flow(true);
  }

  /** The next buffer, to be given back to {@link #copied}; null if there is none. */
  @Nullable ByteBuf take() {
    var next = arrived.poll();
    taken = next != null;
    if (arrived.isEmpty()) {
      gathering = null; // it is the one that was taken, if any
    }
    return next;
  }

  /** {@code count} octets of the buffer that was taken have been copied; the rest is the next. */
  void copied(ByteBuf buffer, int count) {
    taken = false;
    if (abandoned) {
      buffer.release();
      return;
    }
    octets -= count;
    if (buffer.isReadable()) {
      arrived.addFirst(buffer);
    } else {
      buffer.release();
    }
    if (octets < window / 2) {
      flow(true);
    }
  }

  /** Whether a buffer is taken: another who reads has to wait for its turn. */
  boolean isTaken() {
    return taken;
  }

  boolean isEmpty() {
    return arrived.isEmpty();
  }

  /** Octets that wait. */
  int octets() {
    return octets;
  }

  /**
   * Whether so much waits that a reader is woken though more is to come, so that neither waits for
   * the other.
   */
  boolean isPlenty() {
    return octets >= window / 2;
  }

  /** Nothing more will come. */
  void end() {
    ended = true;
    flow(false);
  }

  boolean hasEnded() {
    return ended;
  }

  /** Drops what waits, and whatever comes. The channel reads on only if it does already. */
  void abandon() {
    abandoned = true;
    arrived.forEach(ByteBuf::release);
    arrived.clear();
    gathering = null;
    octets = 0;
  }

  boolean isAbandoned() {
    return abandoned;
  }

  /** The channel is another's from now on, and does not read until that one says so. */
  void leave() {
    flow(false);
    left = true;
  }

  /** Has the channel read, or not; under the lock, so that the last wish is the one that counts. */
  void flow(boolean on) {
    if (flowing != on && !left && !(on && ended)) {
      flowing = on;
      channel.config().setAutoRead(on); // from any thread: it becomes a task of the loop
    }
  }
}
