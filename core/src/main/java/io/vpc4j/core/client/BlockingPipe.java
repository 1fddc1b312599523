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
 * <p>Back-pressure both ways. Inwards, auto-read is off; once somebody has begun to read, the
 * channel is asked for more while less than {@link #READ_AHEAD_OCTETS} wait to be taken, so it
 * holds at most that and what one read brings, and a reader and the event loop work at the same
 * time. Outwards, a writer waits while the channel is not writable, so at most the channel's
 * high-water mark and one write are queued.
 *
 * <p><b>Threads.</b> The event loop calls the handler methods; any thread the others. All state is
 * guarded by {@code lock}, which is never held while waiting for the network.
 */
final class BlockingPipe extends ChannelInboundHandlerAdapter {

  /** Finds the handler of a channel that has closed already, and lost its handlers with that. */
  private static final AttributeKey<BlockingPipe> OF_CHANNEL =
      AttributeKey.valueOf(BlockingPipe.class, "OF_CHANNEL");

  /** So many octets are fetched before they are asked for. */
  private static final int READ_AHEAD_OCTETS = StreamOptions.MAX_READ_OCTETS;

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
  private boolean reading; // a read is under way or will be asked for behind it
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
        readable.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    var again = false;
    lock.lock();
    try {
      // Ask again if there is room (also where what came held nothing for us: a TLS record of the
      // handshake, say), and if nobody reads any more, to see the end.
      again = !inputEnded && (inputAbandoned || arrivedOctets < READ_AHEAD_OCTETS);
      reading = again;
    } finally {
      lock.unlock();
    }
    if (again) {
      context.read();
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
    var ask = false;
    var patience = new Patience(timeoutNs);
    lock.lock();
    try {
      while (arrived.isEmpty() && !inputEnded && !closed && !inputAbandoned) {
        if (!reading) {
          reading = true;
          channel().read(); // from any thread: it becomes a task of the loop
        }
        await(patience, readable);
      }
      requireOpen();
      var buffer = arrived.peek();
      if (buffer == null) {
        return endOfInput();
      }
      var count = Math.min(length, buffer.readableBytes());
      buffer.readBytes(into, offset, count);
      arrivedOctets -= count;
      if (!buffer.isReadable()) {
        arrived.remove().release();
      }
      ask = arrivedOctets < READ_AHEAD_OCTETS / 2 && !inputEnded && !reading;
      reading |= ask;
      return count;
    } finally {
      lock.unlock();
      patience.close();
      if (ask) {
        channel().read();
      }
    }
  }

  private int endOfInput() throws IOException {
    var cause = failure;
    if (cause != null && !inputAbandoned) {
      throw SocketFailures.asSocketException(cause);
    }
    return -1;
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
    } finally {
      lock.unlock();
    }
    channel().read();
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
      if (!arrived.isEmpty()) {
        return false;
      }
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
