package io.vpc4j.core.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.AttributeKey;
import io.vpc4j.core.net.StreamOptions;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Blocking reads and writes over a channel: the last handler of its pipeline.
 *
 * <p>Back-pressure both ways. Inwards, auto-read is off until somebody reads, and again once {@link
 * #READ_AHEAD_OCTETS} wait to be taken, until fewer than half of them do; so this holds at most
 * that and what one read brings, and a reader and the event loop work at the same time. Outwards, a
 * writer waits while the channel is not writable, so at most the channel's high-water mark and one
 * write are queued.
 *
 * <p><b>What a transfer costs beside its octets</b> is the waking of the reader by the loop, and of
 * the loop by the reader. So auto-read stays on while the reader keeps up, and lets the loop read
 * many times at one go; the reader is woken when it has read what there was, or a good deal of it,
 * and not for each buffer. And no thread ever copies with the lock held: the other, which finds it
 * taken, would be put to sleep.
 *
 * <p><b>Threads.</b> The event loop calls the handler methods; any thread the others. All state is
 * guarded by {@code lock}, which is never held while waiting for the network.
 */
final class BlockingPipe extends ChannelInboundHandlerAdapter {

  /** Finds the handler of a channel that has closed already, and lost its handlers with that. */
  private static final AttributeKey<BlockingPipe> OF_CHANNEL =
      AttributeKey.valueOf(BlockingPipe.class, "OF_CHANNEL");

  /**
   * So many octets are fetched before they are asked for: 1 MiB. To wake a thread may take longer
   * than to read and copy 256 KiB.
   */
  private static final int READ_AHEAD_OCTETS = 4 * StreamOptions.MAX_READ_OCTETS;

  /**
   * With so many a reader is woken though more are to come, so that neither waits for the other.
   */
  private static final int WAKE_OCTETS = READ_AHEAD_OCTETS / 2;

  private static final int MAX_WRITE_OCTETS = 64 * 1024;

  /** Early enough for a writer, which another thread wakes, to be there before all has gone. */
  private static final WriteBufferWaterMark WATER_MARKS =
      new WriteBufferWaterMark(192 * 1024, 512 * 1024);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();

  // guarded by lock
  private final ArrayDeque<ByteBuf> arrived = new ArrayDeque<>();
  private int arrivedOctets;
  private boolean taking; // a reader copies what it has taken out of arrived
  private boolean flowing; // auto-read is on
  private boolean inputEnded;
  private boolean inputAbandoned;
  private boolean writing;
  private boolean closed;
  private @Nullable Throwable failure;

  private volatile boolean left; // the channel, to another
  private @Nullable Channel channel; // set once, before connect() returns to its caller

  /** The one that was put into {@code channel}; null if none was. */
  static @Nullable BlockingPipe of(Channel channel) {
    return channel.attr(OF_CHANNEL).get();
  }

  // ---- the event loop's side

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
    channel.attr(OF_CHANNEL).set(this);
    channel.config().setAutoRead(false);
    StreamOptions.set(channel.config());
    channel.config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS);
    channel
        .config()
        .setOption(ChannelOption.ALLOW_HALF_CLOSURE, true); // where there is such a thing
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var buffer = (ByteBuf) message;
    lock.lock();
    try {
      if (inputAbandoned || !buffer.isReadable()) {
        buffer.release();
      } else {
        arrived.add(buffer);
        arrivedOctets += buffer.readableBytes();
        if (arrivedOctets >= WAKE_OCTETS) {
          readable.signal(); // it copies while the loop reads on
        }
        if (arrivedOctets >= READ_AHEAD_OCTETS) {
          flow(false); // ends the loop's reading at once
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    lock.lock();
    try {
      if (!arrived.isEmpty()) {
        readable.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has the channel read, or not. Guarded by lock, so that the last wish is the one that counts.
   */
  private void flow(boolean on) {
    if (flowing != on && !left && !(on && inputEnded)) {
      flowing = on;
      channel().config().setAutoRead(on); // from any thread: it becomes a task of the loop
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    wakeWriters();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      end(null);
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end(null);
    wakeWriters();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    end(cause);
    wakeWriters();
    context.close();
  }

  private void end(@Nullable Throwable cause) {
    lock.lock();
    try {
      inputEnded = true;
      if (failure == null) {
        failure = cause;
      }
      flow(false); // there is nothing more to be read
      readable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void wakeWriters() {
    lock.lock();
    try {
      writable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  // ---- the application's side

  /**
   * Reads as {@link java.io.InputStream#read(byte[], int, int)} does.
   *
   * @param timeoutNs 0 for no bound
   */
  int read(byte[] into, int offset, int length, long timeoutNs) throws IOException {
    if (length == 0) {
      return 0;
    }
    var buffer = take(timeoutNs);
    if (buffer == null) {
      return -1;
    }
    var count = Math.min(length, buffer.readableBytes());
    buffer.readBytes(into, offset, count);
    taken(buffer, count);
    return count;
  }

  /** The next octets, once there are any, to be given to {@link #taken}; null at the end. */
  private @Nullable ByteBuf take(long timeoutNs) throws IOException {
    var patience = new Patience(timeoutNs);
    lock.lock();
    try {
      while (!closed && !inputAbandoned && (taking || (arrived.isEmpty() && !inputEnded))) {
        if (!taking) {
          flow(true);
        }
        await(patience, readable);
      }
      requireOpen();
      var next = arrived.poll();
      if (next == null) {
        return endOfInput();
      }
      taking = true;
      return next;
    } finally {
      lock.unlock();
      patience.close();
    }
  }

  /** {@code count} octets of what was taken have been copied; the rest is still the next. */
  private void taken(ByteBuf buffer, int count) {
    lock.lock();
    try {
      taking = false;
      if (inputAbandoned) {
        buffer.release();
        return;
      }
      arrivedOctets -= count;
      if (buffer.isReadable()) {
        arrived.addFirst(buffer);
      } else {
        buffer.release();
      }
      readable.signal(); // another who reads had to wait for its turn
      if (arrivedOctets < WAKE_OCTETS) {
        flow(true);
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable ByteBuf endOfInput() throws IOException {
    var cause = failure;
    if (cause != null && !inputAbandoned) {
      throw SocketFailures.asSocketException(cause);
    }
    return null;
  }

  /** Octets that a read would give without waiting. */
  int available() throws IOException {
    lock.lock();
    try {
      requireOpen();
      return arrivedOctets;
    } finally {
      lock.unlock();
    }
  }

  /** Writes all of it; waits while the channel has enough to do, or another thread writes. */
  void write(byte[] from, int offset, int length) throws IOException {
    awaitTurn();
    try {
      var at = offset;
      var end = offset + length;
      while (at < end) {
        awaitWritable();
        var count = Math.min(end - at, MAX_WRITE_OCTETS);
        var buffer = channel().alloc().buffer(count).writeBytes(from, at, count);
        channel().writeAndFlush(buffer).addListener(this::written);
        at += count;
      }
    } finally {
      endTurn();
    }
  }

  /** What one call writes is not mixed with what another writes at the same time. */
  private void awaitTurn() throws IOException {
    var patience = new Patience(0);
    lock.lock();
    try {
      while (writing && !closed) {
        await(patience, writable);
      }
      requireOpen();
      writing = true;
    } finally {
      lock.unlock();
      patience.close();
    }
  }

  private void endTurn() {
    lock.lock();
    try {
      writing = false;
      writable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void awaitWritable() throws IOException {
    var patience = new Patience(0);
    lock.lock();
    try {
      while (!closed && failure == null && channel().isActive() && !channel().isWritable()) {
        await(patience, writable);
      }
      requireOpen();
      var cause = failure;
      if (cause != null) {
        throw SocketFailures.asSocketException(cause);
      }
      if (!channel().isActive()) {
        throw new SocketException("Broken pipe");
      }
    } finally {
      lock.unlock();
      patience.close();
    }
  }

  private void requireOpen() throws SocketException {
    if (closed) {
      throw new SocketException("Socket closed");
    }
  }

  private void written(io.netty.util.concurrent.Future<? super Void> write) {
    if (!write.isSuccess()) {
      lock.lock();
      try {
        if (failure == null) {
          failure = write.cause();
        }
        writable.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Gives up what comes in; reads end. */
  void abandonInput() {
    lock.lock();
    try {
      inputAbandoned = true;
      releaseArrived();
      readable.signalAll();
      flow(true); // to see the end
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes once everything written has gone; wakes whoever waits with "Socket closed". Does not
   * wait itself.
   */
  void close() {
    markClosed();
    var open = channel;
    if (open != null && !left) {
      ChannelEnds.close(open);
    }
  }

  /** Whether {@link #close} was called, by an interrupt's doing as well. */
  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private void markClosed() {
    lock.lock();
    try {
      closed = true;
      inputAbandoned = true;
      releaseArrived();
      readable.signalAll();
      writable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Leaves the channel to another, who goes on with it: for whoever holds this it is closed. On the
   * event loop.
   *
   * @return false if octets have come that nobody has read; nothing has happened then
   */
  boolean leave() {
    lock.lock();
    try {
      if (!arrived.isEmpty() || taking) {
        return false;
      }
      flow(false);
      left = true;
    } finally {
      lock.unlock();
    }
    markClosed();
    var pipeline = channel().pipeline();
    if (pipeline.context(this) != null) { // a closed channel has lost its handlers
      pipeline.remove(this);
    }
    return true;
  }

  Channel channel() {
    var known = channel;
    if (known == null) {
      throw new IllegalStateException("not connected");
    }
    return known;
  }

  private void releaseArrived() {
    arrived.forEach(ByteBuf::release);
    arrived.clear();
    arrivedOctets = 0;
  }

  /** One wait of a caller that loops. */
  private void await(Patience patience, Condition condition) throws IOException {
    var outcome = patience.await(condition);
    if (outcome == Patience.Outcome.LATE) {
      throw new SocketTimeoutException("Read timed out");
    }
    if (outcome == Patience.Outcome.INTERRUPTED) {
      close();
      throw new SocketException("Closed by interrupt");
    }
  }

  /** A time-out of {@link java.net.Socket#setSoTimeout} in nanoseconds. */
  static long soTimeoutNs(int millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
