package io.vpc4j.cli;

import io.vpc4j.core.net.IpAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A DNS server on 127.0.0.1 that knows one name and its IPv4 address. RFC 1035 4 */
final class OneNameResolver implements AutoCloseable {

  private static final int HEADER_OCTETS = 12;
  private static final int TYPE_A = 1;
  private static final int NO_SUCH_NAME = 3;

  private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  private final byte[] name;
  private final byte[] address;

  OneNameResolver(String name, IpAddress address) throws IOException {
    this.name = labels(name);
    this.address = address.toInetAddress().getAddress();
    var thread = new Thread(this::serve, "resolver");
    thread.setDaemon(true);
    thread.start();
  }

  private static byte[] labels(String name) {
    var octets = new ByteArrayOutputStream();
    for (var label : name.split("\\.", -1)) {
      octets.write(label.length());
      octets.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    octets.write(0);
    return octets.toByteArray();
  }

  int port() {
    return socket.getLocalPort();
  }

  private void serve() {
    var packet = new DatagramPacket(new byte[512], 512);
    while (!socket.isClosed()) {
      try {
        packet.setLength(512);
        socket.receive(packet);
        var answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()));
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (IOException closed) {
        return;
      }
    }
  }

  /** Header and question as they came, then the address if that is what was asked for. */
  private byte[] answer(byte[] query) {
    var end = HEADER_OCTETS;
    while (query[end] != 0) {
      end += 1 + query[end];
    }
    end++;
    var known = Arrays.equals(Arrays.copyOfRange(query, HEADER_OCTETS, end), name);
    var addressed = known && query[end + 1] == TYPE_A;
    var answer = ByteBuffer.allocate(end + 4 + 16);
    answer.put(query, 0, 2).putShort((short) (0x8180 | (known ? 0 : NO_SUCH_NAME)));
    answer.putShort((short) 1).putShort((short) (addressed ? 1 : 0)).putInt(0);
    answer.put(query, HEADER_OCTETS, end + 4 - HEADER_OCTETS);
    if (addressed) {
      answer.putShort((short) 0xc00c).putShort((short) TYPE_A).putShort((short) 1);
      answer.putInt(60).putShort((short) 4).put(address);
    }
    return Arrays.copyOf(answer.array(), answer.position());
  }

  @Override
  public void close() {
    socket.close();
  }
}
