package io.vpc4j.tunnel;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.ConnectorWorld.Answer;
import io.vpc4j.tunnel.ConnectorWorld.Script;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.connector.serve.RequestCheck;
import io.vpc4j.tunnel.stream.ConnectRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests to origins, through an edge and a Java connector. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines of HTTP end with CR LF
class ConnectorHttpTest {

  /** Has no listener, ever: the discard port is privileged and unused. */
  private static final String NOBODY = "http://127.0.0.1:1";

  @TempDir private Path state;
  private ConnectorWorld world;

  @AfterEach
  void end() throws IOException {
    if (world != null) {
      world.close();
    }
  }

  private void begin(Protocol protocol, String yaml) throws IOException {
    world = new ConnectorWorld(state, protocol, yaml);
  }

  /** The world with an origin behind app.example.com. */
  private void serve(Protocol protocol, Script script) throws IOException {
    serve(protocol, new AtomicInteger(), script);
  }

  private void serve(Protocol protocol, AtomicInteger connections, Script script)
      throws IOException {
    begin(protocol, "");
    var port = world.origin(connections, script);
    push(1, "[{\"service\":\"http://127.0.0.1:" + port + "\"}]");
  }

  private void push(int version, String ingress) {
    var json = "{\"ingress\":" + ingress + "}";
    var done =
        world
            .carrier()
            .updateConfiguration(
                version, json.getBytes(ISO_8859_1), System.nanoTime() + SECONDS.toNanos(20));
    assertThat(done.awaitUninterruptibly(20, SECONDS)).isTrue();
    assertThat(done.getNow().lastAppliedVersion()).as("%s", done.getNow()).isEqualTo(version);
  }

