package io.vpc4j.core.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.FutureListener;
import io.vpc4j.core.net.StreamOptions;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Blocking reads and writes over a channel: the last handler of its pipeline.
 *
 * <p>Back-pressure both ways. Inwards, a {@link ReadAhead} bounds what waits to be taken, while a
 * reader and the event loop work at the same time. Outwards, a writer waits while the channel is
 * not writable, so at most the channel's high-water mark and one write are queued.
 *
 * <p><b>What a transfer costs beside its octets</b> is the waking of the reader by the loop, and of
 * the loop by the reader. So the loop reads many times at one go while the reader keeps up; the
 * reader is woken when it has read what there was, or a good deal of it, and not for each buffer.
 * And no thread ever copies with the lock held: the other, which finds it taken, would be put to
 * sleep.
 *
 * <p><b>Threads.</b> The event loop calls the handler methods; any thread the others. All state is
 * guarded by {@code lock}, which is never held while waiting for the network.
 */
final class BlockingPipe extends ChannelInboundHandlerAdapter {

  /** Finds the handler of a channel that has closed already, and lost its handlers with that. */
  private static final AttributeKey<BlockingPipe> OF_CHANNEL =
      AttributeKey.valueOf(BlockingPipe.class, "OF_CHANNEL");

  private static final int MAX_WRITE_OCTETS = 128 * 1024;

  /** So much of one array the loop sends before it turns to others. */
  private static final int MAX_TURN_OCTETS = 4 * MAX_WRITE_OCTETS;

  /**
   * A writer waits at 1 MiB that has not gone, until half of it has: early enough for one whom
   * another thread wakes to be there before the rest has.
   */
  static final WriteBufferWaterMark WATER_MARKS = new WriteBufferWaterMark(512 * 1024, 1024 * 1024);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();

