package io.vpc4j.integrationtests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import io.vpc4j.Vpc;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.Secret;
import io.vpc4j.testkit.FreePort;
import io.vpc4j.tunnel.Connector;
import io.vpc4j.tunnel.TunnelCredentials;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code UDP ASSOCIATE} of SOCKS5: datagrams through a mesh and a tunnel, and where there is no
 * UDP.
 */
class UdpAssociateTest {

  private static final String ACCOUNT = "0123456789abcdef0123456789abcdef";
  private static final byte[] SECRET = "secretsecretsecretsecretsecret12".getBytes(US_ASCII);

  @TempDir private Path folder;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final BlockingQueue<String> echoed = new LinkedBlockingQueue<>();
  private DatagramSocket echo;

  @BeforeEach
  void begin() throws IOException {
    echo = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    open.push(echo);
    var thread = new Thread(this::echo, "echo");
    thread.setDaemon(true);
    thread.start();
  }

  private void echo() {
    var packet = new DatagramPacket(new byte[65_535], 65_535);
    try {
      while (true) {
        packet.setLength(65_535);
        echo.receive(packet);
        echoed.add(new String(packet.getData(), 0, packet.getLength(), US_ASCII));
        echo.send(packet);
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  @AfterEach
  void end() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }

  private Entrance entrance(String target, String sections, Vpc.Mode mode) throws IOException {
    var wrangler = folder.resolve("wrangler.jsonc");
    Files.writeString(
        wrangler, "{\"vpc_networks\": [{\"binding\": \"NET\", " + target + ", \"remote\": true}]}");
    Files.writeString(folder.resolve("directory.jsonc"), "{" + sections + "}");
    var vpc = Vpc.builder().config(wrangler).mode(mode).watch(false).open();
    open.push(vpc);
    return vpc.entrance("NET", EntranceOptions.defaults());
  }

  private Entrance throughAMesh() throws IOException {
    var far = FarNode.toLoopback();
    open.push(far);
    return entrance("\"network_id\": \"cf1:network\"", far.section(), Vpc.Mode.REAL);
  }

  // ---- a client

  /** A client's TCP connection and its UDP socket. */
  private record Client(Socket control, DatagramSocket socket, InetSocketAddress relay)
      implements AutoCloseable {

    static Client of(Entrance entrance) throws IOException {
      var control = EntranceClient.dial(entrance);
      control.getOutputStream().write(new byte[] {5, 1, 0, 5, 3, 0, 1, 0, 0, 0, 0, 0, 0});
      var answer = control.getInputStream().readNBytes(2 + 10);
      assertThat(Arrays.copyOf(answer, 6)).containsExactly(5, 0, 5, 0, 0, 1);
      var relay =
          new InetSocketAddress(
              InetAddress.getByAddress(Arrays.copyOfRange(answer, 6, 10)),
              ((answer[10] & 0xff) << 8) | (answer[11] & 0xff));
      var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
      socket.setSoTimeout(20_000);
      return new Client(control, socket, relay);
    }

    void send(byte[] header, String text) throws IOException {
      var whole = new ByteArrayOutputStream();
      whole.writeBytes(header);
      whole.writeBytes(text.getBytes(US_ASCII));
      socket.send(new DatagramPacket(whole.toByteArray(), whole.size(), relay));
    }

    /** What comes back, its header of IPv4 checked. */
    String receive(int port) throws IOException {
      var packet = new DatagramPacket(new byte[65_535], 65_535);
      socket.receive(packet);
      var octets = Arrays.copyOf(packet.getData(), packet.getLength());
      assertThat(Arrays.copyOf(octets, 10)).isEqualTo(to(port));
      return new String(octets, 10, octets.length - 10, US_ASCII);
    }

    @Override
    public void close() throws IOException {
      control.close();
      socket.close();
    }
  }

  /** The header of a datagram to 10.0.1.50. */
  private static byte[] to(int port) {
    return new byte[] {0, 0, 0, 1, 10, 0, 1, 50, (byte) (port >> 8), (byte) port};
  }

  private static byte[] toTheName(int port) {
    var header = new ByteArrayOutputStream();
    header.writeBytes(new byte[] {0, 0, 0, 3, 9});
    header.writeBytes("data.mesh".getBytes(US_ASCII));
    header.writeBytes(new byte[] {(byte) (port >> 8), (byte) port});
    return header.toByteArray();
  }

  // ---- where there is UDP

  @Test
  void datagramsGoThroughAMeshAndComeBack() throws Exception {
    var port = echo.getLocalPort();
    try (var client = Client.of(throughAMesh())) {
      for (var turn = 0; turn < 20; turn++) {
        client.send(turn % 2 == 0 ? to(port) : toTheName(port), "datagram " + turn);
        assertThat(client.receive(port)).isEqualTo("datagram " + turn);
      }
    }
  }

  @Test
  void datagramsGoThroughATunnelAndComeBack() throws Exception {
    var edgePort = FreePort.next();
    var tunnel = UUID.randomUUID();
    var secret = Base64.getEncoder().encodeToString(SECRET);
    var entrance =
        entrance(
            "\"tunnel_id\": \"" + tunnel + "\"",
            """
            "tunnels": [{ "tunnel_id": "%s", "name": "office", "tunnel_secret": "%s" }],
            "edge": {
              "listeners": [{ "host": "127.0.0.1", "port": %d, "protocols": ["quic"] }],
              "account_tag": "%s",
              "state_folder": "state"
            }
            """
                .formatted(tunnel, secret, edgePort, ACCOUNT),
            Vpc.Mode.REAL);
    X509Certificate authority;
    try (var in = Files.newInputStream(folder.resolve("state/edge-ca.pem"))) {
      authority = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
    var connector =
        Connector.builder(new TunnelCredentials(ACCOUNT, tunnel, Secret.of(SECRET)))
            .edge("127.0.0.1:" + edgePort)
            .authorities(List.of(authority))
            .protocols(List.of(Protocol.QUIC))
            .connections(1)
            .start();
    open.push(connector);
    connector.registered().get(30, TimeUnit.SECONDS);

    try (var client = Client.of(entrance)) {
      var port = echo.getLocalPort();
      for (var turn = 0; turn < 20; turn++) {
        client.send(toLoopback(port), "datagram " + turn);
        var packet = new DatagramPacket(new byte[2_000], 2_000);
        client.socket().receive(packet);
        assertThat(Arrays.copyOf(packet.getData(), 10)).isEqualTo(toLoopback(port));
        assertThat(new String(packet.getData(), 10, packet.getLength() - 10, US_ASCII))
            .isEqualTo("datagram " + turn);
      }
    }
  }

  private static byte[] toLoopback(int port) {
    return new byte[] {0, 0, 0, 1, 127, 0, 0, 1, (byte) (port >> 8), (byte) port};
  }

  // ---- who may use a relay, and for how long

  @Test
  void aRelayIsForThePortOfItsClientsFirstDatagram() throws Exception {
    var port = echo.getLocalPort();
    try (var client = Client.of(throughAMesh());
        var stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      client.send(to(port), "first");
      assertThat(client.receive(port)).isEqualTo("first");

      var other = new ByteArrayOutputStream();
      other.writeBytes(to(port));
      other.writeBytes("stranger".getBytes(US_ASCII));
      stranger.send(new DatagramPacket(other.toByteArray(), other.size(), client.relay()));
      client.send(to(port), "second");

      assertThat(client.receive(port)).isEqualTo("second");
      assertThat(echoed).containsExactly("first", "second");
    }
  }

  @Test
  void whatIsNoWholeDatagramIsDropped() throws Exception {
    var port = echo.getLocalPort();
    try (var client = Client.of(throughAMesh())) {
      var fragment = to(port);
      fragment[2] = 1;
      client.send(fragment, "fragment");
      client.send(new byte[] {0, 0, 0}, "");
      client.send(to(port), "whole");

      assertThat(client.receive(port)).isEqualTo("whole");
      assertThat(echoed).containsExactly("whole");
    }
  }

  @Test
  void aDestinationThatIsDeniedIsSilence() throws Exception {
    var port = echo.getLocalPort();
    try (var client = Client.of(throughAMesh())) {
      client.send(
          new byte[] {0, 0, 0, 1, (byte) 169, (byte) 254, (byte) 169, (byte) 254, 0, 80}, "x");
      client.send(new byte[] {0, 0, 0, 1, 10, 9, 9, 9, 0, 80}, "x");
      client.send(to(port), "allowed");

      assertThat(client.receive(port)).isEqualTo("allowed");
      client.socket().setSoTimeout(1);
      assertThatThrownBy(() -> client.receive(port)).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void theEndOfTheConnectionIsTheEndOfTheRelay() throws Exception {
    var port = echo.getLocalPort();
    var entrance = throughAMesh();
    InetSocketAddress relay;
    try (var client = Client.of(entrance)) {
      client.send(to(port), "x");
      client.receive(port);
      relay = client.relay();
      assertThatThrownBy(() -> new DatagramSocket(relay)).isInstanceOf(BindException.class);
    }

    var giveUpNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!isFree(relay)) {
      assertThat(System.nanoTime() - giveUpNs).as("its port is free again").isNegative();
      Thread.onSpinWait();
    }
  }

  private static boolean isFree(InetSocketAddress address) throws IOException {
    try (var socket = new DatagramSocket(address)) {
      return socket.isBound();
    } catch (BindException taken) {
      return false;
    }
  }

  // ---- where there is none

  @Test
  void aNetworkWithoutUdpSaysSo() throws Exception {
    var entrance =
        entrance(
            "\"tunnel_id\": \"" + PrivateNet.TUNNEL + "\"",
            "\"loopback\": {\"hosts\": [{\"addresses\": [\"10.0.1.50\"]}]}",
            Vpc.Mode.SIMULATED);

    try (var control = EntranceClient.dial(entrance)) {
      control.getOutputStream().write(new byte[] {5, 1, 0, 5, 3, 0, 1, 0, 0, 0, 0, 0, 0});
      assertThat(control.getInputStream().readAllBytes())
          .as("command not supported, and the end")
          .containsExactly(5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0);
    }
  }
}
