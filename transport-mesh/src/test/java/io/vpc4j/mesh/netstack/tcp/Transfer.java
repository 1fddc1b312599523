package io.vpc4j.mesh.netstack.tcp;

import java.nio.ByteBuffer;

/** Octets that say where in a stream they are, written at one end and checked at the other. */
final class Transfer {

  private final TcpConnection from;
  private final long total;
  private final ByteBuffer chunk = ByteBuffer.allocate(32 * 1024);
  private long written;
  private long read;
  private boolean offered;

  Transfer(TcpConnection from, long total) {
    this.from = from;
    this.total = total;
  }

  static byte octetAt(long position) {
    var mixed = position * 0x9E37_79B9_7F4A_7C15L;
    return (byte) (mixed >>> 56);
  }

  boolean finished() {
    return read == total;
  }

  long read() {
    return read;
  }

  /** Writes what is taken; after the last octet, FIN. */
  void write(long nowNs) {
    while (from.canWrite() && written < total) {
      var most = Math.min(chunk.capacity(), total - written);
      if (offered && from.writable() == 0) {
        return; // it was told so once, and will say when there is room
      }
      chunk.clear().limit((int) (offered ? Math.min(most, from.writable()) : most));
      offered = true;
      for (var i = 0; i < chunk.limit(); i++) {
        chunk.put(i, octetAt(written + i));
      }
      var taken = from.write(chunk, nowNs);
      written += taken;
      if (taken == 0) {
        return;
      }
    }
    if (written == total && from.canWrite()) {
      from.shutdownOutput(nowNs);
    }
  }

  /** Reads what there is from the other end, and fails on the first octet that is not right. */
  void read(TcpConnection to, long nowNs) {
    chunk.clear();
    while (to.read(chunk, nowNs) > 0) {
      chunk.flip();
      while (chunk.hasRemaining()) {
        var octet = chunk.get();
        if (octet != octetAt(read)) {
          throw new AssertionError("octet " + read + " is " + octet + ", not " + octetAt(read));
        }
        read++;
      }
      chunk.clear();
    }
  }
}
