package io.vpc4j.benchmarks;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * What sockets are measured against, a process of its own. A client sends a length, positive to
 * have that many octets sent, negative to send as many itself and hear one octet then; and so on.
 *
 * <p>Prints {@code port PORT} when it listens; ends with its standard input.
 */
public final class OctetServer {

  /** Octets of the length that a client sends. */
  static final int HEAD_OCTETS = Long.BYTES;

  private static final int PIECE_OCTETS = 64 << 10;

  private OctetServer() {}

  /** Listens until the standard input ends. */
  public static void main(String[] arguments) throws IOException {
    var listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    var accepting = new Thread(() -> accept(listener), "accept");
    accepting.setDaemon(true);
    accepting.start();
    System.out.println("port " + listener.getLocalPort());
    System.out.flush();
    while (System.in.read() >= 0) {
      // whoever started us closes our input when it is done
    }
  }

  private static void accept(ServerSocket listener) {
    while (true) {
      try {
        var socket = listener.accept();
        var thread = new Thread(() -> serve(socket), "serve");
        thread.setDaemon(true);
        thread.start();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private static void serve(Socket socket) {
    var piece = new byte[PIECE_OCTETS];
    try (socket) {
      socket.setTcpNoDelay(true);
      var in = new DataInputStream(socket.getInputStream());
      var out = new DataOutputStream(socket.getOutputStream());
      while (true) {
        var length = in.readLong();
        for (var left = length; left > 0; left -= PIECE_OCTETS) {
          out.write(piece, 0, (int) Math.min(left, PIECE_OCTETS));
        }
        for (var left = -length; left > 0; ) {
          var count = in.read(piece, 0, (int) Math.min(left, PIECE_OCTETS));
          if (count < 0) {
            return;
          }
          left -= count;
        }
        if (length < 0) {
          out.write(1);
        }
      }
    } catch (IOException over) {
      // the client has left: the only end there is
    }
  }
}
