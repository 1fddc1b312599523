package io.vpc4j.core.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Channels that a server channel has accepted, on their way to whoever waits for one.
 *
 * <p>The server channel is asked for one at a time, and only while somebody waits: the rest stay in
 * the transport's backlog, which is bounded. So it holds at most as many as have waited at once.
 *
 * <p><b>Threads.</b> The event loop adds, any thread takes. All state is guarded by {@code lock},
 * which is never held while waiting for the network.
 */
public final class AcceptQueue {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();

  // guarded by lock
  private final ArrayDeque<Channel> accepted = new ArrayDeque<>();
  private int waiting;
  private boolean asked; // the server channel, for one that has not come
  private boolean closed;
  private @Nullable Channel server;

  /** An empty one. */
  public AcceptQueue() {}

  /** What each accepted channel gets. */
  public ChannelHandler initializer() {
    return new Accepting();
  }

  @ChannelHandler.Sharable
  private final class Accepting extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channel.pipeline().addLast(ChannelSocket.newHandler());
      add(channel);
    }
  }

  /** The channel that listens; when it closes, nobody waits any more. */
  void open(Channel channel) {
    lock.lock();
    try {
      server = channel;
    } finally {
      lock.unlock();
    }
    channel.closeFuture().addListener(done -> close());
  }

  private void add(Channel channel) {
    var refused = false;
    lock.lock();
    try {
      asked = false;
      refused = closed;
      if (!refused) {
        accepted.add(channel);
        arrived.signal();
        ask();
      }
    } finally {
      lock.unlock();
    }
    if (refused) {
      channel.close();
    }
  }

  /**
   * Waits for a channel.
   *
   * @param timeoutNs 0 for ever
   */
  Channel take(long timeoutNs)
      throws SocketException, SocketTimeoutException, InterruptedIOException {
    var leftNs = timeoutNs;
    lock.lock();
    try {
      waiting++;
      for (var next = accepted.poll(); ; next = accepted.poll()) {
        if (next != null) {
          return next;
        }
        if (closed) {
          throw new SocketException("Socket closed");
        }
        ask();
        if (timeoutNs == 0) {
          arrived.await();
        } else if (leftNs <= 0) {
          throw new SocketTimeoutException("Accept timed out");
        } else {
          leftNs = arrived.awaitNanos(leftNs);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a connection");
    } finally {
      waiting--;
      lock.unlock();
    }
  }

  /**
   * Asks for one more, if somebody waits for whom there is none; one at a time, for a channel knows
   * only whether it is to read. Under the lock: a read never waits.
   */
  private void ask() {
    var listening = server;
    if (listening != null && !asked && waiting > accepted.size()) {
      asked = true;
      listening.read();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Wakes those who wait, and closes what nobody has taken. */
  void close() {
    Channel[] left;
    lock.lock();
    try {
      closed = true;
      left = accepted.toArray(Channel[]::new);
      accepted.clear();
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
    for (var channel : left) {
      channel.close();
    }
  }
}
