package io.vpc4j.core.fetch.body;

import io.netty.buffer.ByteBuf;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Reads a body whole, into one array, up to a bound. */
public final class BodyCollector {

  private static final int FIRST_OCTETS = 16 * 1024;

  private final ResponseBody body;
  private final int maxOctets;
  private byte[] octets;
  private int length;

  /**
   * A reader of {@code body}, which the caller has claimed.
   *
   * @param expected the length if known, else negative; a hint
   * @param maxOctets more is {@code RESPONSE_TOO_LARGE}
   */
  public BodyCollector(ResponseBody body, long expected, int maxOctets) {
    this.body = body;
    this.maxOctets = maxOctets;
    octets = new byte[(int) Math.min(maxOctets, expected >= 0 ? expected : FIRST_OCTETS)];
  }

  /** Reads to the end; parks the caller while there is nothing. */
  public byte[] collect() throws VpcException {
    for (var next = body.take(); next != null; next = body.take()) {
      add(next);
    }
    return collected();
  }

  /** Reads to the end on {@code executor}; {@code done} hears the octets or the failure, there. */
  public void collect(Executor executor, BiConsumer<byte @Nullable [], @Nullable Throwable> done) {
    executor.execute(() -> pump(executor, done));
  }

  private void pump(Executor executor, BiConsumer<byte @Nullable [], @Nullable Throwable> done) {
    try {
      for (var next = body.poll(); next != null; next = body.poll()) {
        add(next);
      }
      if (body.finished()) {
        done.accept(collected(), null);
      } else {
        body.onReadable(() -> executor.execute(() -> pump(executor, done)));
      }
    } catch (VpcException | RuntimeException e) {
      body.discard();
      done.accept(null, e);
    }
  }

  /** A body is larger than {@code maxOctets}. */
  public static VpcException tooLarge(int maxOctets) {
    return new VpcException(
        ErrorCode.RESPONSE_TOO_LARGE,
        Stage.RESPONSE,
        "The body is larger than "
            + maxOctets
            + " octets; read it as a stream, or raise maxBufferedBodyOctets.");
  }

  private byte[] collected() {
    return length == octets.length ? octets : Arrays.copyOf(octets, length);
  }

  private void add(ByteBuf next) throws VpcException {
    try {
      var size = next.readableBytes();
      if (size > maxOctets - length) {
        body.discard();
        throw tooLarge(maxOctets);
      }
      if (length + size > octets.length) {
        octets = Arrays.copyOf(octets, (int) Math.min(maxOctets, 2L * (length + size)));
      }
      next.readBytes(octets, length, size);
      length += size;
    } finally {
      next.release();
    }
  }
}
