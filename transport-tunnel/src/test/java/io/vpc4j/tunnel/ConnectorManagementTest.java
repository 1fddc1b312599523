package io.vpc4j.tunnel;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.ops.OpsClient;
import io.vpc4j.tunnel.ConnectorManagement.Level;
import io.vpc4j.tunnel.ConnectorManagement.Line;
import io.vpc4j.tunnel.ConnectorManagement.LogListener;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is asked of a connector's own service, which an origin plays here. [T] 7.8 */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines of HTTP end with CR LF
class ConnectorManagementTest {

  private static final String LINE =
      "{\"type\":\"logs\",\"logs\":[{\"time\":\"2026-01-02T03:04:05Z\",\"level\":\"info\","
          + "\"message\":\"hello\",\"event\":\"http\",\"fields\":{\"connIndex\":1}}]}";

  /** Keeps what is told. */
  private static final class Heard implements LogListener {
    final LinkedBlockingQueue<Line> lines = new LinkedBlockingQueue<>();
    final CompletableFuture<String> end = new CompletableFuture<>();

    @Override
    public void onLine(Line line) {
      lines.add(line);
    }

    @Override
    public void onEnd(String why) {
      assertThat(end.complete(why)).as("told once").isTrue();
    }
  }

  @TempDir private Path state;
  private ConnectorWorld world;
  private final LinkedBlockingQueue<String> asked = new LinkedBlockingQueue<>();

  @AfterEach
  void end() throws IOException {
    if (world != null) {
      world.close();
    }
  }

  private ConnectorManagement begin(Protocol protocol, ConnectorWorld.Script script)
      throws Exception {
    world =
        new ConnectorWorld(
            state,
            protocol,
            "",
            builder -> builder.managementHostname("").feature("management_logs"));
    var port = world.origin(script);
    var rule =
        "{\"ingress\":[{\"hostname\":\"management.argotunnel.com\",\"service\":\"http://127.0.0.1:%d\"},{\"service\":\"http_status:404\"}]}"
            .formatted(port);
    world
        .carrier()
        .updateConfiguration(1, rule.getBytes(ISO_8859_1), System.nanoTime() + SECONDS.toNanos(20))
        .sync();
    return world.edge.management(world.connector.connectorId()).orElseThrow();
  }

