package io.vpc4j.tunnel;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.ops.OpsClient;
import io.vpc4j.tunnel.ConnectorManagement.Level;
import io.vpc4j.tunnel.ConnectorManagement.Line;
import io.vpc4j.tunnel.ConnectorManagement.LogListener;
import io.vpc4j.tunnel.ConnectorWorld.Answer;
import io.vpc4j.tunnel.stream.ConnectRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The service of the Java connector itself, asked as a {@code cloudflared}'s is. [C] 7.8 */
@Timeout(60)
class JavaConnectorManagementTest {

  private static final String HOST = "management.argotunnel.com";

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
      end.complete(why);
    }

    Line next(Predicate<Line> wanted) throws InterruptedException {
      for (var line = lines.poll(30, SECONDS); line != null; line = lines.poll(30, SECONDS)) {
        if (wanted.test(line)) {
          return line;
        }
      }
      throw new AssertionError("no such line");
    }
  }

  @TempDir private Path state;
  private ConnectorWorld world;

  @AfterEach
  void end() throws Exception {
    if (world != null) {
      world.close();
    }
  }

  private ConnectorManagement begin(Protocol protocol) throws Exception {
    world = new ConnectorWorld(state, protocol, "ingress: [{service: 'http_status:418'}]");
    return world.edge.management(world.connector.connectorId()).orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void itTellsItsMetricsAndItsHost(Protocol protocol) throws Exception {
    var management = begin(protocol);

    assertThat(management.metrics().get(30, SECONDS))
        .contains("\ncloudflared_tunnel_ha_connections 1\n");
    var host = OpsClient.tree("the host", management.hostDetails().get(30, SECONDS));
    assertThat(host)
        .containsEntry("connector_id", world.connector.connectorId().toString())
        .containsEntry("ip", "127.0.0.1");
    assertThat((String) host.get("hostname")).isNotBlank();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void itsLogIsStreamedWithWhatItServes(Protocol protocol) throws Exception {
    var management = begin(protocol);
    var heard = new Heard();
    try (var tail = management.tail(Level.DEBUG, heard).get(30, SECONDS)) {
      assertThat(tail).isNotNull();
      // The command is on its way: a request is made until one of them is told.
      Line served = null;
      for (var i = 0; served == null && i < 1_000; i++) {
        assertThat(world.send(get("/path?token=secret")).status()).isEqualTo(418);
        served = heard.lines.poll();
      }
      assertThat(served).isNotNull();
      var answered = heard.next(line -> line.message().endsWith("418"));
      assertThat(answered.message()).isEqualTo("GET a.example/path: 418");
      assertThat(answered.event()).isEqualTo("http");
      assertThat(answered.level()).isEqualTo("debug");
      assertThat(java.time.Instant.parse(answered.time())).isNotNull();
      push("{\"ingress\":[{\"service\":\"http_status:419\"}]}");
      var updated = heard.next(line -> line.event().equals("cloudflared"));
      assertThat(updated.level()).isEqualTo("info");
      assertThat(updated.message()).contains("Updated to new configuration version=1");
    }
    assertThat(heard.end.get(30, SECONDS)).isNotEmpty();
  }

  private static ConnectRequest get(String path) {
    return ConnectorWorld.get("http://a.example" + path);
  }

  private void push(String json) throws Exception {
    world
        .carrier()
        .updateConfiguration(
            1, json.getBytes(StandardCharsets.UTF_8), System.nanoTime() + SECONDS.toNanos(20))
        .sync();
  }

  @Test
  void aNewerStreamOfTheSameActorTakesThePlace() throws Exception {
    var management = begin(Protocol.HTTP2);
    var first = new Heard();
    management.tail(Level.INFO, first).get(30, SECONDS);
    // Until it streams: what is configured is told.
    for (var version = 1; first.lines.isEmpty(); version++) {
      world
          .carrier()
          .updateConfiguration(
              version,
              "{\"ingress\":[{\"service\":\"http_status:419\"}]}".getBytes(StandardCharsets.UTF_8),
              System.nanoTime() + SECONDS.toNanos(20))
          .sync();
    }
    try (var second = management.tail(Level.INFO, new Heard()).get(30, SECONDS)) {
      assertThat(second).isNotNull();
      assertThat(first.end.get(30, SECONDS))
          .isEqualTo("the connector ended it: 1000 another session has begun");
    }
  }

  @Test
  void itIsNotThereWhereItIsSwitchedOff() throws Exception {
    world =
        new ConnectorWorld(
            state, Protocol.HTTP2, "", builder -> builder.managementDiagnostics(false));
    var management = world.edge.management(world.connector.connectorId()).orElseThrow();

    assertThat(management.hostDetails().get(30, SECONDS)).startsWith("{");
    assertThatThrownBy(() -> management.metrics().get(30, SECONDS))
        .hasMessageContaining("/metrics: was answered with 404");
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/ping,200",
    "HEAD,/ping,200",
    "POST,/ping,405",
    "POST,/host_details,405",
    "GET,/logs,426",
    "GET,/debug/pprof/heap,404",
    "GET,/,404",
  })
  void otherRequestsHaveTheAnswersOfTheOriginal(String method, String path, int status)
      throws Exception {
    begin(Protocol.HTTP2);
    var url = "http://" + HOST + path + "?x=y&access_token=" + token("actor");

    assertThat(world.send(ConnectorWorld.request(method, url, "Content-Length", "0")).status())
        .isEqualTo(status);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''",
        "?access_token=",
        "?access_token=a.b.c",
        "?access_token=%zz",
        "?access_token=e30.e30.AA",
        "?access_token=eyJhbGciOiJFUzI1NiJ9.eyJhY3RvciI6eyJpZCI6ImEifX0.AA"
      })
  void whoHasNoTokenIsToldNothing(String query) throws Exception {
    begin(Protocol.HTTP2);
    var request = ConnectorWorld.request("GET", "http://" + HOST + "/ping", "Content-Length", "0");
    var answer =
        world.send(new ConnectRequest(request.type(), request.dest() + query, request.metadata()));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body())
        .isEqualTo(
            "{\"errors\":[{\"code\":1001,\"message\":\"missing access_token query parameter\"}]}\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"type\":\"start_streaming\",\"filters\":{\"level\":\"loud\"}} | 4001",
        "{\"type\":\"start_streaming\",\"filters\":{\"events\":[\"sctp\"]}} | 4001",
        "{\"type\":\"start_streaming\",\"filters\":3} | 4001",
        "{\"type\":\"dance\"} | 1003",
        "[] | 1003",
        "nonsense | 1003",
      })
  void whatIsNoCommandEndsTheStream(String command, int code) throws Exception {
    begin(Protocol.HTTP2);
    var answer = logs("actor");
    answer.channel.writeAndFlush(ConnectorWorld.octets(masked(command)));

    assertThat(answer.closeCode()).isEqualTo(code);
  }

  @Test
  void anotherActorIsTurnedAwayUntilTheFirstStops() throws Exception {
    begin(Protocol.HTTP2);
    var start =
        "{\"type\":\"start_streaming\",\"filters\":{\"level\":\"debug\",\"events\":[\"http\"]}}";
    var first = logs("one");
    first.channel.writeAndFlush(ConnectorWorld.octets(masked(start)));
    while (first.text().isEmpty()) {
      world.send(get("/")).body();
    }
    assertThat(first.text()).contains("\"event\":\"http\"").doesNotContain("cloudflared");
    var second = logs("two");
    second.channel.writeAndFlush(ConnectorWorld.octets(masked(start)));
    assertThat(second.closeCode()).isEqualTo(4002);

    first.channel.writeAndFlush(ConnectorWorld.octets(masked("{\"type\":\"stop_streaming\"}")));
    // In its place comes whoever asks next; until the stop is read that is nobody.
    Logs third;
    do {
      third = logs("two");
      third.channel.writeAndFlush(ConnectorWorld.octets(masked(start)));
      while (third.text().isEmpty() && !third.end.isDone()) {
        world.send(get("/")).body();
      }
    } while (third.text().startsWith("\u0088"));
    assertThat(third.text()).contains("\"type\":\"logs\"");
    assertThat(first.end).as("it may begin again").isNotDone();
  }

  // ---- a WebSocket by hand

  private static final class Logs extends Answer {
    io.netty.channel.Channel channel;

    /** Of the close frame that came first. RFC 6455 5.5.1 */
    int closeCode() throws Exception {
      var frame = body();
      assertThat(frame).startsWith("\u0088");
      return frame.charAt(2) << 8 | frame.charAt(3);
    }
  }

  private Logs logs(String actor) throws Exception {
    var answer = new Logs();
    var request =
        ConnectorWorld.request(
            ConnectRequest.Type.WEBSOCKET,
            "GET",
            "http://" + HOST + "/logs?access_token=" + token(actor),
            "Sec-WebSocket-Key",
            "dGhlIHNhbXBsZSBub25jZQ==");
    answer.channel = world.channel(request, answer);
    assertThat(answer.status()).isEqualTo(101);
    return answer;
  }

  /** A text frame, masked with zeros. */
  private static String masked(String text) {
    assertThat(text.length()).isLessThan(126);
    return "\u0081" + (char) (0x80 | text.length()) + "\0\0\0\0" + text;
  }

  private static String token(String actor) {
    var claims =
        "{\"tun\":{\"id\":\"t\",\"account_tag\":\"a\"},\"actor\":{\"id\":\"" + actor + "\"}}";
    return part("{\"alg\":\"ES256\"}") + "." + part(claims) + ".AAAA";
  }

  private static String part(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
