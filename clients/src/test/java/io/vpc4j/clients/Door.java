package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import io.vpc4j.VpcException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A way from a program that is not this one to its target. */
enum Door {
  /** {@code CONNECT} of HTTP, with an address. */
  CONNECT {
    @Override
    void open(Socket socket, PrivateWorld world, int port) throws IOException {
      var head = "CONNECT " + world.address() + ":" + port + " HTTP/1.1\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(US_ASCII));
      if (!head(socket.getInputStream()).startsWith("HTTP/1.1 200")) {
        throw new EOFException("it is not connected");
      }
    }
  },
  /** SOCKS5 with a name. */
  SOCKS5 {
    @Override
    void open(Socket socket, PrivateWorld world, int port) throws IOException {
      var request = new ByteArrayOutputStream();
      request.writeBytes(new byte[] {5, 1, 0, 5, 1, 0, 3, (byte) world.host().length()});
      request.writeBytes(world.host().getBytes(US_ASCII));
      request.writeBytes(octets(port));
      socket.getOutputStream().write(request.toByteArray());
      expect(socket, new byte[] {5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    }
  },
  /** SOCKS4a. */
  SOCKS4A {
    @Override
    void open(Socket socket, PrivateWorld world, int port) throws IOException {
      var request = new ByteArrayOutputStream();
      request.writeBytes(new byte[] {4, 1});
      request.writeBytes(octets(port));
      request.writeBytes(new byte[] {0, 0, 0, 1, 0});
      request.writeBytes((world.host() + "\0").getBytes(US_ASCII));
      socket.getOutputStream().write(request.toByteArray());
      expect(socket, new byte[] {0, 90, 0, 0, 0, 0, 0, 0});
    }
  },
  /** A port for this target. */
  FORWARD {
    @Override
    void open(Socket socket, PrivateWorld world, int port) {}
  };

  /** Says where to, and hears that it is connected. */
  abstract void open(Socket socket, PrivateWorld world, int port) throws IOException;

  /** What it is in: an entrance of that world for the target at {@code port}. */
  Entrance in(PrivateWorld world, int port, EntranceOptions options) throws VpcException {
    return this == FORWARD
        ? world.vpc().forward("NET", world.host() + ":" + port, options)
        : world.vpc().entrance("NET", options);
  }

  static int port(Entrance entrance) {
    return ((InetSocketAddress) entrance.address()).getPort();
  }

  /** A plain socket to the entrance, whose reads end after 20 s. */
  static Socket dial(Entrance entrance) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port(entrance));
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** Reads a message's head, the blank line included; empty at the end of the stream. */
  static String head(InputStream in) throws IOException {
    var head = new ByteArrayOutputStream();
    for (var octet = in.read(); octet >= 0; octet = in.read()) {
      head.write(octet);
      if (octet == '\n' && head.toString(US_ASCII).endsWith("\r\n\r\n")) {
        return head.toString(US_ASCII);
      }
    }
    return "";
  }

  private static byte[] octets(int port) {
    return new byte[] {(byte) (port >> 8), (byte) port};
  }

  private static void expect(Socket socket, byte[] answer) throws IOException {
    assertThat(socket.getInputStream().readNBytes(answer.length)).isEqualTo(answer);
  }
}
