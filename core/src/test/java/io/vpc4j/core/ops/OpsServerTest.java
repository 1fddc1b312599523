package io.vpc4j.core.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.ops.MetricFamily.Sample;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class OpsServerTest {

  private static EventLoops loops;

  private final AtomicLong nowNs = new AtomicLong(7);
  private final Part edge = new Part("edge");
  private final Part mesh = new Part("mesh");
  private OpsServer server;

  /** A part whose state the test sets. */
  private static final class Part implements StatusSource {
    private final String name;
    private volatile boolean ready = true;
    private volatile Map<String, Object> details = Map.of();
    private volatile List<MetricFamily> metrics = List.of();

    Part(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public boolean ready() {
      return ready;
    }

    @Override
    public String summary() {
      return ready ? "all is well" : "nobody is there";
    }

    @Override
    public List<MetricFamily> metrics() {
      return metrics;
    }

    @Override
    public Map<String, Object> details() {
      return details;
    }
  }

  @BeforeAll
  static void open() {
    loops = EventLoops.open(EventLoops.best(), 1);
  }

  @AfterAll
  static void shut() {
    loops.close();
  }

  @BeforeEach
  void begin() throws IOException {
    server =
        OpsServer.builder()
            .process("version", "1.2")
            .ticker(nowNs::get)
            .source(edge)
            .source(mesh)
            .start(loops);
  }

  @AfterEach
  void end() {
    server.close();
    server.close();
  }

  // ---- what it says

  @Test
  void readyIsReadyWhenEveryPartIs() throws Exception {
    assertThat(client().get("/ready").status()).isEqualTo(200);

    mesh.ready = false;

    var reply = client().get("/ready");
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.body())
        .isEqualTo(
            "{\"ready\":false,\"parts\":{\"edge\":{\"ready\":true,\"summary\":\"all is well\"},"
                + "\"mesh\":{\"ready\":false,\"summary\":\"nobody is there\"}}}\n");
  }

  @Test
  void theStatusIsATreeThatTheClientReadsBack() throws Exception {
    nowNs.addAndGet(TimeUnit.SECONDS.toNanos(3));
    var connector = new LinkedHashMap<String, Object>();
    connector.put("version", "2026.8.2 \"x\"");
    connector.put("rtt_ms", 1.5);
    connector.put("nothing", Double.NaN);
    edge.details = Map.of("tunnels", List.of(Map.of("connectors", List.of(connector))));

    var status = client().status();

    assertThat(status)
        .containsEntry("version", "1.2")
        .containsEntry("uptime_seconds", 3L)
        .containsEntry("ready", true);
    assertThat(status.get("parts"))
        .asString()
        .contains("version=2026.8.2 \"x\", rtt_ms=1.5, nothing=}", "mesh={ready=true");
  }

  @Test
  void metricsAreInThePrometheusFormat() throws Exception {
    var labels = new LinkedHashMap<String, String>();
    labels.put("tunnel", "a \\ \"b\"\nc");
    labels.put("protocol", "quic");
    edge.metrics =
        List.of(
            new MetricFamily(
                "vpc4j_streams_total",
                "Opened \\ and\nmore.",
                MetricFamily.Type.COUNTER,
                List.of(new Sample(labels, 12), new Sample(Map.of(), 1.5))),
            MetricFamily.gauge("vpc4j_big", "Big.", Double.POSITIVE_INFINITY));
    mesh.metrics =
        List.of(
            MetricFamily.counter("vpc4j_streams_total", "Opened \\ and\nmore.", 3),
            MetricFamily.gauge("vpc4j_none", "None.", Double.NaN));

    var text = client().get("/metrics?x=1").body();

    assertThat(text)
        .isEqualTo(
            """
            # HELP vpc4j_uptime_seconds Since the process began to serve.
            # TYPE vpc4j_uptime_seconds gauge
            vpc4j_uptime_seconds 0
            # HELP vpc4j_ready Whether a part of the process can do its work.
            # TYPE vpc4j_ready gauge
            vpc4j_ready{part="edge"} 1
            vpc4j_ready{part="mesh"} 1
            # HELP vpc4j_streams_total Opened \\\\ and\\nmore.
            # TYPE vpc4j_streams_total counter
            vpc4j_streams_total{tunnel="a \\\\ \\"b\\"\\nc",protocol="quic"} 12
            vpc4j_streams_total 1.5
            vpc4j_streams_total 3
            # HELP vpc4j_big Big.
            # TYPE vpc4j_big gauge
            vpc4j_big +Inf
            # HELP vpc4j_none None.
            # TYPE vpc4j_none gauge
            vpc4j_none NaN
            """);
  }

  @Test
  void namesThatTheFormatDoesNotHaveAreRefused() {
    assertThatThrownBy(() -> MetricFamily.gauge("a-b", "", 0)).hasMessageContaining("a-b");
    assertThatThrownBy(() -> MetricFamily.counter("octets", "", 0)).hasMessageContaining("_total");
    assertThatThrownBy(() -> new Sample(Map.of("a b", ""), 0)).hasMessageContaining("a b");
    assertThatThrownBy(() -> new Sample(Map.of("__x", ""), 0)).hasMessageContaining("__x");
  }

  @Test
  void aFamilyOfAnotherTypeIsLeftOutAndAPartThatFailsIsSaid() throws Exception {
    edge.metrics = List.of(MetricFamily.gauge("a_total", "", 1));
    mesh.metrics = List.of(MetricFamily.counter("a_total", "", 2));
    assertThat(client().get("/metrics").body()).endsWith("gauge\na_total 1\n");

    edge.details = Map.of("no", new Object());
    assertThat(client().get("/status").status()).isEqualTo(500);
    assertThatThrownBy(() -> client().status()).hasMessageContaining("answers 500");
    assertThatThrownBy(() -> OpsServer.builder().source(edge).source(new Part("edge")))
        .hasMessageContaining("edge");
  }

  // ---- whom it answers

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET / HTTP/1.1\\r\\nHost: localhost\\r\\n                                | 200
          GET /ready HTTP/1.1\\r\\nHost: 127.0.0.1:80\\r\\n                        | 200
          GET /ready HTTP/1.1\\r\\nHost: [::1]:80\\r\\n                            | 200
          GET /ready HTTP/1.1\\r\\nHost: [::1]\\r\\n                               | 200
          HEAD /status HTTP/1.1\\r\\nHost: localhost:1\\r\\n                       | 200
          GET /ready HTTP/1.0\\r\\n                                                | 200
          GET /other HTTP/1.1\\r\\nHost: localhost\\r\\n                           | 404
          GET /ready HTTP/1.1\\r\\nHost: rebound.example\\r\\n                     | 421
          POST /ready HTTP/1.1\\r\\nHost: localhost\\r\\n                          | 405
          GET /ready HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 3\\r\\n     | 413
          GET /ready HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: chunked\\r\\n | 413
          nonsense\\r\\n                                                            | 400
          """)
  void itAnswersWhatIsMeantForIt(String head, int status) throws Exception {
    try (var socket = connected()) {
      var text = head.replace("\\r\\n", "\r\n") + "Connection: close\r\n\r\n";
      socket.getOutputStream().write(text.getBytes(UTF_8));

      var answer = new String(socket.getInputStream().readAllBytes(), UTF_8);

      assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
      if (text.startsWith("HEAD")) {
        assertThat(answer).endsWith("\r\n\r\n").doesNotContain("content-length: 0");
      }
    }
  }

  @Test
  void oneConnectionMayAskAgain() throws Exception {
    try (var socket = connected()) {
      var ask = "GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8);
      for (int i = 0; i < 3; i++) {
        socket.getOutputStream().write(ask);
        var head = new StringBuilder();
        while (head.indexOf("}}}\n") < 0) {
          head.append((char) socket.getInputStream().read());
        }
        assertThat(head).startsWith("HTTP/1.1 200");
      }
    }
  }

  @Test
  void aHeadWithoutEndIsRefused() throws Exception {
    try (var socket = connected()) {
      var line = "X: " + "x".repeat(100) + "\r\n";
      socket
          .getOutputStream()
          .write(("GET / HTTP/1.1\r\n" + line.repeat(100) + "\r\n").getBytes(UTF_8));

      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .startsWith("HTTP/1.1 400 ");
    }
  }

  @Test
  void oneConnectionTooManyIsClosed() throws Exception {
    var open = new Socket[OpsServer.MAX_CONNECTIONS];
    try {
      for (int i = 0; i < open.length; i++) {
        open[i] = connected();
        open[i]
            .getOutputStream()
            .write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
        assertThat(open[i].getInputStream().read()).isEqualTo('H');
      }
      try (var another = connected()) {
        assertThat(another.getInputStream().read()).isEqualTo(-1);
      }
    } finally {
      for (var socket : open) {
        if (socket != null) {
          socket.close();
        }
      }
    }
  }

  @Test
  void aPortThatIsTakenIsSaid() {
    assertThatThrownBy(() -> OpsServer.builder().address(server.address()).start(loops))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Cannot listen on");
  }

  // ---- finding each other

  @Test
  void aProcessIsFoundThroughItsFile(@TempDir Path state) throws Exception {
    assertThat(OpsFile.list(state)).isEmpty();

    var file = OpsFile.write(state, "edge", server.uri());
    Files.writeString(file.file().resolveSibling("mesh-1.json"), "{}");
    Files.writeString(file.file().resolveSibling("x-1.json"), "{\"kind\": 1");

    assertThat(OpsFile.list(state)).containsExactly(file);
    assertThat(file.isAlive()).isTrue();
    assertThat(new OpsFile(state, "edge", Long.MAX_VALUE, server.uri()).isAlive()).isFalse();
    var found = new OpsClient(OpsFile.list(state).get(0).uri(), Duration.ofSeconds(5));
    assertThat(found.status()).containsKey("parts");

    file.delete();
    assertThat(OpsFile.list(state)).isEmpty();
  }

  @Test
  void somethingElseThereIsNoVpc4j() throws Exception {
    assertThatThrownBy(() -> OpsClient.tree("x", "[]")).hasMessageContaining("not");
    var uri = server.uri();
    server.close();
    assertThatThrownBy(() -> new OpsClient(uri, Duration.ofSeconds(5)).status())
        .isInstanceOf(IOException.class);
  }

  private OpsClient client() {
    return new OpsClient(server.uri(), Duration.ofSeconds(5));
  }

  private Socket connected() throws IOException {
    var socket = new Socket();
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), server.address().getPort()));
    return socket;
  }

  @Test
  void theUriNamesAnAddress() {
    assertThat(server.uri())
        .isEqualTo(URI.create("http://127.0.0.1:" + server.address().getPort()));
  }
}
