package io.vpc4j.mesh.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A client of the kernel's: so many connections at once to an echo server, each sends so many
 * octets and its end, and compares what comes back. Arguments are address, port, connections and
 * octets.
 */
public final class Dialler {

  private Dialler() {}

  public static void main(String[] arguments) throws Exception {
    var connections = Integer.parseInt(arguments[2]);
    var octets = Integer.parseInt(arguments[3]);
    var threads = Executors.newCachedThreadPool();
    var ends = new ArrayList<Future<Boolean>>();
    for (var i = 0; i < connections; i++) {
      var seed = i;
      ends.add(threads.submit(() -> echo(arguments[0], arguments[1], seed, octets)));
    }
    var same = 0;
    for (var end : ends) {
      same += end.get() ? 1 : 0;
    }
    System.out.println(same + " of " + connections + " came back");
    System.exit(0);
  }

  private static boolean echo(String address, String port, int seed, int octets)
      throws IOException {
    var sent = new byte[octets];
    new Random(seed).nextBytes(sent);
    try (var socket = new Socket(address, Integer.parseInt(port))) {
      var writer =
          new Thread(
              () -> {
                try {
                  socket.getOutputStream().write(sent);
                  socket.shutdownOutput();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      writer.start();
      return Arrays.equals(socket.getInputStream().readAllBytes(), sent);
    }
  }
}
