package io.vpc4j.clients;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/** A name server on a port of 127.0.0.1, over UDP and TCP: knows A records, and nothing else. */
final class FarResolver implements Closeable {

  private final Map<String, byte[]> hosts;
  private final ServerSocket tcp = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  private final DatagramSocket udp;

  FarResolver(Map<String, byte[]> hosts) throws IOException {
    this.hosts = hosts;
    udp =
        new DatagramSocket(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), tcp.getLocalPort()));
    thread(this::serveTcp);
    thread(this::serveUdp);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), tcp.getLocalPort());
  }

  private static void thread(Runnable body) {
    var thread = new Thread(body, "far-resolver");
    thread.setDaemon(true);
    thread.start();
  }

  private void serveTcp() {
    while (!tcp.isClosed()) {
      try {
        var socket = tcp.accept();
        thread(() -> converse(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void converse(Socket socket) {
    try (socket) {
      var in = new DataInputStream(socket.getInputStream());
      var out = new DataOutputStream(socket.getOutputStream());
      while (true) {
        var query = in.readNBytes(in.readUnsignedShort());
        var answer = answer(query);
        out.write(
            ByteBuffer.allocate(2 + answer.length)
                .putShort((short) answer.length)
                .put(answer)
                .array());
      }
    } catch (IOException ended) {
      // the client has left
    }
  }

  private void serveUdp() {
    var packet = new DatagramPacket(new byte[1500], 1500);
    while (!udp.isClosed()) {
      try {
        packet.setLength(1500);
        udp.receive(packet);
        var answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()));
        udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private byte[] answer(byte[] query) {
    var name = new StringBuilder();
    var at = 12;
    while (query[at] != 0) {
      name.append(name.length() == 0 ? "" : ".")
          .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
      at += 1 + query[at];
    }
    var type = query[at + 2];
    var questionEnd = at + 5;
    var address = hosts.get(name.toString());
    var found = address != null && type == 1;
    var out = ByteBuffer.allocate(512);
    out.put(query, 0, 2).put((byte) 0x81).put((byte) (address == null ? 0x83 : 0x80));
    out.putShort((short) 1).putShort((short) (found ? 1 : 0)).putInt(0);
    out.put(query, 12, questionEnd - 12);
    if (found) {
      out.putShort((short) 0xc00c).putShort((short) 1).putShort((short) 1).putInt(60);
      out.putShort((short) 4).put(address);
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  @Override
  public void close() throws IOException {
    tcp.close();
    udp.close();
  }
}
