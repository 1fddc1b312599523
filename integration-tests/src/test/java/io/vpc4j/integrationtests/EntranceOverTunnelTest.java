package io.vpc4j.integrationtests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.EntranceOptions;
import io.vpc4j.Vpc;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.Secret;
import io.vpc4j.testkit.FreePort;
import io.vpc4j.tunnel.Connector;
import io.vpc4j.tunnel.TunnelCredentials;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An entrance in front of a tunnel: what its clients do that the tunnel has no word for. */
class EntranceOverTunnelTest {

  private static final String ACCOUNT = "0123456789abcdef0123456789abcdef";
  private static final byte[] SECRET = "secretsecretsecretsecretsecret12".getBytes(US_ASCII);

  /** How long an origin looks for an end that must not come. */
  private static final int LOOK_MS = 300;

  @TempDir private Path folder;
  private PrivateNet net;

  @BeforeEach
  void begin() {
    net = new PrivateNet(folder);
  }

  @AfterEach
  void end() throws IOException {
    net.close();
  }

  private Vpc vpc(Protocol protocol, int edgePort) throws IOException {
    return net.open(
            "{\"vpc_networks\": [{\"binding\": \"NET\", \"tunnel_id\": \"%s\", \"remote\": true}]}"
                .formatted(PrivateNet.TUNNEL),
            """
            {
              "tunnels": [{"tunnel_id": "%s", "name": "office", "tunnel_secret": "%s"}],
              "edge": {
                "listeners": [{"host": "127.0.0.1", "port": %d, "protocols": ["%s"]}],
                "account_tag": "%s",
                "state_folder": "state"
              }
            }
            """
                .formatted(
                    PrivateNet.TUNNEL,
                    Base64.getEncoder().encodeToString(SECRET),
                    edgePort,
                    protocol.name().toLowerCase(Locale.ROOT),
                    ACCOUNT))
        .vpc();
  }

  private Connector connector(Protocol protocol, int edgePort, InetSocketAddress... resolvers)
      throws Exception {
    X509Certificate authority;
    try (var in = Files.newInputStream(folder.resolve("state/edge-ca.pem"))) {
      authority = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
    var tunnel = UUID.fromString(PrivateNet.TUNNEL);
    return Connector.builder(new TunnelCredentials(ACCOUNT, tunnel, Secret.of(SECRET)))
        .edge("127.0.0.1:" + edgePort)
        .authorities(List.of(authority))
        .protocols(List.of(protocol))
        .connections(1)
        .resolvers(List.of(resolvers))
        .start();
  }

  /**
   * As the real connector does: an end of one direction is the end of both, and what the origin
   * still had to say is lost.
   */
  private static void answerUnlessEnded(Socket socket) throws IOException {
    var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
    in.readLine();
    socket.setSoTimeout(LOOK_MS);
    try {
      if (in.read() < 0) {
        return;
      }
    } catch (SocketTimeoutException nothing) {
      // nothing was passed on, as it should be
    }
    socket.getOutputStream().write("the answer".getBytes(US_ASCII));
  }

  @ParameterizedTest
  @EnumSource
  void aClientThatHasEndedItsOutputHearsTheAnswerAndItsEnd(Protocol protocol) throws Exception {
    var port = net.server(EntranceOverTunnelTest::answerUnlessEnded);
    var edgePort = FreePort.next();
    var vpc = vpc(protocol, edgePort);
    var entrance = vpc.forward("NET", "127.0.0.1:" + port, EntranceOptions.defaults());

    try (var connector = connector(protocol, edgePort)) {
      connector.registered().get(20, TimeUnit.SECONDS);
      try (var socket = EntranceClient.dial(entrance)) {
        socket.getOutputStream().write("a request\n".getBytes(US_ASCII));
        socket.shutdownOutput();
        assertThat(socket.getInputStream().readAllBytes())
            .asString(US_ASCII)
            .isEqualTo("the answer");
      }
    }
  }

  // ---- names

  /** Answers every question for an IPv4 address with 127.0.0.1, and any other with nothing. */
  private static void serveNames(DatagramSocket socket) {
    var packet = new DatagramPacket(new byte[1_500], 1_500);
    try {
      while (true) {
        packet.setLength(1_500);
        socket.receive(packet);
        var query = Arrays.copyOf(packet.getData(), packet.getLength());
        var questionEnd = 12;
        while (query[questionEnd] != 0) {
          questionEnd += 1 + query[questionEnd];
        }
        questionEnd += 5; // the root, the type, the class
        var found = query[questionEnd - 3] == 1;
        var answer = ByteBuffer.allocate(1_500);
        answer.put(query, 0, 2).putShort((short) 0x8180).putShort((short) 1);
        answer.putShort((short) (found ? 1 : 0)).putInt(0).put(query, 12, questionEnd - 12);
        if (found) {
          answer.put(new byte[] {(byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1});
        }
        socket.send(
            new DatagramPacket(answer.array(), answer.position(), packet.getSocketAddress()));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  @Test
  void aResolverThatListensToDatagramsAloneIsAskedByThem() throws Exception {
    var port = net.server(socket -> socket.getOutputStream().write("found".getBytes(US_ASCII)));
    var edgePort = FreePort.next();
    var vpc = vpc(Protocol.QUIC, edgePort);
    var entrance = vpc.forward("NET", "far.internal:" + port, EntranceOptions.defaults());

    try (var names = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      var thread = new Thread(() -> serveNames(names), "names");
      thread.setDaemon(true);
      thread.start();
      var resolver = (InetSocketAddress) names.getLocalSocketAddress();
      try (var connector = connector(Protocol.QUIC, edgePort, resolver)) {
        connector.registered().get(20, TimeUnit.SECONDS);
        try (var socket = EntranceClient.dial(entrance)) {
          assertThat(socket.getInputStream().readAllBytes()).asString(US_ASCII).isEqualTo("found");
        }
      }
    }
  }
}
