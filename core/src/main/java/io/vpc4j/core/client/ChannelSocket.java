package io.vpc4j.core.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.vpc4j.ConnectAddress;
import io.vpc4j.ConnectOptions;
import io.vpc4j.VpcException;
import io.vpc4j.VpcSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A {@link VpcSocket} over a channel of any transport, connected from the beginning or later.
 *
 * <p>Options of the operating system's socket ({@code TCP_NODELAY} and the like) are accepted and
 * go to the channel where it has them, for drivers set them without asking; before there is a
 * channel they are kept for it.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // a monitor would pin virtual threads
public final class ChannelSocket extends VpcSocket {

  /** How long {@link #connect(SocketAddress)} waits without a time-out of its own. */
  private static final Duration DEFAULT_TIMEOUT = ConnectOptions.defaults().timeout();

  /** More than this is this: {@link java.net.Socket#setSoLinger}. */
  private static final int MAX_LINGER_S = 65_535;

  /**
   * What a connected socket stands on.
   *
   * @param remote where it leads
   * @param channel made with {@link #newHandler} last in its pipeline
   * @param securing how TLS is begun; null if that was not asked for
   */
  record Link(InetSocketAddress remote, Channel channel, @Nullable Securing securing) {}

  /** Begins TLS on a channel, and ends with a new {@link #newHandler} last in its pipeline. */
  interface Securing {
    /** Waits for the handshake; the channel is closed if it fails. */
    void secure(Channel channel, BlockingPipe pipe, String serverName) throws VpcException;
  }

  /** Makes the connection of a socket that is not connected yet. */
  interface Dialling {
    /** Waits for it. */
    Link dial(String host, int port, Duration timeout) throws VpcException;
  }

  private final @Nullable Dialling dialling;
  private final AtomicBoolean connecting = new AtomicBoolean();
  private final Map<ChannelOption<?>, Object> early = new ConcurrentHashMap<>();
  private final InputStream input = new Input();
  private final OutputStream output = new Output();

  private volatile @Nullable Link link;
  private volatile @Nullable BlockingPipe pipe;
  private volatile int soTimeoutMillis;
  private volatile boolean closed;
  private volatile boolean inputShutdown;
  private volatile boolean outputShutdown;

  /** A connected socket. */
  ChannelSocket(Link link) throws SocketException {
    dialling = null;
    connecting.set(true);
    attach(link);
  }

  /** A socket that is not connected. */
  ChannelSocket(Dialling dialling) throws SocketException {
    this.dialling = dialling;
  }

  /**
   * A socket over a connected channel that had {@link #newHandler} last in its pipeline from the
   * beginning.
   *
   * @param host what was asked for
   * @throws IllegalArgumentException if the handler is not there
   */
  public ChannelSocket(String host, int port, Channel channel) throws SocketException {
    this(new Link(RawConnections.remote(host, port, channel), channel, null));
  }

  private void attach(Link made) {
    var found = BlockingPipe.of(made.channel());
    if (found == null) {
      throw new IllegalArgumentException("the channel was made without ChannelSocket.newHandler()");
    }
    link = made;
    pipe = found;
  }

  /** What goes last into the pipeline of one channel, before its first event. */
  public static ChannelHandler newHandler() {
    return new BlockingPipe();
  }

  // ---- connecting

  @Override
  public void connect(SocketAddress endpoint) throws IOException {
    connect(endpoint, 0);
  }

