package io.vpc4j.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Asked as RFC 1035 has it, octet by octet. */
class NameServerTest {

  private static final int A = 1;
  private static final int AAAA = 28;
  private static final int NXDOMAIN = 3;

  private NameServer server;

  @BeforeEach
  void start() throws IOException {
    server = new NameServer(Map.of("db.internal", IpAddress.require("10.0.1.50")));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private static byte[] query(int id, String name, int type) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, (byte) id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (var label : name.split("\\.", -1)) {
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes(new byte[] {0, 0, (byte) type, 0, 1});
    return out.toByteArray();
  }

  private byte[] overUdp(byte[]... messages) throws IOException {
    try (var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.setSoTimeout(20_000);
      for (var message : messages) {
        socket.send(new DatagramPacket(message, message.length, server.address()));
      }
      var answer = new DatagramPacket(new byte[512], 512);
      socket.receive(answer);
      return Arrays.copyOf(answer.getData(), answer.getLength());
    }
  }

  private static int code(byte[] answer) {
    return answer[3] & 0xf;
  }

  private static int answers(byte[] answer) {
    return ByteBuffer.wrap(answer).getShort(6);
  }

  @Test
  void aHostHasOneAddress() throws Exception {
    var answer = overUdp(query(7, "db.internal", A));

    assertThat(answer).startsWith(0, 7).endsWith(0, 4, 10, 0, 1, 50);
    assertThat(code(answer)).isZero();
    assertThat(answers(answer)).isEqualTo(1);
  }

  @Test
  void ofOtherTypesThereIsNothingAndOfOtherNamesNotEvenThat() throws Exception {
    var noSuchType = overUdp(query(1, "db.internal", AAAA));
    assertThat(code(noSuchType)).isZero();
    assertThat(answers(noSuchType)).isZero();

    assertThat(code(overUdp(query(1, "internal", A)))).isEqualTo(NXDOMAIN);
  }

  @Test
  void aConversationMayHaveManyQueries() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      socket.setSoTimeout(20_000);
      var in = new DataInputStream(socket.getInputStream());
      for (var id = 1; id < 4; id++) {
        var query = query(id, "db.internal", A);
        socket.getOutputStream().write(new byte[] {0, (byte) query.length});
        socket.getOutputStream().write(query);
        assertThat(in.readNBytes(in.readUnsignedShort())).startsWith(0, id).endsWith(10, 0, 1, 50);
      }
      socket.getOutputStream().write(new byte[] {0, 3, 1, 2, 3});
      assertThat(in.read()).as("it ends where it is not understood").isEqualTo(-1);
    }
  }

  /** What comes after them is answered: none of them ended the server. */
  @Test
  void whatIsNoQueryIsNotAnswered() throws Exception {
    var cut = Arrays.copyOf(query(1, "db.internal", A), 20);
    var pointer = query(2, "db.internal", A);
    pointer[12] = (byte) 0xc0;

    assertThat(overUdp(new byte[0], new byte[5], cut, pointer, query(9, "db.internal", A)))
        .startsWith(0, 9);
  }
}
