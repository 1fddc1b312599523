package io.vpc4j.integrationtests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.vpc4j.Entrance;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client of an entrance that says just what it is told to. */
final class EntranceClient {

  private EntranceClient() {}

  static InetSocketAddress address(Entrance entrance) {
    return (InetSocketAddress) entrance.address();
  }

  static Socket dial(Entrance entrance) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), address(entrance).getPort());
    socket.setSoTimeout(20_000); // a wait that nothing else ends
    return socket;
  }

  /** What the entrance answers to {@code request}, to the end of the connection. */
  static String exchange(Entrance entrance, String request) throws IOException {
    try (var socket = dial(entrance)) {
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  /** As they stand in a message's head. */
  static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n";
  }
}
