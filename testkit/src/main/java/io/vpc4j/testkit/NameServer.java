package io.vpc4j.testkit;

import io.vpc4j.core.net.IpAddress;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The name server of a private network, on one port of 127.0.0.1 over UDP and TCP (RFC 1035
 * sections 4.1 and 4.2).
 *
 * <p>It has an A record for each host it was given, and says of every other name that there is none
 * ({@code NXDOMAIN}). A message that is no query for one name is not answered, and over TCP ends
 * the connection. Its threads are daemons and end with {@link #close}.
 */
public final class NameServer implements Closeable {

  private static final int HEADER_OCTETS = 12;
  private static final int TYPE_A = 1;
  private static final int TTL_SECONDS = 60;

  private final Map<String, IpAddress> hosts;
  private final ServerSocket tcp;
  private final DatagramSocket udp;
  private final Set<Socket> conversations = ConcurrentHashMap.newKeySet();

  /**
   * Starts one.
   *
   * @param hosts IPv4 addresses by name, in lower case, without the last dot
   * @throws IOException if no port can be had
   */
  public NameServer(Map<String, IpAddress> hosts) throws IOException {
    this.hosts = Map.copyOf(hosts);
    var ports = Ports.open();
    tcp = ports.tcp();
    udp = ports.udp();
    thread(this::serveTcp);
    thread(this::serveUdp);
  }

  /** One port, over TCP and over UDP: a free one over the first may be taken over the other. */
  private record Ports(ServerSocket tcp, DatagramSocket udp) {

    private static final int MAX_TRIES = 100;

    static Ports open() throws IOException {
      for (var tries = 1; ; tries++) {
        var tcp = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        try {
          return new Ports(tcp, new DatagramSocket(tcp.getLocalSocketAddress()));
        } catch (IOException e) {
          tcp.close();
          if (tries == MAX_TRIES) {
            throw e;
          }
        }
      }
    }
  }

  /** Where it is asked, over UDP and TCP. */
  public InetSocketAddress address() {
    return new InetSocketAddress(tcp.getInetAddress(), tcp.getLocalPort());
  }

  private static void thread(Runnable body) {
    var thread = new Thread(body, "name-server");
    thread.setDaemon(true);
    thread.start();
  }

  private void serveTcp() {
    while (!tcp.isClosed()) {
      try {
        var socket = tcp.accept();
        conversations.add(socket);
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
        if (answer.length == 0) {
          throw new EOFException("that was no query");
        }
        out.write(
            ByteBuffer.allocate(Short.BYTES + answer.length)
                .putShort((short) answer.length)
                .put(answer)
                .array()); // one segment
      }
    } catch (IOException ended) {
      // the client has left, or what it says is not understood: either way it is over
    } finally {
      conversations.remove(socket);
    }
  }

  private void serveUdp() {
    var packet = new DatagramPacket(new byte[1_500], 1_500);
    while (!udp.isClosed()) {
      try {
        packet.setLength(1_500);
        udp.receive(packet);
        var answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()));
        if (answer.length > 0) {
          udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      } catch (IOException closed) {
        return;
      }
    }
  }

  /** The answer to a query; empty if it is none. */
  private byte[] answer(byte[] query) {
    var name = new StringBuilder();
    var at = HEADER_OCTETS;
    while (at < query.length && query[at] > 0 && at + query[at] < query.length) {
      name.append(name.length() == 0 ? "" : ".")
          .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
      at += 1 + query[at];
    }
    var questionEnd = at + 5; // the root's label, type and class
    if (questionEnd > query.length || query[at] != 0) {
      return new byte[0];
    }
    var address = hosts.get(name.toString());
    var isForAnAddress = query[at + 1] == 0 && query[at + 2] == TYPE_A;
    var octets = address != null && isForAnAddress ? address.octets() : new byte[0];
    var out = ByteBuffer.allocate(questionEnd + 16);
    out.put(query, 0, 2).put((byte) 0x81).put((byte) (address == null ? 0x83 : 0x80));
    out.putShort((short) 1).putShort((short) (octets.length > 0 ? 1 : 0)).putInt(0);
    out.put(query, HEADER_OCTETS, questionEnd - HEADER_OCTETS);
    if (octets.length > 0) {
      out.putShort((short) 0xc00c).putShort((short) TYPE_A).putShort((short) 1);
      out.putInt(TTL_SECONDS).putShort((short) octets.length).put(octets);
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
    for (var each : conversations) {
      each.close();
    }
  }
}
