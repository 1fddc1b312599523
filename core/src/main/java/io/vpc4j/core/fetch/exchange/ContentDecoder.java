package io.vpc4j.core.fetch.exchange;

import io.netty.buffer.ByteBuf;
import io.vpc4j.Headers;
import io.vpc4j.VpcException;
import org.jspecify.annotations.Nullable;

/**
 * Undoes a Content-Encoding, a bounded piece at a time. Called by whoever reads the body, never on
 * an event loop; by one thread at a time.
 *
 * <pre>
 *   (feed  poll* until null)*  finish  poll* until null  close
 * </pre>
 */
public interface ContentDecoder extends AutoCloseable {

  /** Gives encoded octets; takes them over. Called only after {@link #poll} returned null. */
  void feed(ByteBuf encoded) throws VpcException;

  /**
   * Some decoded octets, at most 64 KiB of them, the caller's to release; null when more input is
   * needed, or all is out.
   */
  @Nullable ByteBuf poll() throws VpcException;

  /**
   * No input follows.
   *
   * @throws VpcException {@code HTTP_RESPONSE_INCOMPLETE} if the encoding is cut short
   */
  void finish() throws VpcException;

  /** Frees what it holds. May be called again. */
  @Override
  void close();

  /** Picks decoders. */
  @FunctionalInterface
  interface Factory {
    /**
     * For a response with these fields; null if it is not encoded, or not in a way we read. The
     * engine then hides Content-Encoding and Content-Length from the application.
     */
    @Nullable ContentDecoder decoderFor(Headers response);
  }
}
