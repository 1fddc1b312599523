package io.vpc4j.core.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.AttributeKey;
import io.vpc4j.VpcChannel;
import io.vpc4j.core.net.StreamOptions;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ReadPendingException;
import java.nio.channels.WritePendingException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A {@link VpcChannel} over a channel of any transport: the last handler of its pipeline.
 *
 * <p>Back-pressure both ways, as in {@link BlockingPipe}: a {@link ReadAhead} bounds what waits to
 * be taken, and a write is taken only while the channel is writable.
 *
 * <p><b>Threads.</b> The event loop calls the handler methods; any thread the others. State is
 * guarded by this object's monitor, for a few instructions and never while waiting or copying;
 * operations are completed outside it: handlers on the application's executor, futures, which call
 * nobody, where it happens, on the loop for one.
 */
final class StreamChannel extends ChannelInboundHandlerAdapter implements VpcChannel {

  /** Finds the handler of a channel that has closed already, and lost its handlers with that. */
  private static final AttributeKey<StreamChannel> OF_CHANNEL =
      AttributeKey.valueOf(StreamChannel.class, "OF_CHANNEL");

  private static final int MAX_WRITE_OCTETS = 64 * 1024;

  /** One read or write, until it is complete. */
  private record Operation(ByteBuffer buffer, Completion completion) {}

  /** Hears the end of an operation: one of the two is not null. */
  private interface Completion {
    void complete(@Nullable Integer octets, @Nullable Throwable failure);
  }

  private final Executor application;

  // guarded by this
  private @Nullable ReadAhead input; // set once, with the channel
  private @Nullable Operation pendingRead;
  private @Nullable Operation pendingWrite;
  private boolean handedOver; // a piece, to a task of the loop
  private boolean closed;
  private @Nullable Throwable failure;

  private @Nullable Channel channel; // set once, before the open completes
  private volatile @Nullable SocketAddress remote;

  /**
   * A handler for one channel.
   *
   * @param application where operations complete
   */
  StreamChannel(Executor application) {
    this.application = application;
  }

  /** The one that was put into {@code channel}. */
  static StreamChannel of(Channel channel, SocketAddress remote) {
    var found = channel.attr(OF_CHANNEL).get();
    if (found == null) {
      throw new IllegalStateException("the channel was made without a StreamChannel");
    }
    found.remote = remote;
    return found;
  }

