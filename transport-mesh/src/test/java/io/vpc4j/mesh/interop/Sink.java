package io.vpc4j.mesh.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A server of the kernel's: reads until the end of the stream, then says how many octets there were
 * and their digest. Arguments are address, port and how many connections it serves.
 */
public final class Sink {

  private Sink() {}

  public static void main(String[] arguments) throws IOException, NoSuchAlgorithmException {
    var address = InetAddress.getByName(arguments[0]);
    try (var server = new ServerSocket(Integer.parseInt(arguments[1]), 16, address)) {
      System.out.println("ready");
      for (var i = 0; i < Integer.parseInt(arguments[2]); i++) {
        try (var socket = server.accept()) {
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
        }
      }
    }
  }
}