  /**
   * Connects to the name that {@code endpoint} carries, resolved or not: it is resolved at the far
   * end. A failure closes this socket, as it does a plain one.
   *
   * @param timeoutMillis 0 for 30 s
   */
  @Override
  public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
    if (timeoutMillis < 0) {
      throw new IllegalArgumentException("connect: timeout can't be negative");
    }
    if (!(endpoint instanceof InetSocketAddress to)) {
      throw new IllegalArgumentException("Unsupported address type");
    }
    requireOpen();
    var dials = dialling;
    if (dials == null || !connecting.compareAndSet(false, true)) {
      throw new SocketException("already connected");
    }
    try {
      var target = new ConnectAddress(to.getHostString(), to.getPort());
      var timeout = timeoutMillis == 0 ? DEFAULT_TIMEOUT : Duration.ofMillis(timeoutMillis);
      attach(dials.dial(target.host(), target.port(), timeout));
    } catch (VpcException e) {
      close();
      throw SocketFailures.ofConnect(e, to.getHostString());
    } catch (IllegalArgumentException e) {
      close();
      throw (IOException) new UnknownHostException(to.getHostString()).initCause(e);
    }
    early.forEach(this::applyEarly);
    if (closed) { // from another thread, while it was dialled
      pipe().close();
      throw new SocketException("Socket closed");
    }
  }

  @SuppressWarnings("unchecked") // each option was put there with a value of its own type
  private <T> void applyEarly(ChannelOption<T> option, Object value) {
    pipe().channel().config().setOption(option, (T) value);
  }

  @Override
  public void bind(@Nullable SocketAddress bindpoint) throws IOException {
    requireOpen();
    if (link != null) {
      throw new SocketException("Already bound");
    }
    // It is the far end that dials: there is nothing to bind here.
  }

  // ---- TLS

  @Override
  public VpcSocket startTls() throws VpcException {
    var made = link;
    if (made == null) {
      throw new IllegalStateException("the socket is not connected");
    }
    return startTls(made.remote().getHostString());
  }

  @Override
  public VpcSocket startTls(String serverName) throws VpcException {
    var made = link;
    if (made == null || closed) {
      throw new IllegalStateException("the socket is not connected");
    }
    var securing = made.securing();
    if (securing == null) {
      throw new IllegalStateException(
          tlsSession().isPresent()
              ? "Cannot startTls on a TLS socket."
              : "The `secureTransport` socket option must be set to 'starttls' for startTls to be used.");
    }
    closed = true;
    securing.secure(made.channel(), pipe(), serverName);
    try {
      var secured = new ChannelSocket(new Link(made.remote(), made.channel(), null));
      secured.soTimeoutMillis = soTimeoutMillis;
      return secured;
    } catch (SocketException e) {
      throw new AssertionError("a constructor that opens nothing", e);
    }
  }

  @Override
  public Optional<SSLSession> tlsSession() {
    var made = link;
    return made == null || closed ? Optional.empty() : ChannelEnds.tlsSession(made.channel());
  }

  // ---- streams

  @Override
  public InputStream getInputStream() throws IOException {
    requireConnected();
    if (inputShutdown) {
      throw new SocketException("Socket input is shutdown");
    }
    return input;
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    requireConnected();
    if (outputShutdown) {
      throw new SocketException("Socket output is shutdown");
    }
    return output;
  }

  @Override
  public void shutdownInput() throws IOException {
    requireConnected();
    if (inputShutdown) {
      throw new SocketException("Socket input is already shutdown");
    }
    inputShutdown = true;
    pipe().abandonInput();
  }

  /**
   * Ends the output behind what was written, and leaves the input open. Does not wait.
   *
   * @throws SocketException also if the transport cannot half-close; nothing has happened then
   */
  @Override
  public void shutdownOutput() throws IOException {
    requireConnected();
    if (outputShutdown) {
      throw new SocketException("Socket output is already shutdown");
    }
    if (!ChannelEnds.endOutput(pipe().channel())) {
      throw new SocketException(
          "this transport has no half-close: close the socket when the peer has answered");
    }
    outputShutdown = true;
  }

  @Override
  public boolean canHalfClose() {
    var made = link;
    if (made == null) {
      throw new IllegalStateException("the socket is not connected");
    }
    return ChannelEnds.canEndOutput(made.channel());
  }

  @Override
  public void close() {
    closed = true;
    var open = pipe;
    if (open != null) {
      open.close();
    }
  }

  private void requireOpen() throws SocketException {
    if (isClosed()) {
      throw new SocketException("Socket is closed");
    }
  }

  private void requireConnected() throws SocketException {
    requireOpen();
    if (link == null) {
      throw new SocketException("Socket is not connected");
    }
  }

  private BlockingPipe pipe() {
    return Objects.requireNonNull(pipe, "the streams of a socket are had once it is connected");
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
      return pipe().read(into, offset, length, BlockingPipe.soTimeoutNs(soTimeoutMillis));
    }

    @Override
    public int available() throws IOException {
      return pipe().available();
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
      pipe().write(from, offset, length);
    }

    @Override
    public void close() {
      ChannelSocket.this.close();
    }
  }

  // ---- facts

  @Override
  public boolean isConnected() {
    return link != null;
  }

  @Override
  public boolean isBound() {
    return link != null;
  }

  @Override
  public boolean isClosed() {
    var open = pipe;
    return closed || (open != null && open.isClosed());
  }

  @Override
  public boolean isInputShutdown() {
    return inputShutdown;
  }

  @Override
  public boolean isOutputShutdown() {
    return outputShutdown;
  }

  /** The host as asked for, with the address that the far end knows it by; null before. */
  @Override
  public @Nullable SocketAddress getRemoteSocketAddress() {
    var made = link;
    return made == null ? null : made.remote();
  }

  @Override
  public @Nullable InetAddress getInetAddress() {
    var made = link;
    return made == null ? null : made.remote().getAddress();
  }

  @Override
  public int getPort() {
    var made = link;
    return made == null ? 0 : made.remote().getPort();
  }

  @Override
  public @Nullable SocketAddress getLocalSocketAddress() {
    return local();
  }

  @Override
  public InetAddress getLocalAddress() {
    var local = local();
    return local == null ? InetAddress.getLoopbackAddress() : local.getAddress();
  }

  @Override
  public int getLocalPort() {
    var local = local();
    return local == null ? -1 : local.getPort();
  }

  private @Nullable InetSocketAddress local() {
    var made = link;
    return made != null && made.channel().localAddress() instanceof InetSocketAddress local
        ? local
        : null;
  }

  /** Null: there is no channel of the JDK's beneath. */
  @Override
  public @Nullable SocketChannel getChannel() {
    return null;
  }

  @Override
  public String toString() {
    var made = link;
    return made == null ? "ChannelSocket[unconnected]" : "ChannelSocket[" + made.remote() + "]";
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
  public void setTcpNoDelay(boolean on) throws SocketException {
    setOption(ChannelOption.TCP_NODELAY, on);
  }

  @Override
  public boolean getTcpNoDelay() throws SocketException {
    return optionOr(ChannelOption.TCP_NODELAY, true);
  }

  @Override
  public void setKeepAlive(boolean on) throws SocketException {
    setOption(ChannelOption.SO_KEEPALIVE, on);
  }

  @Override
  public boolean getKeepAlive() throws SocketException {
    return optionOr(ChannelOption.SO_KEEPALIVE, false);
  }

  @Override
  public void setSoLinger(boolean on, int seconds) throws SocketException {
    if (on && seconds < 0) {
      throw new IllegalArgumentException("invalid value for SO_LINGER");
    }
    setOption(ChannelOption.SO_LINGER, on ? Math.min(seconds, MAX_LINGER_S) : -1);
  }

  @Override
  public int getSoLinger() throws SocketException {
    return optionOr(ChannelOption.SO_LINGER, -1);
  }

  @Override
  public void setSendBufferSize(int octets) throws SocketException {
    setOption(ChannelOption.SO_SNDBUF, octets);
  }

  @Override
  public int getSendBufferSize() throws SocketException {
    return optionOr(ChannelOption.SO_SNDBUF, 65_536);
  }

  @Override
  public void setReceiveBufferSize(int octets) throws SocketException {
    setOption(ChannelOption.SO_RCVBUF, octets);
  }

  @Override
  public int getReceiveBufferSize() throws SocketException {
    return optionOr(ChannelOption.SO_RCVBUF, 65_536);
  }

  @Override
  public void setTrafficClass(int trafficClass) throws SocketException {
    setOption(ChannelOption.IP_TOS, trafficClass);
  }

  @Override
  public int getTrafficClass() throws SocketException {
    return optionOr(ChannelOption.IP_TOS, 0);
  }

  @Override
  public void setReuseAddress(boolean on) throws SocketException {
    setOption(ChannelOption.SO_REUSEADDR, on);
  }

  @Override
  public boolean getReuseAddress() throws SocketException {
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
  private <T> void setOption(ChannelOption<T> option, T value) throws SocketException {
    requireOpen();
    var open = pipe;
    if (open == null) {
      early.put(option, value);
    } else {
      open.channel().config().setOption(option, value);
    }
  }

  @SuppressWarnings("unchecked") // each option was put there with a value of its own type
  private <T> T optionOr(ChannelOption<T> option, T otherwise) throws SocketException {
    requireOpen();
    var open = pipe;
    var value =
        open == null
            ? (T) early.get(option)
            : open.channel().config().getOptions().containsKey(option)
                ? open.channel().config().getOption(option)
                : null;
    return value == null ? otherwise : value;
  }
}
