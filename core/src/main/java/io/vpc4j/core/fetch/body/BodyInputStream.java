package io.vpc4j.core.fetch.body;

import io.netty.buffer.ByteBuf;
import io.vpc4j.VpcException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A body as a stream. For one reader at a time; {@link #close} may come from another thread. */
public final class BodyInputStream extends InputStream {

  private final ResponseBody body;
  private final Runnable beforeWaiting;
  private final UnaryOperator<VpcException> placed;
  private @Nullable ByteBuf current;
  private volatile boolean closed;

  /**
   * A stream over {@code body}, which the caller has claimed.
   *
   * @param beforeWaiting throws if this thread must not wait
   * @param placed adds to a failure what the application should know
   */
  public BodyInputStream(
      ResponseBody body, Runnable beforeWaiting, UnaryOperator<VpcException> placed) {
    this.body = body;
    this.beforeWaiting = beforeWaiting;
    this.placed = placed;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    var octets = fill(true);
    if (octets == null) {
      return -1;
    }
    var size = Math.min(length, octets.readableBytes());
    octets.readBytes(into, offset, size);
    if (!octets.isReadable()) {
      current = null;
      octets.release();
    }
    return size;
  }

  /** What can be read without waiting; it may be more. */
  @Override
  public int available() throws IOException {
    if (closed) {
      return 0;
    }
    var octets = fill(false);
    return octets == null ? 0 : octets.readableBytes();
  }

  private @Nullable ByteBuf fill(boolean wait) throws IOException {
    if (closed) {
      throw new IOException("the stream is closed");
    }
    if (current == null) {
      if (wait) {
        beforeWaiting.run();
      }
      try {
        current = wait ? body.take() : body.poll();
      } catch (VpcException e) {
        throw placed.apply(e);
      }
    }
    return current;
  }

  /** Gives up what was not read. */
  @Override
  public void close() {
    closed = true;
    body.discard();
    var octets = current;
    current = null;
    if (octets != null) {
      octets.release();
    }
  }
}
