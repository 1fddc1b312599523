package io.vpc4j.mesh.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A server of the kernel's: so many connections, at once if they come at once; to each, when it has
 * ended, it answers with how much came and its digest. Arguments are address, port and connections.
 */
public final class Sink {

  private Sink() {}

  public static void main(String[] arguments) throws IOException {
    var address = InetAddress.getByName(arguments[0]);
    try (var server = new ServerSocket(Integer.parseInt(arguments[1]), 16, address)) {
      System.out.println("ready");
      for (var i = 0; i < Integer.parseInt(arguments[2]); i++) {
        var socket = server.accept();
        new Thread(() -> take(socket)).start(); // the process ends when they have
      }
    }
  }

  private static void take(Socket socket) {
    try (socket) {
      var digest = MessageDigest.getInstance("SHA-256");
      var total = 0L;
      var buffer = new byte[1 << 16];
      for (var n = socket.getInputStream().read(buffer);
          n >= 0;
          n = socket.getInputStream().read(buffer)) {
        digest.update(buffer, 0, n);
        total += n;
      }
      var answer = total + ":" + HexFormat.of().formatHex(digest.digest());
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
