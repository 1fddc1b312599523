package io.vpc4j.core.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AbstractChannel;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.vpc4j.core.client.RawConnections;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A connection through a binding, as a channel of any event loop. What it promises to programs is
 * written at {@link BindingChannels}.
 *
 * <p><b>Writing.</b> What is flushed stays in this channel's outbound buffer until the transport's
 * channel has taken it, and is lent to that in batches, two at a time: one is written while the
 * next is gathered. So this channel's water marks count what has not gone, however far beneath.
 * <b>Reading.</b> {@link Beneath} keeps what has come, and this channel takes it when it is read.
 *
 * <p><b>Threads.</b> This channel's loop, but for {@link #onNews} and {@link #readNoMore}. Where
 * the two loops are one there is no task between the channels.
 */
final class BindingChannel extends AbstractChannel implements SocketChannel {

  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  /** What is known of an address that is the transport's alone: as of an unbound socket. */
  private static final InetSocketAddress UNKNOWN = new InetSocketAddress(0);

  private static final int KEEP_LINGER = -1;

  private enum State {
    OPEN,
    CONNECTING,
    CONNECTED,
    CLOSED
  }

  private final Dials dials;
  private final BindingChannelConfig config = new BindingChannelConfig(this);
  private final Runnable look = this::look;
  private final Runnable loopEnds = this::closeWithLoop;

  private volatile State state = State.OPEN;
  private volatile boolean inputShutdown;
  private volatile boolean outputShutdown;
  private volatile @Nullable InetSocketAddress local;
  private volatile @Nullable InetSocketAddress remote;

  // Confined to the loop.
  private @Nullable ChannelPromise connecting;
  private @Nullable Future<Channel> dialling;
  private @Nullable Link link; // from connected to closed
  private boolean readWanted; // before that
  private boolean writing;
  private @Nullable ChannelOutboundBuffer outbound; // what is lent is of it
  private @Nullable Runnable closing; // the rest of a close, behind what was written

  /** What leads to the transport's channel. */
  private record Link(Beneath beneath, Intake intake, Lending lending, OutputEnd end) {}

  /** One that will connect by {@code dials}. */
  BindingChannel(Dials dials) {
    super(null);
    this.dials = dials;
  }

  // ---- registering -----------------------------------------------------------------------------

  /** Any: no event of the operating system is waited for. */
  @Override
  protected boolean isCompatible(EventLoop eventLoop) {
    return true;
  }

  @Override
  protected void doRegister(ChannelPromise promise) {
    // A loop that ends closes the channels it has descriptors of, and knows this one by its hook.
    if (eventLoop() instanceof SingleThreadEventExecutor executor) {
      executor.addShutdownHook(loopEnds);
    }
    promise.setSuccess();
    if (link != null) {
      lookLater(); // at what has come while it was on no loop
    }
  }

  @Override
  protected void doDeregister() {
    if (eventLoop() instanceof SingleThreadEventExecutor executor) {
      executor.removeShutdownHook(loopEnds);
    }
  }

  private void closeWithLoop() {
    if (closing == null) {
      unsafe().close(unsafe().voidPromise());
    } else {
      finishClosing();
    }
  }

  // ---- connecting ------------------------------------------------------------------------------

  private final class BindingUnsafe extends AbstractUnsafe {
    @Override
    public void connect(
        SocketAddress remoteAddress, @Nullable SocketAddress localAddress, ChannelPromise promise) {
      // Not uncancellable: cancelling it gives the dial up.
      if (promise.isDone() || !ensureOpen(promise)) {
        return;
      }
      if (state != State.OPEN) {
        promise.tryFailure(
            state == State.CONNECTING
                ? new ConnectionPendingException()
                : new AlreadyConnectedException());
        return;
      }
      state = State.CONNECTING;
      connecting = promise;
      promise.addListener(BindingChannel.this::giveUpIfCancelled);
      try {
        var to = Dialling.target(remoteAddress, localAddress);
        var begun = Dialling.begin(dials, to, config.getConnectTimeoutMillis());
        dialling = begun;
        begun.addListener((FutureListener<Channel>) done -> onDialled(done, to));
      } catch (IOException | RuntimeException e) {
        fail(e);
      }
    }

    void flushAgain() {
      flush0();
    }

    void writeFailed(Throwable cause) {
      handleWriteError(cause);
    }

    /** What was written last is lent to the transport: it is to have seen that before the end. */
    @Override
    protected @Nullable Executor prepareToClose() {
      var to = link;
      return to == null || to.lending.isEmpty() || eventLoop().isShuttingDown()
          ? null
          : rest -> {
            closing = rest;
            to.beneath.behindWrites(() -> onLoop(BindingChannel.this::finishClosing));
          };
    }
  }

