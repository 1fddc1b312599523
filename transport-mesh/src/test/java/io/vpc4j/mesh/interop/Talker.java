package io.vpc4j.mesh.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A client of the kernel's that keeps one connection to an echo server busy, both ways, and
 * compares what comes back. It says {@code came} once the first mebibyte has; after a line on its
 * input it carries two more from there, ends, and says how that went. Arguments are address, port
 * and, if it matters, the address to call from.
 */
public final class Talker {

  private static final int PIECE_OCTETS = 1 << 15;
  private static final int FIRST_OCTETS = 1 << 20;
  private static final int AFTER_OCTETS = 2 << 20;

  private final Socket socket = new Socket();
  private final AtomicLong limit = new AtomicLong(Long.MAX_VALUE);
  private final AtomicLong sent = new AtomicLong();
  private volatile boolean told;

  private Talker() {}

  public static void main(String[] arguments) throws IOException {
    var talker = new Talker();
    if (arguments.length > 2) {
      talker.socket.bind(new InetSocketAddress(InetAddress.getByName(arguments[2]), 0));
    }
    try (var socket = talker.socket) {
      socket.connect(new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1])));
      new Thread(talker::listen).start();
      new Thread(talker::send).start();
      System.out.println(talker.compare());
    } catch (IOException e) {
      System.out.println("failed: " + e);
    }
    System.exit(0);
  }

  private void listen() {
    try {
      told = System.in.read() >= 0;
    } catch (IOException e) {
      System.out.println("failed: " + e);
    }
  }

  private void send() {
    var random = new SplittableRandom(1);
    var piece = new byte[PIECE_OCTETS];
    try {
      while (sent.get() < limit.get()) {
        random.nextBytes(piece);
        socket.getOutputStream().write(piece);
        sent.addAndGet(PIECE_OCTETS);
      }
      socket.shutdownOutput();
    } catch (IOException e) {
      System.out.println("sending ended: " + e);
    }
  }

  private String compare() throws IOException {
    var random = new SplittableRandom(1);
    var piece = new byte[PIECE_OCTETS];
    var came = 0L;
    var toldAt = 0L;
    while (true) {
      var got = socket.getInputStream().readNBytes(PIECE_OCTETS);
      if (got.length == 0) {
        return (came == sent.get() ? "same, after=" : "cut short, after=") + (came - toldAt);
      }
      random.nextBytes(piece);
      if (!Arrays.equals(got, piece)) {
        return "not what was sent, at " + came;
      }
      came += PIECE_OCTETS;
      if (came == FIRST_OCTETS) {
        System.out.println("came");
      }
      if (told && toldAt == 0) {
        toldAt = came;
        limit.set(came + AFTER_OCTETS);
      }
    }
  }
}
