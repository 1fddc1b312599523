package io.vpc4j.mesh.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A client of the kernel's: so many connections at once to an echo server, each sends so many
 * octets and its end, and compares what comes back. Arguments are address, port, connections,
 * octets and, if it matters, the address to call from. Memory does not grow with the octets.
 */
public final class Dialler {

  private static final int PIECE_OCTETS = 1 << 16;

  private Dialler() {}

  public static void main(String[] arguments) throws Exception {
    var connections = Integer.parseInt(arguments[2]);
    var octets = Long.parseLong(arguments[3]);
    var threads = Executors.newCachedThreadPool();
    var ends = new ArrayList<Future<Boolean>>();
    var begunNs = System.nanoTime();
    for (var i = 0; i < connections; i++) {
      var seed = i;
      Callable<Boolean> echo = () -> echo(arguments, seed, octets);
      ends.add(threads.submit(echo));
    }
    var same = 0;
    for (var end : ends) {
      same += end.get() ? 1 : 0;
    }
    var seconds = (System.nanoTime() - begunNs) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%d of %d came back seconds=%.2f mbit=%.0f each way%n",
        same,
        connections,
        seconds,
        connections * octets * 8 / seconds / 1e6);
    System.exit(0);
  }

  private static boolean echo(String[] arguments, int seed, long octets) throws IOException {
    try (var socket = new Socket()) {
      if (arguments.length > 4) {
        socket.bind(new InetSocketAddress(arguments[4], 0));
      }
      socket.connect(new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1])));
      var writer = new Thread(() -> write(socket, new Pieces(seed, octets)));
      writer.start();
      var in = socket.getInputStream();
      var pieces = new Pieces(seed, octets);
      for (var sent = pieces.next(); sent.length > 0; sent = pieces.next()) {
        if (!Arrays.equals(in.readNBytes(sent.length), sent)) {
          return false;
        }
      }
      return in.read() < 0;
    }
  }

  private static void write(Socket socket, Pieces pieces) {
    try {
      for (var piece = pieces.next(); piece.length > 0; piece = pieces.next()) {
        socket.getOutputStream().write(piece);
      }
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a seed gives, piece by piece; then empty ones. */
  private static final class Pieces {
    private final SplittableRandom random;
    private long left;

    Pieces(int seed, long octets) {
      random = new SplittableRandom(seed);
      left = octets;
    }

    byte[] next() {
      var whole = ByteBuffer.allocate(PIECE_OCTETS);
      while (whole.hasRemaining()) {
        whole.putLong(random.nextLong());
      }
      var length = (int) Math.min(left, PIECE_OCTETS);
      left -= length;
      return Arrays.copyOf(whole.array(), length);
    }
  }
}
