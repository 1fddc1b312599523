package io.vpc4j.mesh;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A DNS server on one port of 127.0.0.1, over UDP and TCP, that says what a test has it say. RFC
 * 1035 4
 */
final class ScriptedResolver implements AutoCloseable {

  static final int TYPE_A = 1;

  private static final int HEADER_OCTETS = 12;

  private final Function<byte[], List<byte[]>> datagrams;
  private final Function<byte[], byte[]> streams;
  private final DatagramSocket udp;
  private final ServerSocket tcp;
  private final AtomicInteger askedByTcp = new AtomicInteger();

  /**
   * One that answers.
   *
   * @param datagrams what is sent back to a query by UDP
   * @param streams and to one by TCP
   */
  ScriptedResolver(Function<byte[], List<byte[]>> datagrams, Function<byte[], byte[]> streams)
      throws IOException {
    this.datagrams = datagrams;
    this.streams = streams;
    tcp = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    udp = new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress());
    start(this::serveDatagrams);
    start(this::serveStreams);
  }

  private static void start(Runnable task) {
    var thread = new Thread(task, "resolver");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return tcp.getLocalPort();
  }

  int askedByTcp() {
    return askedByTcp.get();
  }

  private void serveDatagrams() {
    var packet = new DatagramPacket(new byte[512], 512);
    while (!udp.isClosed()) {
      try {
        packet.setLength(512);
        udp.receive(packet);
        for (var answer : datagrams.apply(Arrays.copyOf(packet.getData(), packet.getLength()))) {
          udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serveStreams() {
    while (!tcp.isClosed()) {
      try (var socket = tcp.accept();
          var in = new DataInputStream(socket.getInputStream());
          var out = new DataOutputStream(socket.getOutputStream())) {
        var answer = streams.apply(in.readNBytes(in.readUnsignedShort()));
        askedByTcp.incrementAndGet();
        var whole = ByteBuffer.allocate(2 + answer.length);
        out.write(whole.putShort((short) answer.length).put(answer).array());
      } catch (IOException closed) {
        // the next, if there is to be one
      }
    }
  }

  // ---- what it may say

  static int type(byte[] query) {
    return query[query.length - 3];
  }

  /**
   * An answer.
   *
   * @param flags beside those that say that it is one: 0x200 for one that is cut short, 3 for a
   *     name that is not there
   * @param addresses of IPv4
   */
  static byte[] answer(byte[] query, int flags, byte[]... addresses) {
    var answer = ByteBuffer.allocate(query.length + 16 * addresses.length);
    answer.put(query, 0, 2).putShort((short) (0x8180 | flags)).putShort((short) 1);
    answer.putShort((short) addresses.length).putInt(0);
    answer.put(query, HEADER_OCTETS, query.length - HEADER_OCTETS);
    for (var address : addresses) {
      answer.putShort((short) 0xc00c).putShort((short) TYPE_A).putShort((short) 1);
      answer.putInt(60).putShort((short) 4).put(address);
    }
    return answer.array();
  }

  @Override
  public void close() throws IOException {
    udp.close();
    tcp.close();
  }
}