  // ---- the event loop's side

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
    channel.attr(OF_CHANNEL).set(this);
    synchronized (this) {
      input = new ReadAhead(channel);
    }
    StreamOptions.set(channel.config());
    channel.config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, BlockingPipe.WATER_MARKS);
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    boolean enough;
    synchronized (this) {
      input().add((ByteBuf) message);
      var waiting = pendingRead;
      enough = waiting != null && input().octets() >= waiting.buffer().remaining();
    }
    if (enough) {
      serveReader();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    serveReader();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    serveWriter();
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
    serveWriter();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    end(cause);
    serveWriter();
    context.close();
  }

  private void end(@Nullable Throwable cause) {
    synchronized (this) {
      input().end();
      if (failure == null) {
        failure = cause;
      }
    }
    serveReader();
  }

  // ---- what is pending, when there is news for it

  private void serveReader() {
    if (Thread.holdsLock(this)) { // a channel that gives octets from within being asked for them
      channel().eventLoop().execute(this::serveReader);
      return;
    }
    Operation ready;
    ByteBuf first;
    Throwable why;
    synchronized (this) {
      ready = pendingRead;
      if (ready == null || (input().isEmpty() && !input().hasEnded())) {
        return;
      }
      pendingRead = null;
      first = input().take();
      why = first == null ? failure : null;
    }
    finish(ready, first == null ? -1 : fill(ready.buffer(), first), why);
  }

  /**
   * Copies what there is, up to the buffer's room, and {@code first}, which was taken, before all
   * the rest. Not under the monitor: the other side, finding it taken, would be put to sleep.
   */
  private int fill(ByteBuffer into, ByteBuf first) {
    var from = into.position();
    for (var next = first; next != null; ) {
      var size = Math.min(into.remaining(), next.readableBytes());
      var limit = into.limit();
      next.readBytes(into.limit(into.position() + size));
      into.limit(limit);
      synchronized (this) {
        input().copied(next, size);
        next = into.hasRemaining() ? input().take() : null;
      }
    }
    return into.position() - from;
  }

  private void serveWriter() {
    Operation ready;
    Throwable why;
    ByteBuf piece = null;
    synchronized (this) {
      ready = pendingWrite;
      why = unwritable();
      if (ready == null || (why == null && (handedOver || !channel().isWritable()))) {
        return;
      }
      pendingWrite = null;
      piece = why == null ? pieceOf(ready.buffer()) : null;
    }
    if (piece == null) {
      finish(ready, 0, why);
    } else {
      var octets = piece.readableBytes();
      send(piece);
      finish(ready, octets, null);
    }
  }

  /**
   * Behind what was written before, which may be a task of the loop that has yet to run. Such a
   * task of the channel's own counts as not yet sent; one of ours does not, and so is the only one.
   */
  private void send(ByteBuf piece) {
    if (!channel().eventLoop().inEventLoop()) {
      channel().writeAndFlush(piece).addListener(this::written);
      return;
    }
    synchronized (this) {
      handedOver = true;
    }
    try {
      channel().eventLoop().execute(() -> sendNow(piece));
    } catch (RejectedExecutionException e) {
      piece.release(); // everything has been closed
    }
  }

  private void sendNow(ByteBuf piece) {
    channel().writeAndFlush(piece).addListener(this::written);
    synchronized (this) {
      handedOver = false;
    }
    serveWriter();
  }

  /** Why nothing can be written any more; null if it can. Guarded by this. */
  private @Nullable Throwable unwritable() {
    if (failure != null) {
      return failure;
    }
    return channel().isActive() ? null : new SocketException("Broken pipe");
  }

  private ByteBuf pieceOf(ByteBuffer from) {
    var size = Math.min(from.remaining(), MAX_WRITE_OCTETS);
    var piece = from.slice();
    piece.limit(size);
    from.position(from.position() + size);
    return channel().alloc().buffer(size).writeBytes(piece);
  }

  private void written(io.netty.util.concurrent.Future<? super Void> write) {
    if (!write.isSuccess()) {
      synchronized (this) {
        if (failure == null) {
          failure = write.cause();
        }
      }
      serveWriter();
    }
  }

  /** A future calls nobody, and is told at once, on whatever thread; a handler on its executor. */
  private void finish(Operation over, int octets, @Nullable Throwable why) {
    var failed = why == null ? null : asIoException(why);
    if (over.completion() instanceof Promised promised) {
      promised.complete(failed == null ? octets : null, failed);
    } else {
      RawConnections.onApplication(
          application, () -> over.completion().complete(failed == null ? octets : null, failed));
    }
  }

  private static Throwable asIoException(Throwable why) {
    return why instanceof ClosedChannelException || why instanceof SocketException
        ? why
        : SocketFailures.asSocketException(why);
  }

  // ---- the application's side

  @Override
  public <A> void read(
      ByteBuffer into, A attachment, CompletionHandler<Integer, ? super A> handler) {
    read(into, completion(attachment, handler));
  }

  @Override
  public Future<Integer> read(ByteBuffer into) {
    var promised = new Promised();
    var operation = read(into, promised);
    promised.takeBack = () -> takeBackRead(operation);
    return promised;
  }

  private Operation read(ByteBuffer into, Completion completion) {
    if (into.isReadOnly()) {
      throw new IllegalArgumentException("Read-only buffer");
    }
    var operation = new Operation(into, completion);
    ByteBuf first = null;
    Throwable why = null;
    var octets = -1;
    synchronized (this) {
      if (pendingRead != null || input().isTaken()) {
        throw new ReadPendingException();
      }
      if (closed) {
        why = new ClosedChannelException();
      } else if (!into.hasRemaining()) {
        octets = 0;
      } else {
        first = input().take();
        if (first == null && !input().hasEnded()) {
          pendingRead = operation;
          input().want();
          return operation;
        }
        why = first == null ? failure : null;
      }
    }
    finish(operation, first == null ? octets : fill(into, first), why);
    return operation;
  }

  @Override
  public <A> void write(
      ByteBuffer from, A attachment, CompletionHandler<Integer, ? super A> handler) {
    write(from, completion(attachment, handler));
  }

  @Override
  public Future<Integer> write(ByteBuffer from) {
    var promised = new Promised();
    var operation = write(from, promised);
    promised.takeBack = () -> takeBackWrite(operation);
    return promised;
  }

  private Operation write(ByteBuffer from, Completion completion) {
    var operation = new Operation(from, completion);
    Throwable why = null;
    synchronized (this) {
      if (pendingWrite != null) {
        throw new WritePendingException();
      }
      if (closed) {
        why = new ClosedChannelException();
      } else if (from.hasRemaining()) {
        pendingWrite = operation;
      }
    }
    if (why != null || !from.hasRemaining()) {
      finish(operation, 0, why);
    } else {
      serveWriter();
    }
    return operation;
  }

  @SuppressWarnings("ReferenceEquality") // the very operation
  private synchronized boolean takeBackRead(Operation operation) {
    var mine = pendingRead == operation;
    if (mine) {
      pendingRead = null;
    }
    return mine;
  }

  @SuppressWarnings("ReferenceEquality") // the very operation
  private synchronized boolean takeBackWrite(Operation operation) {
    var mine = pendingWrite == operation;
    if (mine) {
      pendingWrite = null;
    }
    return mine;
  }

  private static <A> Completion completion(
      A attachment, CompletionHandler<Integer, ? super A> handler) {
    Objects.requireNonNull(handler, "handler");
    return (octets, failure) -> {
      if (failure != null) {
        handler.failed(failure, attachment);
      } else {
        handler.completed(octets, attachment);
      }
    };
  }

  /**
   * The future of an operation; cancelling takes it back if it is still pending. It is no {@link
   * java.util.concurrent.CompletionStage}: nobody's code can be made to run where it is completed.
   */
  private static final class Promised implements Future<Integer>, Completion {
    private final CompletableFuture<Integer> outcome = new CompletableFuture<>();
    private volatile @Nullable TakeBack takeBack;

    private interface TakeBack {
      boolean tryTakeBack();
    }

    @Override
    public void complete(@Nullable Integer octets, @Nullable Throwable failure) {
      if (failure != null) {
        outcome.completeExceptionally(failure);
      } else {
        outcome.complete(octets);
      }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      var back = takeBack;
      return back != null && back.tryTakeBack() && outcome.cancel(mayInterruptIfRunning);
    }

    @Override
    public boolean isCancelled() {
      return outcome.isCancelled();
    }

    @Override
    public boolean isDone() {
      return outcome.isDone();
    }

    @Override
    public Integer get() throws InterruptedException, ExecutionException {
      return outcome.get();
    }

    @Override
    public Integer get(long timeout, TimeUnit unit)
        throws InterruptedException, ExecutionException, TimeoutException {
      return outcome.get(timeout, unit);
    }
  }

  // ---- facts and ends

  @Override
  public boolean isOpen() {
    synchronized (this) {
      return !closed;
    }
  }

  @Override
  public void shutdownOutput() throws IOException {
    if (!isOpen()) {
      throw new ClosedChannelException();
    }
    if (!ChannelEnds.endOutput(channel())) {
      throw new UnsupportedOperationException(
          "this transport has no half-close: close the channel when the peer has answered");
    }
  }

  @Override
  public SocketAddress remoteAddress() {
    var known = remote;
    if (known == null) {
      throw new IllegalStateException("not connected");
    }
    return known;
  }

  @Override
  public Optional<SSLSession> tlsSession() {
    return ChannelEnds.tlsSession(channel());
  }

  @Override
  public void close() {
    Operation read;
    Operation write;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      read = pendingRead;
      write = pendingWrite;
      pendingRead = null;
      pendingWrite = null;
      input().abandon();
    }
    ChannelEnds.close(channel());
    if (read != null) {
      finish(read, 0, new AsynchronousCloseException());
    }
    if (write != null) {
      finish(write, 0, new AsynchronousCloseException());
    }
  }

  private ReadAhead input() {
    var known = input;
    if (known == null) {
      throw new IllegalStateException("not connected");
    }
    return known;
  }

  private Channel channel() {
    var known = channel;
    if (known == null) {
      throw new IllegalStateException("not connected");
    }
    return known;
  }

  @Override
  public String toString() {
    return "VpcChannel[" + remote + "]";
  }
}
