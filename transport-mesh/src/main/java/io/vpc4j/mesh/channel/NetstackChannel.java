package io.vpc4j.mesh.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.loop.FlowOwner;
import io.vpc4j.mesh.loop.MeshLoop;
import io.vpc4j.mesh.netstack.FlowRefused;
import io.vpc4j.mesh.netstack.TcpSocket;
import io.vpc4j.mesh.netstack.tcp.TcpEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection of the stack as a channel.
 *
 * <p><b>Connecting.</b> The future of {@code connect} completes when the other end has accepted.
 * <b>Back-pressure.</b> What is written and does not fit the connection's send buffer stays in the
 * channel's outbound buffer, whose high-water mark makes the channel unwritable; what is not read
 * stays in the connection, whose window closes. <b>Half-close.</b> {@code shutdownOutput} sends FIN
 * after everything that was flushed before; with {@link
 * io.netty.channel.ChannelOption#ALLOW_HALF_CLOSURE} the other end's FIN is an event and leaves our
 * output open. <b>Reset.</b> {@code exceptionCaught}, then {@code channelInactive}; a close with
 * {@link io.netty.channel.ChannelOption#SO_LINGER} 0 sends one.
 */
public final class NetstackChannel extends AbstractChannel implements DuplexChannel, FlowOwner {

  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  /** Rounds of reading before others of the event loop have their turn. */
  private static final int MAX_ROUNDS = 16;

  private enum State {
    OPEN,
    CONNECTING,
    CONNECTED,
    CLOSED
  }

  private final MeshLoop loop;
  private final int linkIndex;
  private final NetstackChannelConfig config = new NetstackChannelConfig(this);
  private volatile State state = State.OPEN;
  private volatile boolean inputShutdown;
  private volatile boolean outputShutdown;
  private volatile @Nullable InetSocketAddress local;
  private volatile @Nullable InetSocketAddress remote;

  // Confined to the loop.
  private @Nullable TcpSocket socket;
  private @Nullable ChannelPromise connecting;
  private @Nullable ChannelPromise finishing; // an end of output that waits for what was flushed
  private boolean readWanted;
  private boolean reading;
  private boolean roundQueued;
  private boolean stalled; // the send buffer is full: the connection says when there is room

  /**
   * One that will connect.
   *
   * @param linkIndex the peer it goes by
   */
  public NetstackChannel(MeshLoop loop, int linkIndex) {
    super(null);
    this.loop = loop;
    this.linkIndex = linkIndex;
  }

  /** One that was accepted; on the loop. */
  public NetstackChannel(@Nullable Channel parent, MeshLoop loop, TcpSocket accepted) {
    super(parent);
    this.loop = loop;
    linkIndex = accepted.link();
    state = State.CONNECTED;
    attach(accepted);
    accepted.owner(this);
  }

  private void attach(TcpSocket made) {
    socket = made;
    local = new InetSocketAddress(made.local().toInetAddress(), made.localPort());
    remote = new InetSocketAddress(made.remote().toInetAddress(), made.remotePort());
  }

  // ---- connecting ------------------------------------------------------------------------------

  private final class NetstackUnsafe extends AbstractUnsafe {
    @Override
    public void connect(
        SocketAddress remoteAddress, @Nullable SocketAddress localAddress, ChannelPromise promise) {
      if (!promise.setUncancellable() || !ensureOpen(promise)) {
        return;
      }
      if (state != State.OPEN) {
        promise.setFailure(
            state == State.CONNECTING
                ? new ConnectionPendingException()
                : new AlreadyConnectedException());
        return;
      }
      state = State.CONNECTING;
      connecting = promise;
      try {
        var to = (InetSocketAddress) remoteAddress;
        attach(
            loop.stack()
                .connect(
                    IpAddress.of(to.getAddress()),
                    to.getPort(),
                    linkIndex,
                    loop.stack().settings().tcp(),
                    NetstackChannel.this,
                    loop.nowNs()));
        loop.wake();
      } catch (FlowRefused e) {
        connecting = null;
        promise.setFailure(Failures.of(e));
        close(voidPromise());
      }
    }

    @Override
    protected void flush0() {
      if (!stalled) {
        super.flush0();
      }
    }

    void flushAgain() {
      flush0();
    }

    void endOutput(ChannelPromise promise) {
      var pending = outboundBuffer();
      if (pending == null || pending.size() == 0) {
        shutdownOutput(promise);
      } else {
        finishing = promise;
      }
    }
  }

  // ---- news of the connection ------------------------------------------------------------------

  @Override
  public void onReady() {
    var flow = socket;
    if (flow == null || !isRegistered()) {
      return;
    }
    for (var event = flow.pollEvent(); event != null; event = flow.pollEvent()) {
      onEvent(event);
      if (state == State.CLOSED) {
        return;
      }
    }
    readRounds();
  }

  private void onEvent(TcpEvent event) {
    switch (event) {
      case CONNECTED -> onConnected();
      case WRITABLE -> {
        stalled = false;
        ((NetstackUnsafe) unsafe()).flushAgain();
      }
      case FAILED -> onFailed();
      case READABLE, PEER_FINISHED, CLOSED -> {
        // seen by reading
      }
    }
  }

  private void onConnected() {
    if (state != State.CONNECTING) {
      return; // accepted ones are connected from the start
    }
    state = State.CONNECTED;
    var promise = connecting;
    connecting = null;
    if (promise != null && !promise.trySuccess()) {
      unsafe().close(voidPromise());
      return;
    }
    pipeline().fireChannelActive();
  }

  private void onFailed() {
    var cause = cause();
    var promise = connecting;
    connecting = null;
    if (promise != null) {
      promise.tryFailure(cause);
    } else {
      readRounds(); // what came before a reset is still given out, if somebody reads
      if (state == State.CLOSED) {
        return;
      }
      pipeline().fireExceptionCaught(cause);
    }
    unsafe().close(voidPromise());
  }

  private IOException cause() {
    var flow = socket;
    var failure = flow == null ? null : flow.connection().failure();
    return Failures.of(failure, remote);
  }

  // ---- reading ---------------------------------------------------------------------------------

  @Override
  protected void doBeginRead() {
    readWanted = true;
    if (!reading && !roundQueued) {
      // Later, so that a handler that asks for more within a read does not read within itself.
      roundQueued = true;
      eventLoop().execute(this::queuedRound);
    }
  }

  private void queuedRound() {
    roundQueued = false;
    readRounds();
  }

  private void readRounds() {
    var flow = socket;
    if (reading || flow == null || state != State.CONNECTED) {
      return;
    }
    reading = true;
    try {
      for (var round = 0; readWanted && state == State.CONNECTED; round++) {
        var connection = flow.connection();
        var ended = connection.finished() && !inputShutdown;
        if (connection.readable() == 0 && !ended) {
          return;
        }
        if (round == MAX_ROUNDS) {
          roundQueued = true;
          eventLoop().execute(this::queuedRound);
          return;
        }
        readWanted = false;
        if (connection.readable() > 0) {
          readRound(flow);
        } else {
          onEndOfStream();
        }
      }
    } finally {
      reading = false;
    }
    loop.wake(); // the window may have to be opened
  }

  private void readRound(TcpSocket flow) {
    var handle = unsafe().recvBufAllocHandle();
    handle.reset(config);
    do {
      var buffer = handle.allocate(config.getAllocator());
      int octets;
      try {
        handle.attemptedBytesRead(buffer.writableBytes());
        var to = buffer.internalNioBuffer(buffer.writerIndex(), buffer.writableBytes());
        octets = flow.read(to, loop.nowNs());
        buffer.writerIndex(buffer.writerIndex() + octets);
      } catch (RuntimeException e) {
        buffer.release();
        throw e;
      }
      handle.lastBytesRead(octets);
      if (octets == 0) {
        buffer.release();
        break;
      }
      handle.incMessagesRead(1);
      pipeline().fireChannelRead(buffer);
    } while (state == State.CONNECTED
        && flow.connection().readable() > 0
        && handle.continueReading());
    handle.readComplete();
    pipeline().fireChannelReadComplete();
  }

  private void onEndOfStream() {
    inputShutdown = true;
    if (config.allowHalfClosure()) {
      pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
    } else {
      unsafe().close(voidPromise());
    }
  }

  // ---- writing ---------------------------------------------------------------------------------

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message instanceof ByteBuf) {
      return message;
    }
    throw new UnsupportedOperationException(
        "a stream carries ByteBuf, not " + message.getClass().getName());
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer pending) throws Exception {
    var flow = socket;
    if (flow == null) {
      throw new ClosedChannelException();
    }
    for (var message = pending.current(); message != null; message = pending.current()) {
      var buffer = (ByteBuf) message;
      var octets = buffer.readableBytes();
      if (octets == 0) {
        pending.remove();
        continue;
      }
      if (!flow.connection().canWrite()) {
        throw new ClosedChannelException();
      }
      var taken = write(flow, buffer, octets);
      pending.removeBytes(taken);
      if (taken < octets) {
        stalled = true; // WRITABLE follows
        break;
      }
    }
    loop.wake();
    var ending = finishing;
    if (ending != null && pending.isEmpty()) {
      finishing = null;
      // Not within a flush.
      eventLoop().execute(() -> ((NetstackUnsafe) unsafe()).shutdownOutput(ending));
    }
  }

  private int write(TcpSocket flow, ByteBuf buffer, int octets) {
    if (buffer.nioBufferCount() == 1) {
      return flow.write(buffer.internalNioBuffer(buffer.readerIndex(), octets), loop.nowNs());
    }
    var taken = 0;
    for (var part : buffer.nioBuffers(buffer.readerIndex(), octets)) {
      var length = part.remaining();
      var of = flow.write(part, loop.nowNs());
      taken += of;
      if (of < length) {
        break;
      }
    }
    return taken;
  }

  // ---- ending ----------------------------------------------------------------------------------

  @Override
  protected void doShutdownOutput() {
    outputShutdown = true;
    var flow = socket;
    if (flow != null && flow.connection().canWrite()) {
      flow.shutdownOutput(loop.nowNs());
      loop.wake();
    }
  }

  @Override
  protected void doClose() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    inputShutdown = true;
    outputShutdown = true;
    var promise = connecting;
    connecting = null;
    if (promise != null) {
      promise.tryFailure(new ClosedChannelException());
    }
    var ending = finishing;
    finishing = null;
    if (ending != null) {
      ending.tryFailure(new ClosedChannelException());
    }
    var flow = socket;
    socket = null;
    if (flow != null) {
      if (config.resetsOnClose()) {
        flow.abort(loop.nowNs());
      } else {
        flow.close(loop.nowNs());
      }
      flow.owner(null);
      loop.wake();
    }
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doBind(SocketAddress localAddress) {
    throw new UnsupportedOperationException("the stack chooses the local address of a connection");
  }

  // ---- as a duplex channel ---------------------------------------------------------------------

  @Override
  public boolean isInputShutdown() {
    return inputShutdown;
  }

  @Override
  public boolean isOutputShutdown() {
    return outputShutdown;
  }

  @Override
  public boolean isShutdown() {
    return inputShutdown && outputShutdown;
  }

  @Override
  public ChannelFuture shutdownInput() {
    return shutdownInput(newPromise());
  }

  /** Nothing more is given out; what comes is thrown away, so that the other end can go on. */
  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    onLoop(
        () -> {
          inputShutdown = true;
          readWanted = false;
          discard();
          promise.setSuccess();
        });
    return promise;
  }

  private void discard() {
    var flow = socket;
    if (flow == null) {
      return;
    }
    var scratch = config.getAllocator().heapBuffer(16 << 10);
    try {
      while (flow.read(scratch.internalNioBuffer(0, scratch.capacity()), loop.nowNs()) > 0) {
        // thrown away
      }
    } finally {
      ReferenceCountUtil.release(scratch);
    }
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    onLoop(() -> ((NetstackUnsafe) unsafe()).endOutput(promise));
    return promise;
  }

  @Override
  public ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    shutdownInput();
    return shutdownOutput(promise);
  }

  private void onLoop(Runnable task) {
    if (eventLoop().inEventLoop()) {
      task.run();
    } else {
      eventLoop().execute(task);
    }
  }

  // ---- facts -----------------------------------------------------------------------------------

  /**
   * The connection, for what it knows; on the loop. Null before it is made and after it is gone.
   */
  public @Nullable TcpSocket socket() {
    return socket;
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new NetstackUnsafe();
  }

  @Override
  protected boolean isCompatible(EventLoop eventLoop) {
    return eventLoop == loop.eventLoop();
  }

  @Override
  protected void doRegister(ChannelPromise promise) {
    promise.setSuccess();
    var accepted = socket;
    if (accepted != null) {
      accepted.owner(this); // what has happened meanwhile is told
      loop.wake();
    }
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return local;
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return remote;
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return state != State.CLOSED;
  }

  @Override
  public boolean isActive() {
    return state == State.CONNECTED;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }
}
