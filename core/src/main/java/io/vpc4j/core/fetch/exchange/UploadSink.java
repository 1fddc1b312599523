package io.vpc4j.core.fetch.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoop;
import io.vpc4j.VpcException;

/**
 * Where an {@link Upload} goes: one HTTP/1.1 connection or one HTTP/2 stream. Every method but
 * {@link #eventLoop} and {@link #allocator} is called on the event loop. Calls after the end, or
 * after the exchange is over, only release what they are given.
 */
public interface UploadSink {

  /** The connection's loop. */
  EventLoop eventLoop();

  /** For the buffers that are written. */
  ByteBufAllocator allocator();

  /** Whether more may be written now; if not, {@link Upload#onWritable} comes when it may. */
  boolean writable();

  /** Writes without flushing. Takes {@code octets} over; they are not empty. */
  void write(ByteBuf octets);

  /** Whether {@link #write(DefaultFileRegion)} may be used. Constant for an exchange. */
  boolean takesFileRegions();

  /**
   * Writes a part of a file, without a copy, where {@link #takesFileRegions}. Takes it over.
   *
   * @throws UnsupportedOperationException where not
   */
  void write(DefaultFileRegion region);

  /** Sends what was written. */
  void flush();

  /** The body is complete; flushes. */
  void end();

  /** The body cannot be completed: the exchange fails with {@code failure}. */
  void fail(VpcException failure);
}
