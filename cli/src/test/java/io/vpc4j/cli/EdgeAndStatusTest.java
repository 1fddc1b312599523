package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.ops.MetricFamily;
import io.vpc4j.core.ops.OpsServer;
import io.vpc4j.core.ops.StatusSource;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class EdgeAndStatusTest {

  @TempDir private Path folder;
  private Cli cli;

  @BeforeEach
  void begin() {
    cli = new Cli(folder);
  }

  @AfterEach
  void end() throws IOException {
    cli.close();
  }

  @Test
  void theEdgeRunsUntilItIsToldToEndAndSaysHowItStands() throws Exception {
    assertThat(
            cli.with("directory.jsonc", "tunnel", "create", "office", "--listen", "127.0.0.1:0")
                .err())
        .isEmpty();
    var out = new Listening("tunnel      office");
    var running = new Cli(folder);
    running.stdout = out;
    var ended = CompletableFuture.supplyAsync(() -> running.with("directory.jsonc", "edge"));
    ended.thenAccept(result -> out.ended(result.err()));
    out.await();
    assertThat(out.said())
        .containsPattern("listening   127\\.0\\.0\\.1:\\d+\n")
        .contains("authority   ", "edge-ca.pem", "status      http://127.0.0.1:");

    var status = cli.with("directory.jsonc", "status");
    assertThat(status.exitCode()).as(status.err()).isZero();
    assertThat(status.out())
        .contains(", not ready", "edge: no connector is there")
        .containsPattern(
            "TUNNEL +TUNNEL ID +CONNECTORS +CONNECTIONS +STREAMS\n +office +\\S+ +0 +0 +0");
    assertThat(cli.with("directory.jsonc", "status", "--json").out())
        .startsWith("{\"vpc4j\":")
        .hasLineCount(1);

    running.stop.ask();
    assertThat(ended.get(30, TimeUnit.SECONDS).exitCode()).isZero();
    running.close();
    var gone = cli.with("directory.jsonc", "status");
    assertThat(gone.exitCode()).isEqualTo(7);
    assertThat(gone.err()).contains("Nothing runs that keeps its state in", ".vpc4j");
  }

  @Test
  void anEdgeThatCannotStartSaysWhy() throws Exception {
    cli.write("directory.jsonc", "{}");
    var none = cli.with("directory.jsonc", "edge");
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).contains("has no \"edge\" section");
    assertThat(cli.with("missing.jsonc", "edge").exitCode()).isEqualTo(2);

    cli.write("directory.jsonc", "{\"edge\": {\"listeners\": [{\"port\": 0}]}}");
    var taken = cli.server(socket -> {});
    assertThat(cli.with("directory.jsonc", "edge", "--ops", "127.0.0.1:" + taken).exitCode())
        .isEqualTo(23);
    assertThat(cli.with("directory.jsonc", "edge", "--ops", "nonsense").exitCode()).isEqualTo(2);

    cli.write("directory.jsonc", "{\"edge\": {\"listeners\": [{\"port\": " + taken + "}]}}");
    var port = cli.with("directory.jsonc", "edge");
    assertThat(port.exitCode()).isEqualTo(2);
    assertThat(port.err()).contains("The edge cannot start");
  }

  // ---- status

  private static final class Mesh implements StatusSource {
    @Override
    public String name() {
      return "mesh";
    }

    @Override
    public boolean ready() {
      return true;
    }

    @Override
    public String summary() {
      return "2 peers";
    }

    @Override
    public List<MetricFamily> metrics() {
      return List.of();
    }

    @Override
    public Map<String, Object> details() {
      var first = new LinkedHashMap<String, Object>();
      first.put("peer", "db-1\u001b[31m");
      first.put("last_handshake_seconds", 3_725);
      first.put("received_octets", 1_572_864);
      first.put("routes", List.of("10.0.0.0/8", "fd00::/8"));
      var details = new LinkedHashMap<String, Object>();
      details.put("addresses", List.of("100.96.0.1"));
      details.put("up_seconds", 200_000);
      details.put("peers", List.of(first, Map.of("peer", "phone", "received_octets", 12)));
      details.put("tcp", Map.of("retransmits", 7));
      return details;
    }
  }

  @Test
  void aTreeBecomesTablesWithUnitsAndWithoutControlCharacters() throws Exception {
    try (var loops = EventLoops.open(EventLoops.best(), 1);
        var server = OpsServer.builder().source(new Mesh()).start(loops)) {

      var status = cli.plain("status", "--ops", server.uri().toString());

      assertThat(status.exitCode()).as(status.err()).isZero();
      assertThat(status.out())
          .contains("mesh: 2 peers\n", "addresses   100.96.0.1\n", "up          2 d 7 h\n")
          .contains("  tcp\n    retransmits  7\n")
          .containsPattern("PEER +LAST HANDSHAKE +RECEIVED +ROUTES\n")
          .containsPattern("db-1\\?\\[31m +1 h 2 min +1\\.5 MiB +10\\.0\\.0\\.0/8, fd00::/8\n")
          .containsPattern("phone +- +12 B +-\n");
    }
  }

  @Test
  void watchingAsksAgainUntilItIsToldToEnd() throws Exception {
    try (var loops = EventLoops.open(EventLoops.best(), 1);
        var server = OpsServer.builder().source(new Mesh()).start(loops)) {
      var out = new Listening("phone");
      cli.stdout = out;
      cli.terminals = Set.of(Terminal.STDOUT);
      var ended =
          CompletableFuture.supplyAsync(
              () ->
                  cli.plain("status", "--watch", "0.01", "--ops", server.uri().toString())
                      .exitCode());
      out.await();
      cli.stop.ask();

      assertThat(ended.get(30, TimeUnit.SECONDS)).isZero();
      assertThat(out.said()).startsWith("\u001b[H\u001b[2Jvpc4j ");
    }
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "NaN", "100000"})
  void whatIsNoIntervalIsRefused(String seconds) {
    assertThat(cli.with("directory.jsonc", "status", "--watch=" + seconds).exitCode()).isEqualTo(2);
  }

  @Test
  void somethingElseIsNotOneOfOurs() throws Exception {
    var closed = FreePort.next();
    var nobody = cli.plain("status", "--ops", "http://127.0.0.1:" + closed);
    assertThat(nobody.exitCode()).isEqualTo(7);
    assertThat(nobody.err()).contains("Nothing of ours answers at");

    var other =
        cli.server(
            socket -> {
              Cli.head(socket.getInputStream());
              socket
                  .getOutputStream()
                  .write(
                      "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                          .getBytes(java.nio.charset.StandardCharsets.UTF_8));
            });
    assertThat(cli.plain("status", "--ops", "http://127.0.0.1:" + other).err())
        .contains("it answers 404");
    assertThat(cli.plain("status", "--ops", "nonsense").exitCode()).isEqualTo(7);

    Files.createDirectories(folder.resolve(".vpc4j"));
    Files.writeString(folder.resolve(".vpc4j/run"), "a file");
    assertThat(cli.with("directory.jsonc", "status").exitCode()).isEqualTo(7);
  }
}