  private static void answer(InputStream in, java.io.OutputStream out, String response)
      throws IOException {
    ConnectorWorld.readHead(in);
    out.write(response.getBytes(ISO_8859_1));
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void aRequestAndItsResponsePassUnchanged(Protocol protocol) throws Exception {
    var heard = new CompletableFuture<String>();
    serve(
        protocol,
        socket -> {
          heard.complete(ConnectorWorld.readHead(socket.getInputStream()));
          socket
              .getOutputStream()
              .write(
                  ("HTTP/1.1 203 Fine\r\n"
                          + "Content-Length: 5\r\n"
                          + "X-A: 1\r\n"
                          + "x-a: 2\r\n"
                          + "Set-Cookie: b=\u00fc\r\n"
                          + "Connection: x-hop\r\n"
                          + "X-Hop: gone\r\n"
                          + "Keep-Alive: timeout=5\r\n\r\n"
                          + "hello")
                      .getBytes(ISO_8859_1));
        });

    var answer =
        world.send(
            ConnectorWorld.request(
                "GET",
                "http://app.example.com/a%20b?c=%2F&d",
                "X-Test",
                "1",
                "X-Test",
                "2",
                "Content-Length",
                "0",
                "Upgrade",
                "h2c"));

    assertThat(answer.body()).isEqualTo("hello");
    assertThat(answer.status()).isEqualTo(203);
    assertThat(answer.head().headers())
        .extracting(field -> field.name().toLowerCase(java.util.Locale.ROOT) + ": " + field.value())
        .contains("content-length: 5", "x-a: 1", "x-a: 2", "set-cookie: b=\u00fc")
        .noneMatch(line -> line.contains("hop") || line.startsWith("keep-alive"));
    assertThat(heard.get(20, SECONDS).toLowerCase(java.util.Locale.ROOT))
        .startsWith("get /a%20b?c=%2f&d http/1.1\r\n")
        .contains("\r\nhost: app.example.com\r\n", "\r\nx-test: 1\r\n", "\r\nx-test: 2\r\n")
        .contains("\r\ncf-warp-tag-id: " + world.connector.connectorId())
        .doesNotContain("upgrade", "content-length", "transfer-encoding", "cf-cloudflared");
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void aBodyWithALengthIsSentBeforeTheAnswerIsThere(Protocol protocol) throws Exception {
    serve(
        protocol,
        socket -> {
          var head = ConnectorWorld.readHead(socket.getInputStream());
          assertThat(head.toLowerCase(java.util.Locale.ROOT)).contains("content-length: 10\r\n");
          var body = new String(socket.getInputStream().readNBytes(10), ISO_8859_1);
          var answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" + body;
          socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
        });
    var answer = new Answer();
    var channel =
        world.channel(
            ConnectorWorld.request("POST", "http://a.example/", "Content-Length", "10"), answer);
    channel.writeAndFlush(ConnectorWorld.octets("01234"));
    channel.writeAndFlush(new LastOctets(ConnectorWorld.octets("56789")));

    assertThat(answer.body()).isEqualTo("0123456789");
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void aBodyWithoutALengthGoesInChunksAndComesBackAsItGoes(Protocol protocol) throws Exception {
    serve(
        protocol,
        socket -> {
          var in = socket.getInputStream();
          var out = socket.getOutputStream();
          var head = ConnectorWorld.readHead(in).toLowerCase(java.util.Locale.ROOT);
          assertThat(head).contains("transfer-encoding: chunked\r\n");
          out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(ISO_8859_1));
          for (var octet = in.read(); octet >= 0; octet = in.read()) {
            out.write(octet); // the chunks as they are
          }
        });
    var answer = world.converse();

    assertThat(answer.body()).isEqualTo("first, second");
  }

  /** An origin that takes no chunks, and tells what came. */
  private void serveWithoutChunks(Protocol protocol) throws IOException {
    begin(protocol, "");
    var port =
        world.origin(
            socket -> {
              var in = socket.getInputStream();
              var head = ConnectorWorld.readHead(in).toLowerCase(java.util.Locale.ROOT);
              assertThat(head).doesNotContain("transfer-encoding");
              var length = head.split("content-length: ", -1)[1].split("\r\n", -1)[0];
              var body = new String(in.readNBytes(Integer.parseInt(length)), ISO_8859_1);
              var answer = "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n" + body;
              socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
            });
    push(
        1,
        "[{\"service\":\"http://127.0.0.1:"
            + port
            + "\",\"originRequest\":{\"disableChunkedEncoding\":true}}]");
  }

  private Answer sendInChunks(String... parts) throws Exception {
    var answer = new Answer();
    var channel =
        world.channel(
            ConnectorWorld.request("POST", "http://a.example/", "Transfer-Encoding", "chunked"),
            answer);
    for (var part : parts) {
      channel.writeAndFlush(ConnectorWorld.octets(part));
    }
    channel.writeAndFlush(LastOctets.none());
    return answer;
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void anOriginThatTakesNoChunksIsToldTheLength(Protocol protocol) throws Exception {
    serveWithoutChunks(protocol);

    assertThat(sendInChunks("first", ", second").body()).isEqualTo("first, second");
    assertThat(sendInChunks().body()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void aBodyTooLargeToBeMeasuredIsRefused(Protocol protocol) throws Exception {
    serveWithoutChunks(protocol);

    var most = "x".repeat(1 << 20);
    assertThat(sendInChunks(most).body()).hasSize(1 << 20);
    var refused = sendInChunks(most, "y").head();

    assertThat(refused.isOk()).isFalse();
    if (protocol == Protocol.QUIC) {
      assertThat(refused.error()).contains("more than 1048576 octets are not collected");
    }
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void largeBodiesPassBothWays(Protocol protocol) throws Exception {
    var octets = 8 << 20;
    serve(
        protocol,
        socket -> {
          ConnectorWorld.readHead(socket.getInputStream());
          socket.getInputStream().skipNBytes(octets);
          var out = socket.getOutputStream();
          out.write(
              ("HTTP/1.1 200 OK\r\nContent-Length: " + octets + "\r\n\r\n").getBytes(ISO_8859_1));
          for (var sent = 0; sent < octets; sent += 1 << 16) {
            out.write(new byte[1 << 16]);
          }
        });
    var answer = new Answer();
    var channel =
        world.channel(
            ConnectorWorld.request(
                "PUT", "http://a.example/", "Content-Length", Integer.toString(octets)),
            answer);
    for (var sent = 0; sent < octets; sent += 1 << 16) {
      channel.write(io.netty.buffer.Unpooled.wrappedBuffer(new byte[1 << 16]));
    }
    channel.writeAndFlush(LastOctets.none());

    assertThat(answer.body()).hasSize(octets);
  }

  @Test
  void aConnectionIsUsedAgainAndReplacedWhenTheOriginHasClosedIt() throws Exception {
    var connections = new AtomicInteger();
    var closeAfter = new LinkedBlockingQueue<Boolean>();
    serve(
        Protocol.HTTP2,
        connections,
        socket -> {
          do {
            answer(
                socket.getInputStream(),
                socket.getOutputStream(),
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          } while (!closeAfter.poll(20, TimeUnit.SECONDS));
        });
    for (var i = 0; i < 5; i++) {
      assertThat(world.send(ConnectorWorld.get("http://a.example/" + i)).body()).isEqualTo("ok");
      closeAfter.put(i == 2);
    }

    assertThat(connections).hasValue(2);
  }

  @Test
  void aResponseThatEndsWithItsConnectionEndsCleanlyAndOneThatIsCutIsReset() throws Exception {
    begin(Protocol.HTTP2, "");
    var whole =
        world.origin(
            socket ->
                answer(
                    socket.getInputStream(),
                    socket.getOutputStream(),
                    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end"));
    var cut =
        world.origin(
            socket ->
                answer(
                    socket.getInputStream(),
                    socket.getOutputStream(),
                    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all"));
    push(
        1,
        "[{\"hostname\":\"whole\",\"service\":\"http://127.0.0.1:%d\"},{\"service\":\"http://127.0.0.1:%d\"}]"
            .formatted(whole, cut));

    assertThat(world.send(ConnectorWorld.get("http://whole/")).body()).isEqualTo("to the end");
    var broken = world.send(ConnectorWorld.get("http://cut/"));
    assertThat(broken.status()).isEqualTo(200);
    broken.end.get(20, SECONDS);
    assertThat(broken.failure).isNotNull();
  }

  @Test
  void trailersPassOverHttp2() throws Exception {
    serve(
        Protocol.HTTP2,
        socket ->
            answer(
                socket.getInputStream(),
                socket.getOutputStream(),
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "2\r\nok\r\n0\r\nGrpc-Status: 0\r\n\r\n"));
    var answer = world.send(ConnectorWorld.get("http://a.example/"));

    assertThat(answer.body()).isEqualTo("ok");
    assertThat(answer.trailers).containsExactly(java.util.Map.entry("grpc-status", "0"));
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void interimResponsesAndBodilessOnesAreUnderstood(Protocol protocol) throws Exception {
    serve(
        protocol,
        socket -> {
          var head = ConnectorWorld.readHead(socket.getInputStream());
          var answer =
              head.startsWith("HEAD")
                  ? "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
                  : "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
          socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
        });

    var head = world.send(ConnectorWorld.request("HEAD", "http://a.example/"));
    assertThat(head.body()).isEmpty();
    assertThat(head.header("content-length")).contains("1000");
    assertThat(world.send(ConnectorWorld.get("http://a.example/")).status()).isEqualTo(204);
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void whatCannotBeReachedIsRefusedInWords(Protocol protocol) throws Exception {
    begin(protocol, "ingress: [{service: '" + NOBODY + "'}]");
    var answer = world.send(ConnectorWorld.get("http://a.example/"));

    assertThat(answer.head().error())
        .startsWith("Unable to reach the origin service.")
        .endsWith("connect: connection refused");
  }

  @Test
  void answersOfTheConnectorsOwn() throws Exception {
    begin(
        Protocol.HTTP2,
        "ingress: [{hostname: hi, service: hello_world}, {hostname: tcp, service:"
            + " 'tcp://127.0.0.1:1'}, {service: 'http_status:418'}]");

    assertThat(world.send(ConnectorWorld.get("http://hi/")).body()).contains("It works");
    assertThat(world.send(ConnectorWorld.get("http://other/")).status()).isEqualTo(418);
    assertThat(world.send(ConnectorWorld.get("http://tcp/")).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "GE T,/,X,1",
    "GET,/,X Y,1",
    "POST,/,Content-Length,ten",
    "GET,/a b,X,1",
    "GET,/,X\u00e9,1"
  })
  void whatIsNoRequestIsRefused(String method, String path, String name, String value) {
    var request = ConnectorWorld.request(method, "http://a.example" + path, name, value);
    assertThatThrownBy(() -> RequestCheck.check(request))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void aWebSocketIsOctetsAfterIts101(Protocol protocol) throws Exception {
    serve(
        protocol,
        socket -> {
          var in = socket.getInputStream();
          var head = ConnectorWorld.readHead(in).toLowerCase(java.util.Locale.ROOT);
          assertThat(head).contains("upgrade: websocket\r\n", "connection: upgrade\r\n");
          var out = socket.getOutputStream();
          out.write(
              ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      + "Sec-WebSocket-Accept: x\r\n\r\nearly,")
                  .getBytes(ISO_8859_1));
          in.transferTo(out);
        });
    var answer = new Answer();
    var channel =
        world.channel(
            ConnectorWorld.request(
                ConnectRequest.Type.WEBSOCKET,
                "GET",
                "http://a.example/",
                "Sec-WebSocket-Key",
                "abc"),
            answer);
    assertThat(answer.status()).isEqualTo(101);
    assertThat(answer.header("sec-websocket-accept")).contains("x");
    channel.writeAndFlush(ConnectorWorld.octets("echo"));
    ConnectorWorld.until(() -> answer.text().equals("early,echo"));
    channel.writeAndFlush(LastOctets.none());

    assertThat(answer.body()).isEqualTo("early,echo");
  }

  @Test
  void tcpTravelsInAWebSocketThatTheConnectorAnswers() throws Exception {
    begin(Protocol.HTTP2, "");
    var port = world.origin(socket -> socket.getInputStream().transferTo(socket.getOutputStream()));
    push(1, "[{\"service\":\"tcp://127.0.0.1:" + port + "\"}]");
    var answer = new Answer();
    var channel =
        world.channel(
            ConnectorWorld.request(
                ConnectRequest.Type.WEBSOCKET,
                "GET",
                "http://a.example/",
                "Sec-WebSocket-Key",
                "dGhlIHNhbXBsZSBub25jZQ=="),
            answer);
    assertThat(answer.status()).isEqualTo(101);
    // RFC 6455 1.3
    assertThat(answer.header("sec-websocket-accept")).contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    // A binary frame "hi", masked with zeros, and a ping.
    channel.writeAndFlush(ConnectorWorld.octets("\u0082\u0082\0\0\0\0hi\u0089\u0080\0\0\0\0"));

    ConnectorWorld.until(() -> answer.text().length() == 6);
    assertThat(answer.text()).contains("\u0082\u0002hi", "\u008a\0");
    channel.close();
  }

  @Test
  void aUnixSocketIsAnOrigin() throws Exception {
    begin(Protocol.HTTP2, "");
    var path = state.resolve("origin.sock");
    try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path));
      var thread =
          new Thread(
              () -> {
                try (var socket = listener.accept()) {
                  socket.read(ByteBuffer.allocate(4096));
                  socket.write(
                      ByteBuffer.wrap(
                          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nunix".getBytes(ISO_8859_1)));
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      thread.start();
      push(1, "[{\"service\":\"unix:" + path + "\"}]");

      assertThat(world.send(ConnectorWorld.get("http://a.example/")).body()).isEqualTo("unix");
      thread.join(20_000);
    }
  }

  @Test
  void aRequestThatTheEdgeGivesUpIsGivenUpAtTheOrigin() throws Exception {
    var heard = new CompletableFuture<Void>();
    var ended = new CompletableFuture<Integer>();
    world = new ConnectorWorld(state, Protocol.HTTP2, "", builder -> {}, ConnectorWorld.HASTY);
    var port =
        world.origin(
            socket -> {
              ConnectorWorld.readHead(socket.getInputStream());
              heard.complete(null);
              ended.complete(socket.getInputStream().read());
            });
    push(1, "[{\"service\":\"http://127.0.0.1:" + port + "\"}]");
    var channel = world.channel(ConnectorWorld.get("http://a.example/"), new Answer());
    heard.get(20, SECONDS);
    channel.close();

    assertThat(ended.get(20, SECONDS)).isEqualTo(-1);
  }

  @Test
  void configurationsAreTakenByTheirVersionAndBadOnesAreNot() throws Exception {
    begin(Protocol.HTTP2, "");
    push(5, "[{\"service\":\"http_status:205\"}]");
    var outcomes = new ArrayList<String>();
    for (var attempt :
        new String[] {
          "5 {\"ingress\":[{\"service\":\"http_status:206\"}]}", "6 {\"ingress\":3}", "7 nonsense"
        }) {
      var done =
          world
              .carrier()
              .updateConfiguration(
                  attempt.charAt(0) - '0',
                  attempt.substring(2).getBytes(ISO_8859_1),
                  System.nanoTime() + SECONDS.toNanos(20));
      done.awaitUninterruptibly(20, SECONDS);
      outcomes.add(done.getNow().lastAppliedVersion() + " " + done.getNow().error().isPresent());
    }

    assertThat(outcomes).containsExactly("5 false", "5 true", "-1 true");
    assertThat(world.send(ConnectorWorld.get("http://a.example/")).status()).isEqualTo(205);
    assertThat(world.log).anyMatch(line -> line.contains("Updated to new configuration version=5"));
  }
}
