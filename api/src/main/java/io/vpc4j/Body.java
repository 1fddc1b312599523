package io.vpc4j;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Flow;

/**
 * What a request carries. Never held in memory whole, save for what is in memory already.
 *
 * <p>{@link Bytes} and {@link File} can be sent again, on a redirect that keeps the method or a
 * retry; {@link Stream} and {@link Publisher} can be sent once.
 */
public sealed interface Body {

  /** The length is not known; it is sent in chunks. */
  long UNKNOWN_LENGTH = -1;

  /** The length in octets, or {@link #UNKNOWN_LENGTH}. */
  long length();

  /** Whether it can be sent more than once. */
  boolean replayable();

  /** The media type to send if the request names none; empty for none. */
  default String contentType() {
    return "";
  }

  /** These octets. The array is copied. */
  static Body of(byte[] octets) {
    return new Bytes(octets, "");
  }

  /** This text as UTF-8, {@code text/plain;charset=UTF-8}. */
  static Body of(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8), "text/plain;charset=UTF-8");
  }

  /** The file as it is when the request is sent. */
  static Body of(Path file) {
    return new File(file);
  }

  /** What the stream gives until it ends; read on the engine's blocking threads, then closed. */
  static Body of(InputStream stream) {
    return new Stream(stream, UNKNOWN_LENGTH);
  }

  /**
   * What the stream gives; it must be {@code length} octets, or the request fails with {@link
   * ErrorCode#HTTP_REQUEST_ERROR}.
   */
  static Body of(InputStream stream, long length) {
    return new Stream(stream, length);
  }

  /** What the publisher gives until it completes; asked for as the connection takes it. */
  static Body of(Flow.Publisher<ByteBuffer> publisher) {
    return new Publisher(publisher, UNKNOWN_LENGTH);
  }

  /** What the publisher gives; it must be {@code length} octets, as for a stream. */
  static Body of(Flow.Publisher<ByteBuffer> publisher, long length) {
    return new Publisher(publisher, length);
  }

  /** Octets in memory. */
  final class Bytes implements Body {
    private final byte[] octets;
    private final String contentType;

    private Bytes(byte[] octets, String contentType) {
      this.octets = octets.clone();
      this.contentType = contentType;
    }

    @Override
    public long length() {
      return octets.length;
    }

    @Override
    public boolean replayable() {
      return true;
    }

    @Override
    public String contentType() {
      return contentType;
    }

    /** The octets, read-only. */
    public ByteBuffer octets() {
      return ByteBuffer.wrap(octets).asReadOnlyBuffer();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Bytes bytes
          && Arrays.equals(octets, bytes.octets)
          && contentType.equals(bytes.contentType);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(octets);
    }

    @Override
    public String toString() {
      return "Bytes[" + octets.length + "]";
    }
  }

  /**
   * A file.
   *
   * @param path a regular file, opened when the request is sent
   */
  record File(Path path) implements Body {
    /** Checked when it is sent. */
    @Override
    public long length() {
      return UNKNOWN_LENGTH;
    }

    @Override
    public boolean replayable() {
      return true;
    }
  }

  /**
   * A blocking stream.
   *
   * @param stream read once, then closed
   * @param length in octets, or {@link #UNKNOWN_LENGTH}
   */
  record Stream(InputStream stream, long length) implements Body {
    /** Checks the length. */
    public Stream {
      Objects.requireNonNull(stream);
      requireLength(length);
    }

    @Override
    public boolean replayable() {
      return false;
    }
  }

  /**
   * A reactive source.
   *
   * @param publisher subscribed to once
   * @param length in octets, or {@link #UNKNOWN_LENGTH}
   */
  record Publisher(Flow.Publisher<ByteBuffer> publisher, long length) implements Body {
    /** Checks the length. */
    public Publisher {
      Objects.requireNonNull(publisher);
      requireLength(length);
    }

    @Override
    public boolean replayable() {
      return false;
    }
  }

  private static void requireLength(long length) {
    if (length < UNKNOWN_LENGTH) {
      throw new IllegalArgumentException("length must not be negative: " + length);
    }
  }
}
