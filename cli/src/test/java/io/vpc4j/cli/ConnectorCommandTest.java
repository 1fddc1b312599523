package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.EdgeSettings.Listener;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.tunnel.TunnelEdge;
import io.vpc4j.tunnel.TunnelToken;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(90)
class ConnectorCommandTest {

  private static final UUID TUNNEL = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final String ACCOUNT = "0123456789abcdef0123456789abcdef";
  private static final Secret SECRET = Secret.of(new byte[32]);

  @TempDir private Path folder;
  private Cli cli;
  private Path config;
  private Process process;

  @BeforeEach
  void begin() throws IOException {
    cli = new Cli(folder);
    config = cli.write("config.yml", "");
    var token = TunnelToken.of(ACCOUNT, TUNNEL, SECRET).reveal().reveal();
    Files.write(folder.resolve("token"), token);
  }

  @AfterEach
  void end() throws IOException {
    if (process != null) {
      process.destroyForcibly();
    }
    cli.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--token-file TOKEN | Which edge? Say --edge HOST:PORT",
        "--edge 127.0.0.1:1 | Which tunnel? Say --token-file",
        "--edge nowhere --token-file TOKEN | \"nowhere\" is not HOST:PORT",
        "--edge 127.0.0.1:1 --token nonsense | the token cannot be used",
        "--edge 127.0.0.1:1 --token-file TOKEN -p carrier-pigeon | --protocol must be auto",
        "--edge 127.0.0.1:1 --token-file TOKEN --retries many | must be a whole number from 0 to"
            + " 10",
        "--edge 127.0.0.1:1 --token-file TOKEN --grace-period 4m | must be at most 3m",
        "--edge 127.0.0.1:1 --token-file TOKEN --grace-period 30 | a time such as 30s",
        "--edge 127.0.0.1:1 --token-file TOKEN --cacert nowhere.pem | --cacert: nowhere.pem",
        "--edge 127.0.0.1:1 --token-file TOKEN --metrics here | must be IP:PORT",
        "--edge 127.0.0.1:1 --token-file TOKEN --loglevel loud | --loglevel must be",
        "--edge 127.0.0.1:1 --token-file nowhere | Cannot read nowhere",
        "--edge 127.0.0.1:1 --token-file TOKEN --url ftp://x | is no service",
        "--edge 127.0.0.1:1 --token-file TOKEN --url https://x --http2-origin=maybe | http2Origin"
            + " must be true or false, not \"maybe\"",
        "--edge 127.0.0.1:1 --frobnicate | Unknown option: '--frobnicate'",
        "--edge 127.0.0.1:1 not-a-uuid | not-a-uuid",
      })
  void whatCannotBeUsedIsExit2WithASentence(String line, String message) {
    var arguments = new ArrayList<>(List.of("connector", "run", "--config", config.toString()));
    var token = folder.resolve("token").toString();
    arguments.addAll(List.of(line.strip().replace("TOKEN", token).split(" ")));

    var result = cli.plain(arguments.toArray(String[]::new));

    assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).contains(message.strip());
  }

  @Test
  void aConfigurationIsRefusedWithItsLineAndColumn() throws IOException {
    cli.write("config.yml", "ingress:\n  - service: ftp://x\n");
    var bad = cli.plain("connector", "--config", config.toString(), "run");
    assertThat(bad.exitCode()).isEqualTo(2);
    assertThat(bad.err()).contains("config.yml:2:14");

    cli.write("config.yml", "frobnicate: 1\n");
    assertThat(cli.plain("connector", "run", "--config", config.toString()).err())
        .contains("\"frobnicate\" is no setting of a connector");
  }

  @Test
  void withoutRunItSaysWhatToSay() {
    assertThat(cli.plain("connector").err()).contains("Say 'vpc4j connector run'");
    assertThat(cli.plain("connector", "tunnel").err()).contains("connector tunnel run");
    assertThat(cli.plain("connector", "run", "--help").out())
        .contains("--edge=HOST:PORT", "$TUNNEL_TOKEN", "TUNNEL-ID", "--cred-file");
    assertThat(cli.plain("connector", "tunnel", "--help").out()).contains("--edge");
  }

  @Test
  void aStrangerGoesOnTryingWithPauses() throws Exception {
    try (var edge = edge()) {
      var stranger = TunnelToken.of("f".repeat(32), UUID.randomUUID(), SECRET).reveal().reveal();
      Files.write(folder.resolve("token"), stranger);
      start(edge, "connector", "run", "--retries", "0", "-p", "http2");

      assertThat(line("Retrying connection")).contains("nauthorized");
    }
  }

  @Test
  void aProcessRegistersAnswersAndLeavesWhenToldTo() throws Exception {
    try (var edge = edge()) {
      var pid = folder.resolve("pid");
      start(
          edge,
          "connector",
          "tunnel",
          "--no-autoupdate",
          "--pidfile",
          pid.toString(),
          "run",
          "--protocol",
          "http2",
          TUNNEL.toString());
      var metrics = line("Metrics on http://");
      line("Registered tunnel connection connIndex=0");
      var base = metrics.substring(metrics.indexOf("http://"), metrics.indexOf("/metrics"));

      assertThat(page(base + "/ready")).startsWith("{\"status\":200,\"readyConnections\":");
      assertThat(page(base + "/metrics")).contains("cloudflared_tunnel_ha_connections ");
      assertThat(page(base + "/healthcheck")).isEqualTo("OK\n");
      assertThat(page(base + "/config")).startsWith("{\"version\":-1,\"config\":{");
      assertThat(Files.readString(pid).strip()).isEqualTo(Long.toString(process.pid()));

      process.toHandle().destroy(); // unlike destroy of the process it leaves its output open
      line("Unregistered tunnel connection");
      assertThat(process.waitFor(40, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(143);
    }
  }

  // ---- the world

  private TunnelEdge edge() throws IOException {
    var settings =
        new EdgeSettings(
            List.of(new Listener(IpAddress.require("127.0.0.1"), 0, Set.of(Protocol.HTTP2))),
            Optional.empty(),
            folder.toAbsolutePath(),
            Optional.empty());
    var directory =
        new DirectorySnapshot(
            Map.of(
                TUNNEL.toString(),
                new TunnelRecord(TUNNEL.toString(), "test", Optional.of(SECRET))),
            Map.of(),
            List.of(),
            List.of(),
            Map.of(),
            Map.of(),
            SimulatedNetwork.EMPTY,
            Map.of(),
            Map.of(),
            MeshSettings.NONE,
            Optional.of(settings),
            Optional.empty());
    return TunnelEdge.builder(Directory.fixed(directory)).start();
  }

  private void start(TunnelEdge edge, String... command) throws IOException {
    var base = Path.of(System.getProperty("basedir"));
    var all = new ArrayList<String>();
    all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    all.add("@" + base.resolve("launcher/java.args"));
    all.add("-p");
    all.add(
        base.resolve("target/classes")
            + File.pathSeparator
            + Files.readString(base.resolve("target/module-path.txt")).strip());
    all.addAll(List.of("-m", "io.vpc4j.cli/io.vpc4j.cli.Main"));
    all.addAll(List.of(command));
    var builder = new ProcessBuilder(all).redirectErrorStream(true);
    var environment = builder.environment();
    environment.put("TUNNEL_EDGE", "127.0.0.1:" + edge.port());
    environment.put("TUNNEL_CACERT", edge.caPath().orElseThrow().toString());
    environment.put("TUNNEL_TOKEN_FILE", folder.resolve("token").toString());
    environment.put("TUNNEL_METRICS", "127.0.0.1:0");
    process = builder.start();
  }

  /** Reads what the process says up to a line that has {@code text}. */
  private String line(String text) throws IOException {
    BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
    var said = new StringBuilder();
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      said.append(line).append('\n');
      if (line.contains(text)) {
        return line;
      }
    }
    throw new AssertionError("never said \"" + text + "\":\n" + said);
  }

  private static String page(String url) throws IOException {
    try (var in = java.net.URI.create(url).toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
