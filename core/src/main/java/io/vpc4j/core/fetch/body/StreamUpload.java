package io.vpc4j.core.fetch.body;

import io.netty.buffer.ByteBuf;
import io.vpc4j.core.fetch.exchange.Upload;
import io.vpc4j.core.fetch.exchange.UploadSink;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a blocking stream gives. A thread of the blocking executor reads, at most {@link
 * #LOOK_AHEAD_OCTETS} and a piece further than the connection has taken, and hands pieces to the
 * loop. What that costs is the waking of one thread by the other; so pieces are large where the
 * stream gives much at once, and a reader that is far ahead is woken for many of them.
 */
final class StreamUpload implements Upload, Runnable {

  /** Read and not yet taken by the connection: 1 MiB. */
  static final int LOOK_AHEAD_OCTETS = 16 * Uploads.PIECE_OCTETS;

  /** How much is read at once from a stream that has given a whole piece of the usual size. */
  private static final int LARGE_PIECE_OCTETS = 4 * Uploads.PIECE_OCTETS;

  /** A reader that has read so far ahead goes on at half: it is not woken for every piece. */
  private static final int RESUME_OCTETS = LOOK_AHEAD_OCTETS / 2;

  private final InputStream stream;
  private final long length;
  private final Executor blocking;
  private final AtomicInteger ahead = new AtomicInteger();
  private volatile @Nullable UploadSink sink;
  private volatile boolean cancelled;
  private int unacknowledged; // written while the sink was not writable; on the loop
  private @Nullable Thread reader; // guarded by this
  private boolean readerDone; // guarded by this

  StreamUpload(InputStream stream, long length, Executor blocking) {
    this.stream = stream;
    this.length = length;
    this.blocking = blocking;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void start(UploadSink sink) {
    this.sink = sink;
    try {
      blocking.execute(this);
    } catch (RejectedExecutionException e) {
      sink.fail(Uploads.unreadable(e));
    }
  }

  // ---- the reading thread

  @Override
  public void run() {
    var to = sink;
    if (to == null) {
      return;
    }
    synchronized (this) {
      reader = Thread.currentThread();
    }
    try (stream) {
      var scratch = new byte[Uploads.PIECE_OCTETS];
      while (!cancelled) {
        if (ahead.get() >= LOOK_AHEAD_OCTETS) {
          awaitRoom();
        }
        var size = cancelled ? -1 : readPiece(to, scratch);
        if (size < 0) {
          break;
        }
        if (size == Uploads.PIECE_OCTETS && scratch.length == size) {
          scratch = new byte[LARGE_PIECE_OCTETS]; // there is plenty, and a piece costs a hand-over
        }
      }
    } catch (IOException | RuntimeException e) {
      to.eventLoop().execute(() -> to.fail(Uploads.unreadable(e)));
    } finally {
      synchronized (this) {
        readerDone = true;
        reader = null;
      }
      if (cancelled) {
        Thread.interrupted(); // the executor's thread goes on to other work
      }
    }
  }

  private void awaitRoom() throws IOException {
    while (ahead.get() > RESUME_OCTETS && !cancelled) {
      LockSupport.park(this);
      if (Thread.interrupted() && !cancelled) {
        throw new IOException("the thread that reads the body was interrupted");
      }
    }
  }

  /** Reads into {@code scratch}, which every piece of this upload goes through. */
  private int readPiece(UploadSink to, byte[] scratch) throws IOException {
    var size = stream.read(scratch);
    if (size > 0) {
      var piece = to.allocator().directBuffer(size).writeBytes(scratch, 0, size);
      ahead.addAndGet(size);
      to.eventLoop().execute(() -> deliver(to, piece));
    } else if (size < 0) {
      to.eventLoop().execute(to::end);
    }
    return size;
  }

  // ---- the loop

  private void deliver(UploadSink to, ByteBuf piece) {
    unacknowledged += piece.readableBytes();
    to.write(piece);
    to.flush();
    if (to.writable()) {
      onWritable();
    }
  }

  @Override
  public void onWritable() {
    var taken = unacknowledged;
    unacknowledged = 0;
    var left = ahead.addAndGet(-taken);
    if (left <= RESUME_OCTETS && left + taken > RESUME_OCTETS) {
      unparkReader(); // while it waits nothing is added: it is this step that it waits for
    }
  }

  private synchronized void unparkReader() {
    if (reader != null) {
      LockSupport.unpark(reader);
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    if (sink == null) {
      blocking.execute(() -> closeQuietly(stream)); // never begun
      return;
    }
    synchronized (this) {
      if (!readerDone && reader != null) {
        reader.interrupt(); // it may sit in a read that has nothing to give
      }
    }
  }

  static void closeQuietly(@Nullable Closeable closeable) {
    if (closeable != null) {
      try {
        closeable.close();
      } catch (IOException e) {
        // Nothing more is expected of it.
      }
    }
  }
}
