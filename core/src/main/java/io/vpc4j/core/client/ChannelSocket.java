package io.vpc4j.core.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A connected {@link Socket} over a channel of any transport: what a driver that knows nothing of
 * this library can be handed.
 *
 * <p>Behaves as a plain socket does: one thread may read while another writes; {@link #close} from
 * a third wakes both with a {@link SocketException}; {@link #setSoTimeout} bounds reads. Options of
 * the operating system's socket ({@code TCP_NODELAY} and the like) are accepted and go to the
 * channel where it has them, for drivers set them without asking.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // a monitor would pin virtual threads
public final class ChannelSocket extends Socket {

  private final String host;
  private final int port;
  private final BlockingPipe pipe;
  private final InputStream input = new Input();
  private final OutputStream output = new Output();

  private volatile int soTimeoutMillis;
  private volatile boolean closed;
  private volatile boolean inputShutdown;
  private volatile boolean outputShutdown;

  /**
   * A socket over a connected channel that had {@link #newHandler} last in its pipeline from the
   * beginning.
   *
   * @param host what was asked for; shown by {@link #getRemoteSocketAddress}, unresolved
   * @throws IllegalArgumentException if the handler is not there
   */
  public ChannelSocket(String host, int port, Channel channel) throws SocketException {
    super((SocketImpl) null);
    this.host = host;
    this.port = port;
    var found = BlockingPipe.of(channel);
    if (found == null) {
      throw new IllegalArgumentException("the channel was made without ChannelSocket.newHandler()");
    }
    pipe = found;
  }

  /** What goes last into the pipeline of one channel, before its first event. */
  public static ChannelHandler newHandler() {
    return new BlockingPipe();
  }

  // ---- streams

  @Override
  public InputStream getInputStream() throws IOException {
    requireOpen();
    if (inputShutdown) {
      throw new SocketException("Socket input is shutdown");
    }
    return input;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    requireOpen();
    if (outputShutdown) {
      throw new SocketException("Socket output is shutdown");
    }
    return output;
  }

  @Override
  public void shutdownInput() throws IOException {
    requireOpen();
    inputShutdown = true;
    pipe.abandonInput();
  }

  /**
   * Ends the output behind what was written, and leaves the input open. Does not wait.
   *
   * @throws UnsupportedOperationException if the transport cannot half-close
   */
  @Override
  public void shutdownOutput() throws IOException {
    requireOpen();
    if (!pipe.endOutput()) {
      throw new UnsupportedOperationException(
          "this transport has no half-close: close the socket when the peer has answered");
    }
    outputShutdown = true;
  }

  @Override
  public void close() {
    closed = true;
    pipe.close();
  }

  private void requireOpen() throws SocketException {
    if (closed) {
      throw new SocketException("Socket is closed");
    }
  }

  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, into.length);
      return pipe.read(into, offset, length, BlockingPipe.soTimeoutNs(soTimeoutMillis));
    }

    @Override
    public int available() throws IOException {
      return pipe.available();
    }

    @Override
    public void close() {
      ChannelSocket.this.close();
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, from.length);
      if (outputShutdown) {
        throw new SocketException("Socket output is shutdown");
      }
      pipe.write(from, offset, length);
    }

    @Override
    public void close() {
      ChannelSocket.this.close();
    }
  }

  // ---- facts

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public boolean isBound() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public boolean isInputShutdown() {
    return inputShutdown;
  }

  @Override
  public boolean isOutputShutdown() {
    return outputShutdown;
  }

  /** The destination as it was asked for, unresolved: the name means something there, not here. */
  @Override
  public SocketAddress getRemoteSocketAddress() {
    return InetSocketAddress.createUnresolved(host, port);
  }

  /** Null: the name is resolved at the far end. */
  @Override
  public @Nullable InetAddress getInetAddress() {
    return null;
  }

  @Override
  public int getPort() {
    return port;
  }

  @Override
  public @Nullable SocketAddress getLocalSocketAddress() {
    return pipe.channel().localAddress() instanceof InetSocketAddress local ? local : null;
  }

  @Override
  public InetAddress getLocalAddress() {
    return pipe.channel().localAddress() instanceof InetSocketAddress local
        ? local.getAddress()
        : InetAddress.getLoopbackAddress();
  }

  @Override
  public int getLocalPort() {
    return pipe.channel().localAddress() instanceof InetSocketAddress local ? local.getPort() : -1;
  }

  /** Null: there is no channel of the JDK's beneath. */
  @Override
  public @Nullable SocketChannel getChannel() {
    return null;
  }

  @Override
  public String toString() {
    return "ChannelSocket[" + host + ":" + port + "]";
  }

  // ---- what cannot be done twice

  @Override
  public void connect(SocketAddress endpoint) throws IOException {
    throw new SocketException("already connected");
  }

  @Override
  public void connect(SocketAddress endpoint, int timeout) throws IOException {
    throw new SocketException("already connected");
  }

  @Override
  public void bind(@Nullable SocketAddress bindpoint) throws IOException {
    throw new SocketException("Already bound");
  }

  @Override
  public void sendUrgentData(int data) throws IOException {
    throw new SocketException("Urgent data not supported");
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
  public void setTcpNoDelay(boolean on) {
    setOption(ChannelOption.TCP_NODELAY, on);
  }

  @Override
  public boolean getTcpNoDelay() {
    return optionOr(ChannelOption.TCP_NODELAY, true);
  }

  @Override
  public void setKeepAlive(boolean on) {
    setOption(ChannelOption.SO_KEEPALIVE, on);
  }

  @Override
  public boolean getKeepAlive() {
    return optionOr(ChannelOption.SO_KEEPALIVE, false);
  }

  @Override
  public void setSoLinger(boolean on, int seconds) {
    setOption(ChannelOption.SO_LINGER, on ? seconds : -1);
  }

  @Override
  public int getSoLinger() {
    return optionOr(ChannelOption.SO_LINGER, -1);
  }

  @Override
  public void setSendBufferSize(int octets) {
    setOption(ChannelOption.SO_SNDBUF, octets);
  }

  @Override
  public int getSendBufferSize() {
    return optionOr(ChannelOption.SO_SNDBUF, 65_536);
  }

  @Override
  public void setReceiveBufferSize(int octets) {
    setOption(ChannelOption.SO_RCVBUF, octets);
  }

  @Override
  public int getReceiveBufferSize() {
    return optionOr(ChannelOption.SO_RCVBUF, 65_536);
  }

  @Override
  public void setTrafficClass(int trafficClass) {
    setOption(ChannelOption.IP_TOS, trafficClass);
  }

  @Override
  public int getTrafficClass() {
    return optionOr(ChannelOption.IP_TOS, 0);
  }

  @Override
  public void setReuseAddress(boolean on) {
    setOption(ChannelOption.SO_REUSEADDR, on);
  }

  @Override
  public boolean getReuseAddress() {
    return optionOr(ChannelOption.SO_REUSEADDR, false);
  }

  @Override
  public void setOOBInline(boolean on) {
    // Urgent data cannot arrive, so in line or not is the same.
  }

  @Override
  public boolean getOOBInline() {
    return true;
  }

  @Override
  public void setPerformancePreferences(int connectionTime, int latency, int bandwidth) {
    // Takes effect before a connection is made, and this one is.
  }

  /** Sets what the channel knows; what it does not know has no meaning for its transport. */
  private <T> void setOption(ChannelOption<T> option, T value) {
    pipe.channel().config().setOption(option, value);
  }

  private <T> T optionOr(ChannelOption<T> option, T otherwise) {
    var value =
        pipe.channel().config().getOptions().containsKey(option)
            ? pipe.channel().config().getOption(option)
            : null;
    return value == null ? otherwise : value;
  }
}
