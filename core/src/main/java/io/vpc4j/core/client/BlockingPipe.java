package io.vpc4j.core.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.io.InterruptedIOException;
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
 * <p>Back-pressure both ways. Inwards, auto-read is off and the channel is asked for more only when
 * what came has been taken, so it holds at most what one read brings. Outwards, a writer waits
 * while the channel is not writable, so at most the channel's high-water mark and one write are
 * queued.
 *
 * <p><b>Threads.</b> The event loop calls the handler methods; any thread the others. All state is
 * guarded by {@code lock}, which is never held while waiting for the network.
 */
final class BlockingPipe extends ChannelInboundHandlerAdapter {

  /** Finds the handler of a channel that has closed already, and lost its handlers with that. */
  private static final AttributeKey<BlockingPipe> OF_CHANNEL =
      AttributeKey.valueOf(BlockingPipe.class, "OF_CHANNEL");

  private static final int MAX_WRITE_OCTETS = 64 * 1024;

  /** How long a closed socket goes on sending what was written before. */
  private static final int CLOSE_LINGER_S = 10;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();

  // guarded by lock
  private final ArrayDeque<ByteBuf> arrived = new ArrayDeque<>();
  private boolean reading;
  private boolean inputEnded;
  private boolean inputAbandoned;
  private boolean closed;
  private @Nullable Throwable failure;

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
      // Ask again if what came held nothing for us (a TLS record of the handshake, say), and if
      // nobody reads any more, to see the end.
      again = !inputEnded && (inputAbandoned || arrived.isEmpty());
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
    lock.lock();
    try {
      var left = timeoutNs;
      while (arrived.isEmpty() && !inputEnded && !closed && !inputAbandoned) {
        if (!reading) {
          reading = true;
          channel().read(); // from any thread: it becomes a task of the loop
        }
        left = await(readable, timeoutNs, left, "Read timed out");
      }
      if (closed) {
        throw new SocketException("Socket closed");
      }
      var buffer = arrived.peek();
      if (buffer == null) {
        return endOfInput();
      }
      var count = Math.min(length, buffer.readableBytes());
      buffer.readBytes(into, offset, count);
      if (!buffer.isReadable()) {
        arrived.remove().release();
      }
      ask = arrived.isEmpty() && !inputEnded && !reading;
      reading |= ask;
      return count;
    } finally {
      lock.unlock();
      if (ask) {
        channel().read();
      }
    }
  }

  private int endOfInput() throws IOException {
    var cause = failure;
    if (cause != null && !inputAbandoned) {
      throw asSocketException(cause);
    }
    return -1;
  }

  /** Octets that a read would give without waiting. */
  int available() throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new SocketException("Socket closed");
      }
      return arrived.stream().mapToInt(ByteBuf::readableBytes).sum();
    } finally {
      lock.unlock();
    }
  }

  /** Writes all of it; waits while the channel has enough to do. */
  void write(byte[] from, int offset, int length) throws IOException {
    var at = offset;
    var end = offset + length;
    while (at < end) {
      awaitWritable();
      var count = Math.min(end - at, MAX_WRITE_OCTETS);
      var buffer = channel().alloc().buffer(count).writeBytes(from, at, count);
      channel().writeAndFlush(buffer).addListener(this::written);
      at += count;
    }
  }

  private void awaitWritable() throws IOException {
    lock.lock();
    try {
      while (!closed && failure == null && channel().isActive() && !channel().isWritable()) {
        await(writable, 0, 0, "");
      }
      if (closed) {
        throw new SocketException("Socket closed");
      }
      var cause = failure;
      if (cause != null) {
        throw asSocketException(cause);
      }
      if (!channel().isActive()) {
        throw new SocketException("Broken pipe");
      }
    } finally {
      lock.unlock();
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
   * Ends the output once everything written has gone. Does not wait.
   *
   * @return false if the channel cannot half-close; nothing has happened then
   */
  boolean endOutput() {
    var tls = channel().pipeline().get(SslHandler.class);
    if (tls == null && !(channel() instanceof DuplexChannel)) {
      return false;
    }
    // Ending a channel's output drops what it still has to send; an empty write is behind all that.
    channel()
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            gone -> {
              if (tls != null) {
                tls.closeOutbound();
              } else {
                ((DuplexChannel) channel()).shutdownOutput();
              }
            });
    return true;
  }

  /**
   * Closes once everything written has gone, or after {@link #CLOSE_LINGER_S}; wakes whoever waits
   * with "Socket closed". Does not wait itself.
   */
  void close() {
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
    var open = channel;
    if (open != null && open.isActive()) {
      var giveUp = open.eventLoop().schedule(() -> open.close(), CLOSE_LINGER_S, TimeUnit.SECONDS);
      open.closeFuture().addListener(done -> giveUp.cancel(false));
      open.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(gone -> open.close());
    } else if (open != null) {
      open.close();
    }
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
  }

  /** One wait on {@code condition}; the time left. */
  @SuppressWarnings("WaitNotInLoop") // the callers loop
  private static long await(Condition condition, long timeoutNs, long leftNs, String sentence)
      throws IOException {
    try {
      if (timeoutNs == 0) {
        condition.await();
        return 0;
      }
      if (leftNs <= 0) {
        throw new SocketTimeoutException(sentence);
      }
      return condition.awaitNanos(leftNs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  private static IOException asSocketException(Throwable cause) {
    var message = cause.getMessage();
    return (IOException)
        new SocketException(message == null ? cause.toString() : message).initCause(cause);
  }

  /** A time-out of {@link java.net.Socket#setSoTimeout} in nanoseconds. */
  static long soTimeoutNs(int millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
