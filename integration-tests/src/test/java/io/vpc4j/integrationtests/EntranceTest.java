package io.vpc4j.integrationtests;

import static io.vpc4j.integrationtests.EntranceClient.address;
import static io.vpc4j.integrationtests.EntranceClient.dial;
import static io.vpc4j.integrationtests.EntranceClient.exchange;
import static io.vpc4j.integrationtests.EntranceClient.lines;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import io.vpc4j.EntranceOptions.Credentials;
import io.vpc4j.testkit.FreePort;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs that are not this one come in through the entrance and reach what the binding reaches.
 */
class EntranceTest {

  private static final String HELLO =
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Origin: yes\r\n\r\nhello";

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

  private static String proxyGet(Entrance entrance, String url) throws IOException {
    return exchange(entrance, "GET " + url + " HTTP/1.1\r\nConnection: close\r\n\r\n");
  }

  private Entrance entranceTo(int port) throws IOException {
    return net.open(PrivateNet.oneHost(port)).vpc().entrance("NET", EntranceOptions.defaults());
  }

  // ---- HTTP

  @Test
  void aProxyingClientGetsTheAnswer() throws Exception {
    var entrance = entranceTo(net.answering(HELLO));
    var client =
        HttpClient.newBuilder()
            .proxy(ProxySelector.of(address(entrance)))
            .version(HttpClient.Version.HTTP_1_1)
            .build();

    for (var turn = 0; turn < 3; turn++) {
      var response =
          client.send(
              HttpRequest.newBuilder(URI.create("http://10.0.1.50/data")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("x-origin")).contains("yes");
      assertThat(response.body()).isEqualTo("hello");
    }
  }

  @Test
  void theTargetSeesItsOwnNameAndNothingThatWasMeantForTheProxy() throws Exception {
    var seen = new AtomicReference<>("");
    var port =
        net.server(
            socket -> {
              seen.set(PrivateNet.head(socket.getInputStream()));
              socket.getOutputStream().write(HELLO.getBytes(US_ASCII));
            });

    exchange(
        entranceTo(port),
        lines(
            "GET http://host.internal/a?b=c HTTP/1.1",
            "Host: elsewhere",
            "Proxy-Connection: close",
            "Proxy-Authorization: Basic eDp5",
            "Connection: x-mine, close",
            "X-Mine: 1",
            "X-Kept: 2",
            ""));

    assertThat(seen.get())
        .startsWith("GET /a?b=c HTTP/1.1\r\n")
        .containsIgnoringCase("\r\nhost: host.internal\r\n")
        .containsIgnoringCase("x-kept: 2")
        .doesNotContainIgnoringCase("x-mine")
        .doesNotContainIgnoringCase("proxy-")
        .doesNotContain("elsewhere");
  }

  @Test
  void anAbsoluteRequestNeedsNoHost() throws Exception {
    assertThat(proxyGet(entranceTo(net.answering(HELLO)), "http://10.0.1.50/"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .endsWith("hello");
  }

  @Test
  void aBodyIsStreamedBothWays() throws Exception {
    var port =
        net.server(
            socket -> {
              var in = socket.getInputStream();
              PrivateNet.head(in);
              var out = socket.getOutputStream();
              out.write("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n".getBytes(US_ASCII));
              for (var left = 3_000_000; left > 0; ) {
                var part = in.readNBytes(Math.min(left, 10_000));
                out.write(part);
                left -= part.length;
              }
            });
    var entrance = entranceTo(port);
    var sent = new byte[3_000_000];
    new Random(5).nextBytes(sent);

    try (var socket = dial(entrance)) {
      var writer =
          new Thread(
              () -> {
                try {
                  var out = socket.getOutputStream();
                  out.write(
                      "POST http://10.0.1.50/echo HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n"
                          .getBytes(US_ASCII));
                  out.write(sent);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      writer.start();
      assertThat(PrivateNet.head(socket.getInputStream())).startsWith("HTTP/1.1 200");
      assertThat(Arrays.equals(socket.getInputStream().readNBytes(sent.length), sent)).isTrue();
      writer.join();
    }
  }

  @Test
  void aBodyWithoutALengthIsChunkedForTheClient() throws Exception {
    var port =
        net.server(
            socket -> {
              PrivateNet.head(socket.getInputStream());
              socket
                  .getOutputStream()
                  .write("HTTP/1.1 200 OK\r\n\r\nto the end".getBytes(US_ASCII));
            });

    assertThat(proxyGet(entranceTo(port), "http://10.0.1.50/"))
        .containsIgnoringCase("transfer-encoding: chunked")
        .endsWith("a\r\nto the end\r\n0\r\n\r\n");
  }

  @Test
  void aResponseThatIsCutShortIsNotMadeToLookWhole() throws Exception {
    var port =
        net.server(
            socket -> {
              PrivateNet.head(socket.getInputStream());
              socket
                  .getOutputStream()
                  .write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".getBytes(US_ASCII));
            });
    var entrance = entranceTo(port);

    try (var socket = dial(entrance)) {
      socket.getOutputStream().write("GET http://10.0.1.50/ HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
      assertThatThrownBy(() -> readAtLeast(socket.getInputStream(), 1_000))
          .isInstanceOf(IOException.class);
    }
  }

  private static void readAtLeast(InputStream in, int octets) throws IOException {
    if (in.readNBytes(octets).length < octets) {
      throw new EOFException("it ended");
    }
  }

  @Test
  void whyThereIsNoConnectionIsSaid() throws Exception {
    var entrance = entranceTo(FreePort.next());

    assertThat(proxyGet(entrance, "http://10.0.1.50/"))
        .startsWith("HTTP/1.1 502")
        .containsIgnoringCase("proxy-status: vpc4j; error=connection_refused");
    assertThat(proxyGet(entrance, "http://10.9.9.9/"))
        .containsIgnoringCase("proxy-status: vpc4j; error=destination_not_found");
    assertThat(proxyGet(entrance, "http://nowhere.internal/"))
        .containsIgnoringCase("proxy-status: vpc4j; error=dns_error");
    assertThat(proxyGet(entrance, "http://169.254.169.254/"))
        .containsIgnoringCase("proxy-status: vpc4j; error=destination_ip_prohibited");
    assertThat(proxyGet(entrance, "/data")).startsWith("HTTP/1.1 400");
    assertThat(proxyGet(entrance, "ftp://10.0.1.50/")).startsWith("HTTP/1.1 400");
  }

  @Test
  void anIdempotentRequestIsSentAgainOnAConnectionThatHadDied() throws Exception {
    var port =
        net.server(
            socket -> {
              PrivateNet.head(socket.getInputStream());
              socket.getOutputStream().write(HELLO.getBytes(US_ASCII)); // and then it closes
            });
    var entrance = entranceTo(port);

    try (var socket = dial(entrance)) {
      for (var turn = 0; turn < 20; turn++) {
        socket.getOutputStream().write("GET http://10.0.1.50/ HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
        assertThat(PrivateNet.head(socket.getInputStream())).startsWith("HTTP/1.1 200");
        assertThat(socket.getInputStream().readNBytes(5)).asString(US_ASCII).isEqualTo("hello");
      }
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    var port =
        net.server(
            socket -> {
              for (var head = PrivateNet.head(socket.getInputStream());
                  !head.isEmpty();
                  head = PrivateNet.head(socket.getInputStream())) {
                var path = head.substring(4, head.indexOf(' ', 4));
                socket
                    .getOutputStream()
                    .write(
                        ("HTTP/1.1 200 OK\r\nContent-Length: " + path.length() + "\r\n\r\n" + path)
                            .getBytes(US_ASCII));
              }
            });

    assertThat(
            exchange(
                entranceTo(port),
                lines(
                    "GET http://10.0.1.50/one HTTP/1.1",
                    "",
                    "GET http://10.0.1.50/two HTTP/1.1",
                    "",
                    "GET http://10.0.1.50/three HTTP/1.1",
                    "Connection: close",
                    "")))
        .containsSubsequence("/one", "/two", "/three");
  }

  // ---- CONNECT and SOCKS

  @Test
  void connectCarriesOctetsBothWaysAndTheEndOfEach() throws Exception {
    var entrance = entranceTo(net.server(EntranceTest::echoToTheEnd));

    try (var socket = dial(entrance)) {
      // what a client sends before it is told that it may is not lost
      socket
          .getOutputStream()
          .write("CONNECT 10.0.1.50:80 HTTP/1.1\r\n\r\nearly".getBytes(US_ASCII));
      assertThat(PrivateNet.head(socket.getInputStream())).startsWith("HTTP/1.1 200");
      socket.getOutputStream().write(" and late".getBytes(US_ASCII));
      socket.shutdownOutput();
      assertThat(socket.getInputStream().readAllBytes())
          .asString(US_ASCII)
          .isEqualTo("early and late");
    }
  }

  /** Answers once the client has ended its output: half-close, all the way. */
  private static void echoToTheEnd(Socket socket) throws IOException {
    var all = socket.getInputStream().readAllBytes();
    socket.getOutputStream().write(all);
  }

  @Test
  void socks5ResolvesAtTheFarEnd() throws Exception {
    var entrance = entranceTo(net.server(EntranceTest::echoToTheEnd));

    try (var socket = new Socket(new Proxy(Proxy.Type.SOCKS, address(entrance)))) {
      socket.connect(InetSocketAddress.createUnresolved("host.internal", 80));
      socket.getOutputStream().write("hello".getBytes(US_ASCII));
      socket.shutdownOutput();
      assertThat(socket.getInputStream().readAllBytes()).asString(US_ASCII).isEqualTo("hello");
    }
  }

  @Test
  void socks5SaysWhy() throws Exception {
    var entrance = entranceTo(FreePort.next());

    try (var socket = new Socket(new Proxy(Proxy.Type.SOCKS, address(entrance)))) {
      assertThatThrownBy(
              () -> socket.connect(InetSocketAddress.createUnresolved("host.internal", 80)))
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("refused");
    }
  }

  @Test
  void socks4aIsServed() throws Exception {
    var entrance = entranceTo(net.server(EntranceTest::echoToTheEnd));

    try (var socket = dial(entrance)) {
      var request = new ByteArrayOutputStream();
      request.writeBytes(new byte[] {4, 1, 0, 80, 0, 0, 0, 1, 0});
      request.writeBytes("host.internal\0".getBytes(US_ASCII));
      request.writeTo(socket.getOutputStream());
      assertThat(socket.getInputStream().readNBytes(8)).startsWith(0, 90);
      socket.getOutputStream().write("hello".getBytes(US_ASCII));
      socket.shutdownOutput();
      assertThat(socket.getInputStream().readAllBytes()).asString(US_ASCII).isEqualTo("hello");
    }
  }

  @Test
  void aResetOfTheTargetIsAResetOfTheClient() throws Exception {
    var port =
        net.server(
            socket -> {
              socket.getInputStream().read();
              socket.setSoLinger(true, 0);
            });
    var entrance = entranceTo(port);

    try (var socket = dial(entrance)) {
      socket.getOutputStream().write("CONNECT 10.0.1.50:80 HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
      PrivateNet.head(socket.getInputStream());
      socket.getOutputStream().write('x');
      assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  // ---- who may come in

  @Test
  void credentialsAreAskedForAtBothDoors() throws Exception {
    var vpc = net.open(PrivateNet.oneHost(net.answering(HELLO))).vpc();
    var entrance =
        vpc.entrance(
            "NET", EntranceOptions.builder().credentials(new Credentials("ann", "sécret")).build());
    var login = Base64.getEncoder().encodeToString("ann:sécret".getBytes(UTF_8));
    var request = "GET http://10.0.1.50/ HTTP/1.1\r\nConnection: close\r\n";

    assertThat(exchange(entrance, request + "\r\n"))
        .startsWith("HTTP/1.1 407")
        .containsIgnoringCase("proxy-authenticate: Basic");
    assertThat(exchange(entrance, request + "Proxy-Authorization: Basic YTpi\r\n\r\n"))
        .startsWith("HTTP/1.1 407");
    assertThat(exchange(entrance, request + "Proxy-Authorization: Basic " + login + "\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(socks5Method(entrance, 0)).isEqualTo(0xff);
    assertThat(socks5Method(entrance, 2)).isEqualTo(2);
  }

  /** By whatever a client has for it; SOCKS4 has nothing. */
  @Test
  void aTokenLetsAnyoneIn() throws Exception {
    var vpc = net.open(PrivateNet.oneHost(net.answering(HELLO))).vpc();
    var entrance = vpc.entrance("NET", EntranceOptions.builder().token("s3cret.token").build());
    var request = "GET http://10.0.1.50/ HTTP/1.1\r\nConnection: close\r\n";
    var anyone = Base64.getEncoder().encodeToString("anyone:s3cret.token".getBytes(UTF_8));

    assertThat(exchange(entrance, request + "\r\n")).startsWith("HTTP/1.1 407");
    assertThat(exchange(entrance, request + "Proxy-Authorization: Bearer s3cret\r\n\r\n"))
        .startsWith("HTTP/1.1 407");
    assertThat(exchange(entrance, request + "Proxy-Authorization: Bearer s3cret.token\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(exchange(entrance, request + "Proxy-Authorization: Basic " + anyone + "\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(proxyGet(entrance, "http://10.0.1.50/?token=s3cret.token"))
        .as("that is the target's token")
        .startsWith("HTTP/1.1 407");
    assertThat(socks5Method(entrance, 0)).isEqualTo(0xff);
    assertThat(socks5Login(entrance, "other.token")).isNotZero();
    assertThat(socks5Login(entrance, "s3cret.token")).isZero();
    try (var socket = dial(entrance)) {
      socket.getOutputStream().write(new byte[] {4, 1, 0, 80, 10, 0, 1, 50, 0});
      assertThat(socket.getInputStream().readNBytes(8)).startsWith(0, 93);
    }
  }

  private static int socks5Login(Entrance entrance, String password) throws IOException {
    try (var socket = dial(entrance)) {
      var said = new ByteArrayOutputStream();
      said.writeBytes(new byte[] {5, 1, 2, 1, 3});
      said.writeBytes("bob".getBytes(US_ASCII));
      said.write(password.length());
      said.writeBytes(password.getBytes(US_ASCII));
      socket.getOutputStream().write(said.toByteArray());
      return socket.getInputStream().readNBytes(4)[3];
    }
  }

  @Test
  void aForwardIsForThisMachineAlone() throws Exception {
    var vpc = net.open(PrivateNet.oneHost(net.answering(HELLO))).vpc();
    var options =
        EntranceOptions.builder()
            .listen(new InetSocketAddress("0.0.0.0", 0))
            .credentials(new Credentials("ann", "secret")) // nobody could show them
            .build();

    assertThatThrownBy(() -> vpc.forward("NET", "10.0.1.50:80", options))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("loopback address");
  }

  private static int socks5Method(Entrance entrance, int offered) throws IOException {
    try (var socket = dial(entrance)) {
      socket.getOutputStream().write(new byte[] {5, 1, (byte) offered});
      return socket.getInputStream().readNBytes(2)[1] & 0xff;
    }
  }

  @Test
  void anEntranceForOtherMachinesNeedsCredentials() {
    assertThatThrownBy(
            () -> EntranceOptions.builder().listen(new InetSocketAddress("0.0.0.0", 0)).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("credentials");
  }

  @Test
  void whoComesAfterTheLastPlaceIsTurnedAway() throws Exception {
    var vpc = net.open(PrivateNet.oneHost(net.server(EntranceTest::echoToTheEnd))).vpc();
    var entrance = vpc.entrance("NET", EntranceOptions.builder().maxConnections(1).build());

    try (var first = dial(entrance)) {
      first.getOutputStream().write("CONNECT 10.0.1.50:80 HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
      assertThat(PrivateNet.head(first.getInputStream())).startsWith("HTTP/1.1 200");
      try (var second = dial(entrance)) {
        assertThatThrownBy(() -> readAtLeast(second.getInputStream(), 1))
            .isInstanceOf(IOException.class);
      }
      assertThat(entrance.connections()).isEqualTo(1);
    }
  }

  // ---- forwards and Unix sockets

  @Test
  void aForwardLeadsToItsTarget() throws Exception {
    var vpc = net.open(PrivateNet.oneHost(net.server(EntranceTest::echoToTheEnd))).vpc();
    var forward = vpc.forward("NET", "host.internal:80", EntranceOptions.defaults());

    try (var socket = dial(forward)) {
      socket.getOutputStream().write("hello".getBytes(US_ASCII));
      socket.shutdownOutput();
      assertThat(socket.getInputStream().readAllBytes()).asString(US_ASCII).isEqualTo("hello");
    }
    assertThatThrownBy(() -> vpc.forward("NET", "host.internal", EntranceOptions.defaults()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aUnixSocketIsAnEntranceToo() throws Exception {
    var path = folder.resolve("door");
    var vpc = net.open(PrivateNet.oneHost(net.answering(HELLO))).vpc();
    var options = EntranceOptions.builder().listen(UnixDomainSocketAddress.of(path)).build();

    try (var entrance = vpc.entrance("NET", options);
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(path));
      channel.write(ByteBuffer.wrap("GET http://10.0.1.50/ HTTP/1.1\r\n\r\n".getBytes(US_ASCII)));
      var answer = ByteBuffer.allocate(4_096);
      while (!new String(answer.array(), 0, answer.position(), US_ASCII).endsWith("hello")
          && channel.read(answer) >= 0) {
        // until all of it is there
      }
      assertThat(new String(answer.array(), 0, answer.position(), US_ASCII)).endsWith("hello");
      assertThat(entrance.address()).isEqualTo(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).doesNotExist();
  }
}
