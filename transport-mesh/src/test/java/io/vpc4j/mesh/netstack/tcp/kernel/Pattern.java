package io.vpc4j.mesh.netstack.tcp.kernel;

import io.vpc4j.mesh.netstack.tcp.TcpConnection;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The stream that both sides know: octet {@code p} is {@code OCTETS[p % PERIOD]}. */
final class Pattern {

  private static final int PERIOD = 65_521;
  private static final byte[] THRICE = new byte[3 * PERIOD];

  static {
    var x = 1L;
    for (var i = 0; i < PERIOD; i++) {
      x = (x * 1_103_515_245 + 12_345) & 0x7FFF_FFFF;
      THRICE[i] = (byte) (x >> 16);
      THRICE[i + PERIOD] = THRICE[i];
      THRICE[i + 2 * PERIOD] = THRICE[i];
    }
  }

  private final ByteBuffer room = ByteBuffer.allocate(PERIOD);
  private long written;
  private long read;

  long read() {
    return read;
  }

  /** Writes up to octet {@code total}; true when all is written. */
  boolean write(TcpConnection to, long total) {
    while (written < total && to.canWrite() && to.writable() > 0) {
      var most = (int) Math.min(PERIOD, total - written);
      var piece = ByteBuffer.wrap(THRICE, (int) (written % PERIOD), most);
      var taken = to.write(piece, System.nanoTime());
      written += taken;
      if (taken < most) {
        return false;
      }
    }
    return written == total;
  }

  /** Reads what there is, and checks it. */
  void read(TcpConnection from) {
    for (var taken = from.read(room.clear(), System.nanoTime()); taken > 0; ) {
      var start = (int) (read % PERIOD);
      if (!Arrays.equals(room.array(), 0, taken, THRICE, start, start + taken)) {
        throw new AssertionError("wrong somewhere after octet " + read);
      }
      read += taken;
      taken = from.read(room.clear(), System.nanoTime());
    }
  }
}
