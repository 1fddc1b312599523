package io.vpc4j.mesh.interop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * A client of the kernel's that uses one half of its connection after the other. {@code speak}
 * sends, ends, and then reads what is answered; {@code listen} reads up to the server's end, and
 * then sends. Arguments are address, port, which of the two, and how many octets it sends.
 */
public final class Halves {

  private Halves() {}

  public static void main(String[] arguments) throws Exception {
    var octets = Integer.parseInt(arguments[3]);
    try (var socket = new Socket(arguments[0], Integer.parseInt(arguments[1]))) {
      if (arguments[2].equals("speak")) {
        var sent = send(socket, octets);
        var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        System.out.println("sent=" + sent + " answer=" + answer);
      } else {
        var heard = drain(socket.getInputStream());
        System.out.println("heard=" + heard + " sent=" + send(socket, octets));
        socket.getInputStream().transferTo(OutputStream.nullOutputStream()); // it is at its end
      }
    }
    System.exit(0);
  }

  private static String send(Socket socket, int octets) throws Exception {
    var all = new byte[octets];
    new SplittableRandom(octets).nextBytes(all);
    socket.getOutputStream().write(all);
    socket.shutdownOutput();
    return figures(octets, MessageDigest.getInstance("SHA-256").digest(all));
  }

  private static String drain(InputStream in) throws IOException, NoSuchAlgorithmException {
    var digest = MessageDigest.getInstance("SHA-256");
    var octets = in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
    return figures(octets, digest.digest());
  }

  /** As {@link Sink} says it. */
  static String figures(long octets, byte[] digest) {
    return octets + ":" + HexFormat.of().formatHex(digest);
  }
}
