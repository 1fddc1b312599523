package io.vpc4j.integrationtests.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A resolver on port 53 that knows one name. Over TCP and UDP. RFC 1035 */
final class NameService implements Closeable {

  static final String NAME = "app.internal";

  private static final int TYPE_A = 1;
  private static final int NXDOMAIN = 3;

  private final ServerSocket streams;
  private final DatagramSocket datagrams;
  private final String name;
  private final InetAddress address;

  /** {@value #NAME} is 127.0.0.1. */
  NameService() throws IOException {
    this(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
  }

  /** {@value #NAME} is that address of IPv4. */
  NameService(InetAddress address) throws IOException {
    this(InetAddress.getLoopbackAddress(), NAME, address);
  }

  private NameService(InetAddress at, String name, InetAddress address) throws IOException {
    this.name = name;
    this.address = address;
    streams = new ServerSocket(53, 64, at);
    datagrams = new DatagramSocket(53, at);
    start(this::serveStreams);
    start(this::serveDatagrams);
  }

  /** A process of its own: where it listens, the name, and the name's address. */
  public static void main(String[] arguments) throws Exception {
    var service =
        new NameService(
            InetAddress.getByName(arguments[0]), arguments[1], InetAddress.getByName(arguments[2]));
    System.out.println("ready");
    service.serveStreams();
  }

  private static void start(Runnable task) {
    var thread = new Thread(task, "names");
    thread.setDaemon(true);
    thread.start();
  }

  private void serveStreams() {
    while (!streams.isClosed()) {
      try {
        var socket = streams.accept();
        start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        var in = new DataInputStream(socket.getInputStream());
        var out = new DataOutputStream(socket.getOutputStream())) {
      while (true) {
        var query = in.readNBytes(in.readUnsignedShort());
        var answer = answer(query);
        var whole = ByteBuffer.allocate(2 + answer.length);
        whole.putShort((short) answer.length).put(answer);
        out.write(whole.array());
      }
    } catch (IOException end) {
      // it has asked what it wanted
    }
  }

  private void serveDatagrams() {
    var buffer = new byte[1_500];
    while (!datagrams.isClosed()) {
      try {
        var packet = new DatagramPacket(buffer, buffer.length);
        datagrams.receive(packet);
        var answer = answer(Arrays.copyOf(buffer, packet.getLength()));
        datagrams.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private byte[] answer(byte[] query) {
    var in = ByteBuffer.wrap(query);
    var asked = new StringBuilder();
    var at = 12;
    for (var length = in.get(at); length != 0; length = in.get(at)) {
      asked.append(asked.isEmpty() ? "" : ".").append(new String(query, at + 1, length, US_ASCII));
      at += 1 + length;
    }
    var type = in.getShort(at + 1);
    var questionEnd = at + 5;
    var known = asked.toString().equalsIgnoreCase(name);
    var answers = known && type == TYPE_A ? 1 : 0;
    var out = ByteBuffer.allocate(questionEnd + 16 * answers);
    out.put(query, 0, 2).putShort((short) (0x8180 | (known ? 0 : NXDOMAIN)));
    out.putShort((short) 1).putShort((short) answers).putInt(0);
    out.put(query, 12, questionEnd - 12);
    if (answers > 0) {
      out.putShort((short) 0xc00c).putShort((short) TYPE_A).putShort((short) 1).putInt(60);
      out.putShort((short) 4).put(address.getAddress());
    }
    return out.array();
  }

  /** A question for a name's A records. */
  static byte[] query(String name) {
    var out = ByteBuffer.allocate(12 + name.length() + 2 + 4);
    out.putShort((short) 7).putShort((short) 0x0100).putShort((short) 1).put(new byte[6]);
    for (var label : name.split("[.]", -1)) {
      out.put((byte) label.length()).put(label.getBytes(US_ASCII));
    }
    return out.put((byte) 0).putShort((short) TYPE_A).putShort((short) 1).array();
  }

  /** The address at the end of an answer. */
  static String lastAddress(byte[] answer) throws IOException {
    return InetAddress.getByAddress(Arrays.copyOfRange(answer, answer.length - 4, answer.length))
        .getHostAddress();
  }

  @Override
  public void close() throws IOException {
    streams.close();
    datagrams.close();
  }
}
