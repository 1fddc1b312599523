package io.vpc4j.benchmarks.peers;

import java.io.InputStream;

/** One HTTP client. Safe for use by many threads. */
public interface Peer extends AutoCloseable {

  /** GETs and takes the whole body; its length. */
  int get(String path) throws Exception;

  /** GETs and reads the body as a stream, keeping nothing; its length. */
  long download(String path) throws Exception;

  /**
   * Makes of {@code octets} the body that {@link #upload} sends, in the form in which this client
   * takes octets that are in memory; not a part of what is measured.
   */
  void hold(byte[] octets);

  /** POSTs what it {@linkplain #hold holds}; the length the origin answers with. */
  long upload(String path) throws Exception;

  /** POSTs a stream of {@code length} octets; the length the origin answers with. */
  long uploadStream(String path, long length) throws Exception;

  @Override
  void close() throws java.io.IOException;

  /** Reads to the end with one buffer. */
  static long drain(InputStream in) throws java.io.IOException {
    var buffer = new byte[64 * 1024];
    var total = 0L;
    try (in) {
      for (var count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        total += count;
      }
    }
    return total;
  }

  /** {@code length} zeros. */
  final class Zeros extends InputStream {
    private long left;

    /** That many. */
    public Zeros(long length) {
      left = length;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      var count = (int) Math.min(length, left);
      java.util.Arrays.fill(into, offset, offset + count, (byte) 0);
      left -= count;
      return count;
    }

    /** Netty's chunked stream sends as much as this says: one octet a chunk if it says nothing. */
    @Override
    public int available() {
      return (int) Math.min(Integer.MAX_VALUE, Math.max(0, left));
    }
  }
}
