package io.vpc4j.core.fetch.body;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.ContentDecoder;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A response's body between the event loop, which puts octets in, and the application, which takes
 * them out.
 *
 * <p>One thread puts; one at a time takes. The loop never waits. What was taken is reported to the
 * {@link Source}, which lets the far end send more, so that this holds no more than the window.
 *
 * <p>A small body that is complete before anybody takes it is copied out of Netty's buffers at
 * once: an application that never looks at it then costs the garbage collector an array and leaks
 * nothing, and {@link #whole} hands the very array out.
 */
public final class ResponseBody {

  /** What is copied out when it is complete and not yet taken. */
  static final int SMALL_OCTETS = 64 * 1024;

  // Many small chunks of one large read would each hold a slice: those are joined.
  private static final int JOINED_BELOW_OCTETS = 1024;
  private static final int JOINED_INTO_OCTETS = 16 * 1024;

  /** Where the octets come from: the exchange. */
  public interface Source {
    /** {@code octets} octets have left; the far end may send as many. Any thread. */
    void consumed(int octets);

    /** Nobody wants the rest. Any thread. */
    void cancel(VpcException why);
  }

  private final Source source;
  private @Nullable ContentDecoder decoder;
  private boolean inputOver;
  private volatile boolean decoderFinished;

  // Guarded by this; held for a few instructions, never while waiting.
  private @Nullable ByteBuf first;
  private @Nullable ArrayDeque<ByteBuf> more;
  private @Nullable ByteBuf joined; // the last of more, if it takes small pieces
  private @Nullable ByteBuf reading; // taken by read, and not read to its end
  private byte @Nullable [] small;
  private int octets;
  private boolean taken;
  private boolean ended;
  private boolean discarded;
  private @Nullable VpcException failure;
  private Headers trailers = Headers.empty();
  private @Nullable CompletableFuture<Headers> trailersFuture;
  private @Nullable Executor trailersExecutor;
  private @Nullable Object waiter; // a Thread to unpark, or a Runnable

  /** An empty body whose octets come from {@code source}. */
  public ResponseBody(Source source) {
    this.source = source;
  }

  /** Has what is taken decoded. Before anything is taken; this owns the decoder. */
  public void decodeWith(ContentDecoder decoder) {
    this.decoder = decoder;
  }

  // ---- the loop puts in

  /** Adds octets; takes them over. Does not wake anybody: see {@link #wake}. */
  public void put(ByteBuf data) {
    var size = data.readableBytes();
    synchronized (this) {
      if (!discarded) {
        octets += size;
        enqueue(data, size);
        return;
      }
    }
    data.release();
    source.consumed(size);
  }

  @SuppressWarnings("ReferenceEquality") // equals() of a buffer compares its octets
  private void enqueue(ByteBuf data, int size) {
    if (first == null && (more == null || more.isEmpty())) {
      first = data;
      return;
    }
    if (more == null) {
      more = new ArrayDeque<>();
    }
    if (size >= JOINED_BELOW_OCTETS) {
      more.addLast(data);
      return;
    }
    if (joined == null || joined != more.peekLast() || !joined.isWritable(size)) {
      joined = ByteBufAllocator.DEFAULT.heapBuffer(JOINED_INTO_OCTETS, JOINED_INTO_OCTETS);
      more.addLast(joined);
    }
    joined.writeBytes(data);
    data.release();
  }

  /** No more will come but the trailers, which are here. */
  public void end(Headers trailers) {
    synchronized (this) {
      ended = true;
      this.trailers = trailers;
      if (!taken && !discarded && octets <= SMALL_OCTETS) {
        copyOut();
      }
    }
  }

  private void copyOut() {
    var copy = new byte[octets];
    var at = 0;
    for (var next = dequeue(); next != null; next = dequeue()) {
      var size = next.readableBytes();
      next.readBytes(copy, at, size);
      next.release();
      at += size;
    }
    small = copy;
  }

  /** No more will come, and something is missing. */
  public void fail(VpcException failure) {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      this.failure = failure;
    }
  }

  /** Wakes who waits for octets, if there is anything new for them. */
  public void wake() {
    Object woken;
    CompletableFuture<Headers> awaited;
    synchronized (this) {
      woken = waiter;
      waiter = null;
      awaited = ended ? trailersFuture : null;
    }
    if (awaited != null && trailersExecutor != null && !awaited.isDone()) {
      trailersExecutor.execute(() -> completeTrailers(awaited));
    }
    if (woken instanceof Thread thread) {
      LockSupport.unpark(thread);
    } else if (woken instanceof Runnable runnable) {
      runnable.run();
    }
  }

  // ---- the application takes out

  /**
   * Claims the body for one reader.
   *
   * @return false if another has it
   */
  public synchronized boolean claim() {
    if (taken) {
      return false;
    }
    taken = true;
    return true;
  }

  /** Whether it was claimed, or is complete and empty. */
  public synchronized boolean used() {
    return taken || discarded || (ended && octets == 0 && failure == null);
  }

  /** Whether it is complete in memory of the JVM's own, so that forgetting it does no harm. */
  public synchronized boolean harmless() {
    return ended && first == null && (more == null || more.isEmpty());
  }

  /**
   * The whole body, if it is complete, small and not encoded; else null, and nothing has changed.
   */
  public synchronized byte @Nullable [] whole() {
    if (small == null || decoder != null) {
      return null;
    }
    var whole = small;
    small = null;
    octets = 0;
    return whole;
  }

  /**
   * The next octets, decoded, the caller's to release; null if there are none now, or none at all
   * any more: see {@link #finished}.
   *
   * @throws VpcException what cut the body short, once everything before it has been taken
   */
  public @Nullable ByteBuf poll() throws VpcException {
    var decoding = decoder;
    if (decoding == null) {
      return pollRaw();
    }
    synchronized (decoding) { // against discard from another thread
      while (!decoderFinished) {
        var decoded = decoding.poll();
        if (decoded != null) {
          return decoded;
        }
        var raw = pollRaw();
        if (raw != null) {
          decoding.feed(raw);
        } else if (!rawFinished()) {
          return null;
        } else if (inputOver) {
          decoderFinished = true;
          decoding.close();
        } else {
          inputOver = true;
          decoding.finish();
        }
      }
      return null;
    }
  }

  /** Whether all of it has been taken, in good order. */
  public boolean finished() {
    return decoder == null ? rawFinished() : decoderFinished;
  }

  /** As {@link #poll}, but parks the caller until there is something; null at the end. */
  public @Nullable ByteBuf take() throws VpcException {
    while (true) {
      var next = poll();
      if (next != null || finished()) {
        return next;
      }
      if (waitFor(Thread.currentThread())) {
        LockSupport.park(this);
      }
      if (Thread.currentThread().isInterrupted()) {
        throw abort("The thread was interrupted while it read the response.");
      }
    }
  }

  /**
   * Reads like a stream: waits for at least one octet; -1 at the end. What is left of a buffer is
   * kept here, so that {@link #discard} finds it.
   */
  public int read(byte[] into, int offset, int length) throws VpcException {
    while (true) {
      synchronized (this) {
        if (reading != null) {
          var size = Math.min(length, reading.readableBytes());
          reading.readBytes(into, offset, size);
          if (!reading.isReadable()) {
            reading.release();
            reading = null;
          }
          return size;
        }
      }
      var next = take();
      if (next == null) {
        return -1;
      }
      keep(next);
    }
  }

  /** What {@link #read} gives without waiting; there may be more. */
  public int available() throws VpcException {
    synchronized (this) {
      if (reading != null) {
        return reading.readableBytes();
      }
    }
    var next = poll();
    if (next == null) {
      return 0;
    }
    var size = next.readableBytes();
    keep(next);
    return size;
  }

  private void keep(ByteBuf next) {
    synchronized (this) {
      if (!discarded) {
        reading = next;
        return;
      }
    }
    next.release();
  }

  /** Has {@code action} run, once, when there is something to poll; at once if there is. */
  public void onReadable(Runnable action) {
    if (!waitFor(action)) {
      action.run();
    }
  }

  private synchronized boolean waitFor(Object who) {
    if (first != null || small != null || ended || (more != null && !more.isEmpty())) {
      return false;
    }
    waiter = who;
    return true;
  }

  /** Gives up what is left, whatever its state; the exchange is cancelled unless it is complete. */
  public void discard() {
    boolean complete;
    int dropped;
    synchronized (this) {
      discarded = true;
      taken = true;
      complete = ended;
      dropped = octets;
      drop();
    }
    closeDecoder();
    if (!complete) {
      source.consumed(dropped);
      source.cancel(
          new VpcException(
              ErrorCode.REQUEST_ABORTED,
              Stage.RESPONSE,
              "The response was closed before it was read to its end."));
    }
    wake();
  }

  /** Cancels the exchange and frees what there is; the exception is the caller's to throw. */
  VpcException abort(String why) {
    discard();
    return new VpcException(ErrorCode.REQUEST_ABORTED, Stage.RESPONSE, why);
  }

  private void closeDecoder() {
    var closing = decoder;
    if (closing != null) {
      synchronized (closing) {
        decoderFinished = true;
        closing.close();
      }
    }
  }

  private synchronized boolean rawFinished() {
    return ended && octets == 0 && (failure == null || discarded);
  }

  private @Nullable ByteBuf pollRaw() throws VpcException {
    ByteBuf next;
    boolean report;
    synchronized (this) {
      if (small != null) {
        next = Unpooled.wrappedBuffer(small);
        small = null;
        octets = 0;
        return next.isReadable() ? next : null;
      }
      next = dequeue();
      if (next == null) {
        if (failure != null && !discarded) {
          throw failure;
        }
        if (discarded && !ended) {
          throw new VpcException(
              ErrorCode.REQUEST_ABORTED, Stage.RESPONSE, "The response was closed.");
        }
        return null;
      }
      octets -= next.readableBytes();
      report = !ended;
    }
    if (report) {
      source.consumed(next.readableBytes());
    }
    return next;
  }

  private @Nullable ByteBuf dequeue() {
    var next = first;
    first = null;
    return next != null ? next : more == null ? null : more.pollFirst();
  }

  private void drop() {
    if (reading != null) {
      reading.release();
      reading = null;
    }
    for (var next = dequeue(); next != null; next = dequeue()) {
      next.release();
    }
    small = null;
    octets = 0;
  }

  /** Completes on {@code executor}, or at once, with the trailers or what cut the body short. */
  public CompletableFuture<Headers> trailersFuture(Executor executor) {
    CompletableFuture<Headers> future;
    synchronized (this) {
      if (trailersFuture == null) {
        trailersFuture = new CompletableFuture<>();
        trailersExecutor = executor;
      }
      future = trailersFuture;
      if (!ended) {
        return future.copy();
      }
    }
    completeTrailers(future);
    return future.copy();
  }

  private void completeTrailers(CompletableFuture<Headers> future) {
    if (failure != null) {
      future.completeExceptionally(failure);
    } else {
      future.complete(trailers);
    }
  }
}
