package io.vpc4j.core.client;

import io.netty.channel.Channel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.channels.ServerSocketChannel;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A bound {@link ServerSocket} over a server channel of any transport: what a server that knows
 * nothing of this library can be handed.
 *
 * <p>Behaves as a plain one does: {@link #accept} waits, for as long as {@link #setSoTimeout} says;
 * {@link #close} from another thread wakes it with a {@link SocketException}. Sockets that were
 * accepted stay open when it closes.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // a monitor would pin virtual threads
public final class ChannelServerSocket extends ServerSocket {

  private final Channel channel;
  private final AcceptQueue queue;
  private volatile int soTimeoutMillis;

  /**
   * A socket over a channel that listens.
   *
   * @param queue whose {@link AcceptQueue#initializer} the accepted channels get
   */
  public ChannelServerSocket(Channel channel, AcceptQueue queue) throws IOException {
    this.channel = channel;
    this.queue = queue;
    queue.open(channel);
  }

  // ---- accepting

  /**
   * Waits for a connection and accepts it.
   *
   * @throws SocketTimeoutException if none came within {@link #getSoTimeout}
   * @throws SocketException if the socket is closed, here or with the binding's {@code Vpc}
   * @throws InterruptedIOException if the thread is interrupted; it stays so
   */
  @Override
  public Socket accept() throws IOException {
    var accepted = queue.take(TimeUnit.MILLISECONDS.toNanos(soTimeoutMillis));
    var remote = (InetSocketAddress) accepted.remoteAddress();
    if (remote == null) { // it is gone again; its socket says so
      return new ChannelSocket("unknown", 0, accepted);
    }
    return new ChannelSocket(remote.getAddress().getHostAddress(), remote.getPort(), accepted);
  }

  @Override
  public void close() {
    queue.close();
    channel.close();
  }

  private void requireOpen() throws SocketException {
    if (isClosed()) {
      throw new SocketException("Socket is closed");
    }
  }

  // ---- facts

  @Override
  public boolean isClosed() {
    return queue.isClosed();
  }

  @Override
  public boolean isBound() {
    return true;
  }

  /** The first of our addresses there; connections to the others are accepted as well. */
  @Override
  public @Nullable InetAddress getInetAddress() {
    return getLocalSocketAddress() instanceof InetSocketAddress local ? local.getAddress() : null;
  }

  @Override
  public int getLocalPort() {
    return getLocalSocketAddress() instanceof InetSocketAddress local ? local.getPort() : -1;
  }

  @Override
  public @Nullable SocketAddress getLocalSocketAddress() {
    return channel.localAddress();
  }

  /** Null: there is no channel of the JDK's beneath. */
  @Override
  public @Nullable ServerSocketChannel getChannel() {
    return null;
  }

  @Override
  public String toString() {
    return "ChannelServerSocket[" + getLocalSocketAddress() + "]";
  }

  // ---- what cannot be done twice

  @Override
  public void bind(@Nullable SocketAddress endpoint) throws IOException {
    bind(endpoint, 0);
  }

  @Override
  public void bind(@Nullable SocketAddress endpoint, int backlog) throws IOException {
    requireOpen();
    throw new SocketException("Already bound");
  }

  // ---- options

  @Override
  public void setSoTimeout(int millis) throws SocketException {
    requireOpen();
    if (millis < 0) {
      throw new IllegalArgumentException("timeout can't be negative");
    }
    soTimeoutMillis = millis;
  }

  @Override
  public int getSoTimeout() throws SocketException {
    requireOpen();
    return soTimeoutMillis;
  }

  @Override
  public void setReuseAddress(boolean on) {
    // A port is free as soon as nobody listens on it.
  }

  @Override
  public boolean getReuseAddress() {
    return true;
  }

  @Override
  public void setReceiveBufferSize(int octets) {
    if (octets <= 0) {
      throw new IllegalArgumentException("negative receive size");
    }
    // Buffers follow the connection's pace, whatever a server thinks.
  }

  @Override
  public int getReceiveBufferSize() {
    return 65_536;
  }

  @Override
  public void setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
    // Takes effect before a socket is bound, and this one is.
  }

  @Override
  public <T> ServerSocket setOption(SocketOption<T> name, T value) throws IOException {
    throw new UnsupportedOperationException("no option " + name);
  }

  @Override
  public <T> T getOption(SocketOption<T> name) throws IOException {
    throw new UnsupportedOperationException("no option " + name);
  }

  @Override
  public Set<SocketOption<?>> supportedOptions() {
    return Set.of();
  }
}