  private void giveUpIfCancelled(Future<? super Void> connect) {
    if (connect.isCancelled()) {
      connecting = null;
      unsafe().close(unsafe().voidPromise());
    }
  }

  private void fail(Throwable cause) {
    fail(connecting, cause);
    unsafe().close(unsafe().voidPromise());
  }

  /** On the loop of the dial. */
  private void onDialled(Future<Channel> done, InetSocketAddress to) {
    try {
      onLoop(
          () -> {
            dialling = null;
            if (done.isSuccess()) {
              connected(done.getNow(), to);
            } else if (state == State.CONNECTING) {
              fail(Dialling.failure(done.cause(), to));
            }
          });
    } catch (RejectedExecutionException e) { // the loop has ended, and this channel with it
      if (done.isSuccess()) {
        Beneath.of(done.getNow()).close(KEEP_LINGER);
      }
    }
  }

  private void connected(Channel channel, InetSocketAddress to) {
    var from = Beneath.of(channel);
    if (state != State.CONNECTING) {
      from.close(KEEP_LINGER);
      return;
    }
    link =
        new Link(from, new Intake(this, from, readWanted), new Lending(from), new OutputEnd(from));
    local = channel.localAddress() instanceof InetSocketAddress known ? known : UNKNOWN;
    remote = RawConnections.remote(to.getHostString(), to.getPort(), channel);
    state = State.CONNECTED;
    from.attach(this);
    var promise = connecting;
    connecting = null;
    var told = promise == null || promise.trySuccess();
    if (state == State.CONNECTED) {
      pipeline().fireChannelActive();
    }
    if (!told) {
      unsafe().close(unsafe().voidPromise());
    }
  }

  // ---- news of the transport's channel ---------------------------------------------------------

  /**
   * There is something to look at: octets, an end, or writes that have gone. Any thread.
   *
   * @param later not within the call
   * @throws RejectedExecutionException the loop has ended
   */
  void onNews(boolean later) {
    var loop = eventLoop();
    if (loop.inEventLoop() && !later && !writing) {
      look();
    } else {
      loop.execute(look);
    }
  }

  private void look() {
    var to = link;
    if (to == null) {
      return;
    }
    if (!eventLoop().inEventLoop()) { // it has been moved to another loop
      lookLater();
      return;
    }
    to.beneath.heard();
    if (isRegistered()) { // else it looks when it is
      to.intake.read();
      settle();
    }
  }

  /** Looks in a task of its own. */
  void lookLater() {
    eventLoop().execute(look);
  }

  // ---- reading ---------------------------------------------------------------------------------

  @Override
  protected void doBeginRead() {
    readWanted = true;
    var to = link;
    if (to != null) {
      to.intake.begin();
    }
  }

  /** Auto-read is off. Any thread. */
  void readNoMore() {
    if (!isRegistered()) {
      return; // nothing has been asked for
    }
    onLoop(
        () -> {
          var to = link;
          if (to != null && !config.isAutoRead()) { // it may be on again
            to.intake.stop();
          }
        });
  }

  /** By the far end alone. */
  void inputEnded() {
    inputShutdown = true;
  }

  /** The transport's channel has ended so. */
  void closeBeneath(Beneath.End end) {
    if (end.isFinal()) {
      settle(); // a write that failed knows more
    }
    unsafe().close(unsafe().voidPromise());
  }

  // ---- writing ---------------------------------------------------------------------------------

  @Override
  protected Object filterOutboundMessage(Object message) {
    if (message == Unpooled.EMPTY_BUFFER) {
      return alloc().heapBuffer(0, 1); // so that a cancelled write is known by it: see Batch.remove
    }
    if (message instanceof ByteBuf) {
      return message;
    }
    throw new UnsupportedOperationException(
        "a connection through a binding carries ByteBuf, not "
            + message.getClass().getName()
            + "; a file goes through a ChunkedWriteHandler as a ChunkedNioFile");
  }

  @Override
  protected void doWrite(ChannelOutboundBuffer pending) throws Exception {
    if (writing) {
      return; // within a write's end; whoever settles that goes on with this
    }
    var to = link;
    if (to == null) {
      throw new ClosedChannelException();
    }
    outbound = pending;
    Throwable failure;
    writing = true;
    try {
      do {
        failure = to.lending.settle(pending);
      } while (failure == null && !to.end.hasBegun() && to.lending.lend(pending));
    } finally {
      writing = false;
    }
    afterWrites(pending, failure);
  }