  /** Answers every GET with those. */
  private ConnectorWorld.Script answering(int status, String body) {
    return socket -> {
      asked.add(ConnectorWorld.readHead(socket.getInputStream()));
      var head = "HTTP/1.1 " + status + " X\r\nContent-Length: " + body.length() + "\r\n\r\n";
      socket.getOutputStream().write((head + body).getBytes(ISO_8859_1));
    };
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void metricsAreAskedForWithATokenOfTheTunnel(Protocol protocol) throws Exception {
    var management = begin(protocol, answering(200, "a_metric 1\n"));

    assertThat(management.metrics().get(30, SECONDS)).isEqualTo("a_metric 1\n");
    var line = asked.poll(20, SECONDS).split("\r\n", -1)[0];
    assertThat(line).matches("GET /metrics\\?access_token=[A-Za-z0-9_.-]+ HTTP/1.1");
    var parts = line.replaceAll(".*access_token=| HTTP.*", "").split("\\.", -1);
    assertThat(parts).hasSize(3);
    assertThat(json(parts[0])).containsEntry("alg", "ES256");
    assertThat(json(parts[1]).get("tun"))
        .isEqualTo(
            Map.of("id", ConnectorWorld.TUNNEL.toString(), "account_tag", ConnectorWorld.ACCOUNT));
    assertThat(Base64.getUrlDecoder().decode(parts[2])).hasSize(64);
  }

  private static Map<String, Object> json(String part) throws IOException {
    return OpsClient.tree("the token", new String(Base64.getUrlDecoder().decode(part), UTF_8));
  }

  @Test
  void anotherAnswerThan200IsAFailure() throws Exception {
    var management = begin(Protocol.HTTP2, answering(404, "no"));

    assertThatThrownBy(() -> management.hostDetails().get(30, SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class)
        .hasMessageContaining("/host_details: was answered with 404");
    var heard = new Heard();
    assertThatThrownBy(() -> management.tail(Level.INFO, heard).get(30, SECONDS))
        .hasMessageContaining("/logs was answered with 404");
    assertThat(heard.end).isNotDone();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void aLogIsStreamedUntilTheConnectorEndsIt(Protocol protocol) throws Exception {
    var commands = new LinkedBlockingQueue<String>();
    var management =
        begin(
            protocol,
            socket -> {
              var out = socket.getOutputStream();
              upgrade(socket.getInputStream(), out);
              commands.add(readFrame(new DataInputStream(socket.getInputStream())));
              frame(out, 0x9, "ping"); // answered, and of no use to anybody
              frame(out, 0x1, LINE);
              frame(out, 0x1, "{\"type\":\"logs\",\"logs\":[{\"message\":\"second\"}]}");
              frame(out, 0x1, "{\"type\":\"of a later release\"}");
              frame(out, 0x1, "nonsense");
              frame(out, 0x8, "\u000f\u00a2limit"); // 4002
              commands.add(readFrame(new DataInputStream(socket.getInputStream())));
            });
    var heard = new Heard();
    try (var tail = management.tail(Level.WARN, heard).get(30, SECONDS)) {
      assertThat(tail).isNotNull();
      assertThat(OpsClient.tree("the command", commands.poll(20, SECONDS)))
          .isEqualTo(Map.of("type", "start_streaming", "filters", Map.of("level", "warn")));
      var first =
          new Line("2026-01-02T03:04:05Z", "info", "http", "hello", Map.of("connIndex", 1L));
      assertThat(heard.lines.poll(20, SECONDS)).isEqualTo(first);
      assertThat(heard.lines.poll(20, SECONDS))
          .isEqualTo(new Line("", "debug", "cloudflared", "second", Map.of()));
      assertThat(heard.lines.poll(20, SECONDS).level()).isEqualTo("error");
      assertThat(heard.end.get(30, SECONDS)).isEqualTo("the connector ended it: 4002 limit");
      assertThat(commands.poll(20, SECONDS)).isEqualTo("ping");
    }
  }

  @Test
  void whoHasEnoughOfALogClosesIt() throws Exception {
    var management =
        begin(
            Protocol.HTTP2,
            socket -> {
              upgrade(socket.getInputStream(), socket.getOutputStream());
              socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            });
    var heard = new Heard();
    var tail = management.tail(Level.DEBUG, heard).get(30, SECONDS);
    tail.close();
    tail.close();

    assertThat(heard.end.get(30, SECONDS)).isNotEmpty();
    assertThat(heard.lines).isEmpty();
  }

  @Test
  void aConnectorWithoutTheServiceIsNotAsked() throws Exception {
    world = new ConnectorWorld(state, Protocol.HTTP2, "", it -> it.managementHostname(""));

    assertThat(world.edge.management(world.connector.connectorId())).isEmpty();
    assertThat(world.edge.management(java.util.UUID.randomUUID())).isEmpty();
  }

  // ---- the other end of a WebSocket. RFC 6455 5.2

  private void upgrade(java.io.InputStream in, OutputStream out) throws IOException {
    asked.add(ConnectorWorld.readHead(in));
    var answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: x\r\n\r\n";
    out.write(answer.getBytes(ISO_8859_1));
  }

  private static void frame(OutputStream out, int opcode, String payload) throws IOException {
    var octets = payload.getBytes(ISO_8859_1);
    out.write(0x80 | opcode);
    if (octets.length < 126) {
      out.write(octets.length);
    } else {
      out.write(126);
      out.write(octets.length >> 8);
      out.write(octets.length);
    }
    out.write(octets);
  }

  private static String readFrame(DataInputStream in) throws IOException {
    in.readByte();
    var length = in.readByte() & 0x7f;
    length = length == 126 ? in.readUnsignedShort() : length;
    var mask = in.readNBytes(4);
    var octets = in.readNBytes(length);
    for (var i = 0; i < octets.length; i++) {
      octets[i] ^= mask[i % 4];
    }
    return new String(octets, ISO_8859_1);
  }
}
