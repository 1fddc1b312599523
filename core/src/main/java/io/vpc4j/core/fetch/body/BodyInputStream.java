package io.vpc4j.core.fetch.body;

import io.vpc4j.VpcException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** A body as a stream. For one reader at a time; {@link #close} may come from another thread. */
public final class BodyInputStream extends InputStream {

  private final ResponseBody body;
  private final Runnable beforeWaiting;
  private final UnaryOperator<VpcException> placed;
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
    requireOpen();
    beforeWaiting.run();
    try {
      return body.read(into, offset, length);
    } catch (VpcException e) {
      throw placed.apply(e);
    }
  }

  /** What can be read without waiting; there may be more. */
  @Override
  public int available() throws IOException {
    requireOpen();
    try {
      return body.available();
    } catch (VpcException e) {
      throw placed.apply(e);
    }
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("the stream is closed");
    }
  }

  /** Gives up what was not read. */
  @Override
  public void close() {
    closed = true;
    body.discard();
  }
}