  /** Writes that have gone leave the outbound buffer; others can go. */
  private void settle() {
    var pending = outbound;
    var to = link;
    if (pending == null || to == null || writing) {
      return;
    }
    Throwable failure;
    writing = true;
    try {
      failure = to.lending.settle(pending);
    } finally {
      writing = false;
    }
    if (failure == null) {
      ((BindingUnsafe) unsafe()).flushAgain();
    }
    afterWrites(pending, failure);
  }

  private void afterWrites(ChannelOutboundBuffer pending, @Nullable Throwable failure) {
    var to = link;
    if (to == null) {
      return; // closed within
    }
    if (failure == null) {
      finishOutput(pending);
    } else if (!to.intake.hasMore()) { // what was read goes before a failure
      outbound = null;
      var reset = to.beneath.failure();
      if (unsafe().outboundBuffer() != null) { // else it is being closed, which fails them
        ((BindingUnsafe) unsafe()).writeFailed(reset == null ? failure : reset);
      }
    }
  }

  // ---- ending ----------------------------------------------------------------------------------

  private void finishClosing() {
    var rest = closing;
    closing = null;
    if (rest != null) {
      rest.run();
    }
  }

  @Override
  protected void doShutdownOutput() {
    outputShutdown = true;
    var to = link;
    if (to != null) {
      to.end.force();
    }
  }

  private void endOutput(ChannelPromise promise) {
    var to = link;
    var pending = unsafe().outboundBuffer();
    if (to == null || pending == null) {
      promise.tryFailure(unconnected());
      return;
    }
    to.end.ask(promise);
    finishOutput(pending);
  }

  /** Ends the output, if that was asked for and everything that was flushed has gone. */
  private void finishOutput(ChannelOutboundBuffer pending) {
    var to = link;
    if (to != null && pending.size() == 0) {
      to.end.begin(ended -> onLoop(() -> outputEnded(to.end, ended)));
    }
  }

  private void outputEnded(OutputEnd end, Future<? super Void> ended) {
    var promise = end.takeWaiting();
    if (promise == null) {
      return; // closed meanwhile
    }
    if (ended.isSuccess()) {
      ((BindingUnsafe) unsafe()).shutdownOutput(promise);
    } else {
      promise.tryFailure(ended.cause());
    }
  }

  private Exception unconnected() {
    return state == State.CLOSED || state == State.CONNECTED
        ? new ClosedChannelException()
        : new NotYetConnectedException();
  }

  @Override
  protected void doClose() {
    state = State.CLOSED;
    inputShutdown = true;
    outputShutdown = true;
    fail(connecting, new ClosedChannelException());
    connecting = null;
    var dial = dialling;
    dialling = null;
    if (dial != null) {
      dial.cancel(true);
    }
    outbound = null;
    var to = link;
    link = null;
    if (to != null) {
      fail(to.end.takeWaiting(), new ClosedChannelException());
      to.beneath.close(config.getSoLinger());
    }
  }

  private static void fail(@Nullable ChannelPromise promise, Throwable cause) {
    if (promise != null) {
      promise.tryFailure(cause);
    }
  }

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doBind(SocketAddress localAddress) {
    throw new UnsupportedOperationException(
        "it is the far end that dials: a connection through a binding has no address here");
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

  /** Nothing more is given out; what comes is thrown away, so that the far end can go on. */
  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    onLoop(
        () -> {
          var to = link;
          if (to == null) {
            promise.tryFailure(unconnected());
            return;
          }
          inputShutdown = true;
          to.beneath.discard();
          promise.trySuccess();
        });
    return promise;
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  /** Behind everything that was flushed; fails where the transport ends both directions at once. */
  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    onLoop(() -> endOutput(promise));
    return promise;
  }

  @Override
  public ChannelFuture shutdown() {
    return shutdown(newPromise());
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    shutdownOutput()
        .addListener(
            ended -> {
              if (ended.isSuccess()) {
                shutdownInput(promise);
              } else {
                promise.tryFailure(ended.cause());
              }
            });
    return promise;
  }

  private void onLoop(Runnable task) {
    if (eventLoop().inEventLoop()) {
      task.run();
    } else {
      eventLoop().execute(task);
    }
  }

  // ---- facts -----------------------------------------------------------------------------------

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new BindingUnsafe();
  }

  @Override
  public SocketChannelConfig config() {
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

  @Override
  protected @Nullable SocketAddress localAddress0() {
    return local;
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return remote;
  }

  @Override
  public @Nullable ServerSocketChannel parent() {
    return null;
  }

  @Override
  public @Nullable InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return remote;
  }
}
