package io.vpc4j.core.fetch.coding;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.ContentDecoder;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** What gzip and deflate share: an {@link Inflater}, its input, and pieces of its output. */
abstract class Inflating implements ContentDecoder {

  private static final int MAX_PIECE_OCTETS = 64 * 1024;

  private @Nullable ByteBuf input;
  private boolean closed;

  // ---- inputs

  @Override
  public final void feed(ByteBuf encoded) {
    var before = input;
    if (closed) {
      encoded.release();
    } else if (before == null || !before.isReadable()) {
      releaseInput();
      input = encoded;
    } else {
      // The rest of a header or trailer that was cut: a few octets.
      input = join(before, encoded);
    }
  }

  private static ByteBuf join(ByteBuf head, ByteBuf tail) {
    var joined = ByteBufAllocator.DEFAULT.heapBuffer(head.readableBytes() + tail.readableBytes());
    joined.writeBytes(head).writeBytes(tail);
    head.release();
    tail.release();
    return joined;
  }

  @Override
  public final void finish() throws VpcException {
    var rest = input;
    if (!isComplete() || (rest != null && rest.isReadable() && isCutShort())) {
      throw new VpcException(
          ErrorCode.HTTP_RESPONSE_INCOMPLETE,
          Stage.RESPONSE,
          "The compressed body ends before its compression does.");
    }
  }

  @Override
  public final void close() {
    if (!closed) {
      closed = true;
      releaseInput();
      end();
    }
  }

  private void releaseInput() {
    var held = input;
    if (held != null) {
      held.release();
      input = null;
    }
  }

  // ---- outputs

  @Override
  public final @Nullable ByteBuf poll() throws VpcException {
    var available = input;
    if (closed || available == null) {
      return null;
    }
    return next(available);
  }

  /** A piece decoded from {@code available}; null if it holds too little. */
  abstract @Nullable ByteBuf next(ByteBuf available) throws VpcException;

  /** Whether the compressed data has come to its end. */
  abstract boolean isComplete();

  /** Whether octets that are left over are the beginning of something. */
  abstract boolean isCutShort();

  /** Frees the inflater. */
  abstract void end();

  /** Runs {@code inflater} over {@code available}; null if nothing came out of it. */
  static @Nullable ByteBuf inflate(Inflater inflater, ByteBuf available) throws VpcException {
    var size = Math.min(MAX_PIECE_OCTETS, Math.max(1024, 4 * available.readableBytes()));
    var piece = ByteBufAllocator.DEFAULT.heapBuffer(size, size);
    try {
      var before = inflater.getBytesRead();
      inflater.setInput(available.nioBuffer());
      var count = inflater.inflate(piece.array(), piece.arrayOffset(), size);
      available.skipBytes((int) (inflater.getBytesRead() - before));
      if (inflater.needsDictionary()) {
        throw corrupt("it needs a dictionary, which HTTP has not");
      }
      if (count > 0) {
        return piece.writerIndex(count).retain();
      }
      return null;
    } catch (DataFormatException e) {
      throw corrupt(e.getMessage());
    } finally {
      piece.release();
    }
  }

  static VpcException corrupt(@Nullable String why) {
    return new VpcException(
        ErrorCode.HTTP_PROTOCOL_ERROR,
        Stage.RESPONSE,
        "The compressed body cannot be decoded: " + why + ".");
  }
}
