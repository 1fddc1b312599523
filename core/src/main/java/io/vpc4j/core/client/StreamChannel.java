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
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A {@link VpcChannel} over a channel of any transport: the last handler of its pipeline.
 *
 * <p>Back-pressure both ways, as in {@link BlockingPipe}: the channel is asked for more only when
 * what came has been taken, and a write is taken only while the channel is writable.
 *
 * <p><b>Threads.</b> The event loop calls the handler methods; any thread the others. State is
 * guarded by this object's monitor, for a few instructions and never while waiting; operations are
 * completed outside it, on the application's executor.
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
  private final ArrayDeque<ByteBuf> arrived = new ArrayDeque<>();
  private @Nullable Operation pendingRead;
  private @Nullable Operation pendingWrite;
  private boolean asked; // the channel, for more
  private boolean inputEnded;
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
    channel.config().setAutoRead(false);
    StreamOptions.set(channel.config());
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var buffer = (ByteBuf) message;
    synchronized (this) {
      if (!closed && buffer.isReadable()) {
        arrived.add(buffer);
        buffer = null;
      }
    }
    if (buffer != null) {
      buffer.release();
    }
    serveReader();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    boolean again;
    synchronized (this) {
      // Ask again if what came held nothing for us, a TLS record of the handshake, say.
      again = pendingRead != null && !inputEnded && !closed && arrived.isEmpty();
      asked = again;
    }
    if (again) {
      context.read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    serveWriter(application);
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
    serveWriter(application);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    end(cause);
    serveWriter(application);
    context.close();
  }

  private void end(@Nullable Throwable cause) {
    synchronized (this) {
      inputEnded = true;
      if (failure == null) {
        failure = cause;
      }
    }
    serveReader();
  }

  // ---- what is pending, when there is news for it

  private void serveReader() {
    Operation ready;
    int octets;
    Throwable why = null;
    synchronized (this) {
      ready = pendingRead;
      if (ready == null || (arrived.isEmpty() && !inputEnded)) {
        return;
      }
      pendingRead = null;
      octets = take(ready.buffer());
      why = octets < 0 ? failure : null;
    }
    finish(ready, octets, why, application);
  }

  /** What there is, up to the buffer's room; -1 if there is nothing. Guarded by this. */
  private int take(ByteBuffer into) {
    var from = into.position();
    for (var next = arrived.peek(); next != null && into.hasRemaining(); next = arrived.peek()) {
      var size = Math.min(into.remaining(), next.readableBytes());
      var limit = into.limit();
      next.readBytes(into.limit(into.position() + size));
      into.limit(limit);
      if (!next.isReadable()) {
        arrived.remove().release();
      }
    }
    return into.position() == from ? -1 : into.position() - from;
  }

  private void serveWriter(Executor where) {
    Operation ready;
    Throwable why;
    ByteBuf piece = null;
    synchronized (this) {
      ready = pendingWrite;
      why = unwritable();
      if (ready == null || (why == null && !channel().isWritable())) {
        return;
      }
      pendingWrite = null;
      piece = why == null ? pieceOf(ready.buffer()) : null;
    }
    if (piece == null) {
      finish(ready, 0, why, where);
    } else {
      var octets = piece.readableBytes();
      send(piece);
      finish(ready, octets, null, where);
    }
  }

  /** Always as a task of the loop, for what was written before may be one that has yet to run. */
  private void send(ByteBuf piece) {
    try {
      channel()
          .eventLoop()
          .execute(() -> channel().writeAndFlush(piece).addListener(this::written));
    } catch (RejectedExecutionException e) {
      piece.release(); // everything has been closed
    }
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
      serveWriter(application);
    }
  }

  /** Where an operation ends that needs no wait: a future, which calls nobody, where it began. */
  private Executor byCaller(Operation operation) {
    return operation.completion() instanceof Promised ? Runnable::run : application;
  }

  private static void finish(Operation over, int octets, @Nullable Throwable why, Executor where) {
    var failed = why == null ? null : asIoException(why);
    RawConnections.onApplication(
        where, () -> over.completion().complete(failed == null ? octets : null, failed));
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
    var octets = 0;
    Throwable why = null;
    var over = true;
    var ask = false;
    synchronized (this) {
      if (pendingRead != null) {
        throw new ReadPendingException();
      }
      if (closed) {
        why = new ClosedChannelException();
      } else if (into.hasRemaining()) {
        octets = take(into);
        why = octets < 0 ? failure : null;
        if (octets < 0 && !inputEnded) {
          pendingRead = operation;
          over = false;
          ask = !asked;
          asked = true;
        }
      }
    }
    if (over) {
      finish(operation, octets, why, byCaller(operation));
    } else if (ask) {
      channel().read();
    }
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
      finish(operation, 0, why, byCaller(operation));
    } else {
      serveWriter(byCaller(operation));
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

  /** The future of an operation; cancelling takes it back if it is still pending. */
  private static final class Promised extends CompletableFuture<Integer> implements Completion {
    private volatile @Nullable TakeBack takeBack;

    private interface TakeBack {
      boolean tryTakeBack();
    }

    @Override
    public void complete(@Nullable Integer octets, @Nullable Throwable failure) {
      if (failure != null) {
        completeExceptionally(failure);
      } else {
        complete(octets);
      }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      var back = takeBack;
      return back != null && back.tryTakeBack() && super.cancel(mayInterruptIfRunning);
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
      arrived.forEach(ByteBuf::release);
      arrived.clear();
    }
    ChannelEnds.close(channel());
    if (read != null) {
      finish(read, 0, new AsynchronousCloseException(), application);
    }
    if (write != null) {
      finish(write, 0, new AsynchronousCloseException(), application);
    }
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