  // guarded by lock
  private @Nullable ReadAhead input; // set once, with the channel
  private boolean writing;
  private @Nullable Part leftToLoop; // by a writer who waits
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
    input = new ReadAhead(channel);
    StreamOptions.set(channel.config());
    channel.config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS);
    channel
        .config()
        .setOption(ChannelOption.ALLOW_HALF_CLOSURE, true); // where there is such a thing
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    lock.lock();
    try {
      input().add((ByteBuf) message);
      if (input().isPlenty()) {
        readable.signal(); // it copies while the loop reads on
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    lock.lock();
    try {
      if (!input().isEmpty()) {
        readable.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    lock.lock();
    try {
      if (leftToLoop != null && context.channel().isWritable()) {
        context.channel().eventLoop().execute(this::sendOn);
      }
    } finally {
      lock.unlock();
    }
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
      input().end();
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
    var buffer = take(timeoutNs);
    if (buffer == null) {
      return -1;
    }
    var count = Math.min(length, buffer.readableBytes());
    buffer.readBytes(into, offset, count);
    copied(buffer, count);
    return count;
  }

  /** The next octets, once there are any, to be given to {@link #copied}; null at the end. */
  private @Nullable ByteBuf take(long timeoutNs) throws IOException {
    var patience = new Patience(timeoutNs);
    lock.lock();
    try {
      var from = input();
      while (!closed
          && !from.isAbandoned()
          && (from.isTaken() || (from.isEmpty() && !from.hasEnded()))) {
        if (!from.isTaken()) {
          from.want();
        }
        await(patience, readable);
      }
      requireOpen();
      var next = from.take();
      return next == null ? endOfInput() : next;
    } finally {
      lock.unlock();
      patience.close();
    }
  }

  /** {@code count} octets of what was taken have been copied; the rest is still the next. */
  private void copied(ByteBuf buffer, int count) {
    lock.lock();
    try {
      input().copied(buffer, count);
      readable.signal(); // another who reads had to wait for its turn
    } finally {
      lock.unlock();
    }
  }

  private @Nullable ByteBuf endOfInput() throws IOException {
    var cause = failure;
    if (cause != null && !input().isAbandoned()) {
      throw SocketFailures.asSocketException(cause);
    }
    return null;
  }

  /** Octets that a read would give without waiting. */
  int available() throws IOException {
    lock.lock();
    try {
      requireOpen();
      return input().octets();
    } finally {
      lock.unlock();
    }
  }

  /** Writes all of it; waits while the channel has enough to do, or another thread writes. */
  void write(byte[] from, int offset, int length) throws IOException {
    awaitTurn();
    try {
      var part = new Part(from, offset, offset + length);
      while (part.at < part.end && mayWrite()) {
        part.sendTo(channel(), this::written);
      }
      if (part.at < part.end) {
        leaveToLoop(part);
      }
    } finally {
      endTurn();
    }
  }

  /**
   * Octets of a caller's that are being written. Guarded by lock while it is left to the loop, but
   * for the array, and but for {@code at} while the loop copies.
   */
  private static final class Part {
    private final byte[] from;
    private final int end;
    private int at;
    private boolean copying; // by the loop

    Part(byte[] from, int at, int end) {
      this.from = from;
      this.at = at;
      this.end = end;
    }

    void sendTo(Channel channel, FutureListener<Void> written) {
      var count = Math.min(end - at, MAX_WRITE_OCTETS);
      var buffer = channel.alloc().buffer(count).writeBytes(from, at, count);
      channel.writeAndFlush(buffer).addListener(written);
      at += count;
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

  /** Whether the channel takes more at once. */
  private boolean mayWrite() throws IOException {
    lock.lock();
    try {
      requireWritable();
      return channel().isWritable();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has the loop send the rest as soon as the channel takes it, and waits until it has all been
   * copied: a writer that had to be there for it would often be too late.
   */
  private void leaveToLoop(Part part) throws IOException {
    var patience = new Patience(0);
    lock.lock();
    try {
      leftToLoop = part;
      if (channel().isWritable()) { // by now
        channel().eventLoop().execute(this::sendOn);
      }
      while (part.at < part.end) {
        requireWritable();
        await(patience, writable);
      }
    } catch (RejectedExecutionException e) {
      throw SocketFailures.asSocketException(e); // the loops have ended
    } finally {
      leftToLoop = null;
      while (part.copying) {
        writable.awaitUninterruptibly(); // for the array is the caller's again behind this
      }
      lock.unlock();
      patience.close();
    }
  }

  /**
   * What a writer left is sent. On the loop, and a task of it, for what the writer had sent before
   * may be one that has yet to run.
   */
  private void sendOn() {
    Part part;
    lock.lock();
    try {
      part = leftToLoop;
      if (part == null || closed || failure != null) {
        return;
      }
      part.copying = true;
    } finally {
      lock.unlock();
    }
    var begin = part.at;
    OutOfMemoryError refused = null;
    try {
      while (part.at < part.end
          && part.at - begin < MAX_TURN_OCTETS // others have a turn too
          && channel().isWritable()) {
        part.sendTo(channel(), this::written);
      }
    } catch (OutOfMemoryError e) { // outside the heap as well; the writer's to hear
      refused = e;
    } finally {
      lock.lock();
      try {
        part.copying = false;
        if (failure == null) {
          failure = refused;
        }
        if (part.at == part.end || leftToLoop == null || refused != null) {
          writable.signalAll();
        } else if (channel().isWritable()) {
          channel().eventLoop().execute(this::sendOn);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Guarded by lock. */
  private void requireWritable() throws IOException {
    requireOpen();
    var cause = failure;
    if (cause != null) {
      throw SocketFailures.asSocketException(cause);
    }
    if (!channel().isActive()) {
      throw new SocketException("Broken pipe");
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
      input().abandon();
      readable.signalAll();
      input().flow(true); // to see the end
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
      var given = input;
      if (given != null) {
        given.abandon();
      }
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
      if (!input().isEmpty() || input().isTaken()) {
        return false;
      }
      input().leave();
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

  private ReadAhead input() {
    var known = input;
    if (known == null) {
      throw new IllegalStateException("not connected");
    }
    return known;
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
