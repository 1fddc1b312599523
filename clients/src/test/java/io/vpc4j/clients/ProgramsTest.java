package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real programs come in through an entrance, over every transport and by the very lines of {@code
 * docs/proxy.md}, its hosts and ports being those of the test. A program that is not there is said
 * to be missing.
 */
@Timeout(120)
class ProgramsTest {

  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final Path GUIDE =
      Path.of(System.getProperty("io.vpc4j.root")).resolve("docs/proxy.md");
  static final String PROXY = "127.0.0.1:8118";

  private static LocalProgram postgres;
  private static int postgresPort;
  private static LocalProgram redis;
  private static int redisPort;

  @TempDir Path folder;
  private final List<Process> processes = new ArrayList<>();
  private final Servers servers = new Servers();

  @AfterEach
  void end() throws Exception {
    for (var process : processes) {
      process.destroy();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    servers.close();
  }

  @AfterAll
  static void stop() throws IOException {
    for (var server : new LocalProgram[] {postgres, redis}) {
      if (server != null) {
        server.close();
      }
    }
  }

  // ---- running programs

  private static void require(String name) {
    if (LocalProgram.find(name).isEmpty()) {
      abort("NOT RUN: there is no " + name + " on the path");
    }
  }

  /** The guide's line, with {@code ours} in place of what it says. */
  static String guided(String line, String... ours) throws IOException {
    assertThat(Files.readString(GUIDE)).contains(line);
    var all = line;
    for (var i = 0; i < ours.length; i += 2) {
      assertThat(all).contains(ours[i]);
      all = all.replace(ours[i], ours[i + 1]);
    }
    return all;
  }

  private static String local(Entrance entrance) {
    return "127.0.0.1:" + Door.port(entrance);
  }

  /** What the line prints. */
  private String shell(String line) throws Exception {
    var builder = new ProcessBuilder("sh", "-c", line).directory(folder.toFile());
    builder.environment().put("CURL_CA_BUNDLE", folder.resolve("ca.pem").toString());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
    var output = folder.resolve("output").toFile();
    var errors = folder.resolve("errors").toFile();
    var process = builder.redirectOutput(output).redirectError(errors).start();
    processes.add(process);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ends", line).isTrue();
    assertThat(process.exitValue()).as("%s: %s", line, Files.readString(errors.toPath())).isZero();
    return Files.readString(output.toPath());
  }

  // ---- curl

  private static void answer(java.net.Socket socket) throws IOException {
    while (!Door.head(socket.getInputStream()).isEmpty()) {
      socket.getOutputStream().write(HELLO.getBytes(US_ASCII));
    }
  }

  /** Answers behind TLS; who may be trusted for it is in ca.pem. */
  private int secureServer() throws Exception {
    X509Bundle keys =
        new CertificateBuilder()
            .subject("CN=origin")
            .addSanDnsName("db.internal")
            .addSanDnsName("db.mesh")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(folder.resolve("ca.pem"), keys.getCertificatePEM());
    var context = SSLContext.getInstance("TLS");
    context.init(keys.toKeyManagerFactory().getKeyManagers(), null, null);
    var layer = context.getSocketFactory();
    return servers.start(
        socket -> {
          try (var secure = layer.createSocket(socket, null, true)) {
            answer(secure);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void curlGetsItsAnswer(Over over) throws Exception {
    require("curl");
    var http = servers.start(ProgramsTest::answer);
    var https = secureServer();
    try (var world = over.open(folder, http, https);
        var entrance = world.vpc().entrance("NET", EntranceOptions.defaults())) {
      var name = world.host();
      var lines =
          List.of(
              guided(
                  "curl -x http://127.0.0.1:8118 http://10.0.1.50/data",
                  PROXY,
                  local(entrance),
                  "10.0.1.50",
                  world.address() + ":" + http),
              guided(
                  "curl -x http://127.0.0.1:8118 https://api.internal/",
                  PROXY,
                  local(entrance),
                  "api.internal",
                  name + ":" + https),
              guided(
                  "curl --socks5-hostname 127.0.0.1:8118 https://api.internal/",
                  PROXY,
                  local(entrance),
                  "api.internal",
                  name + ":" + https),
              guided(
                  "curl -x socks4a://127.0.0.1:8118 http://api.internal/",
                  PROXY,
                  local(entrance),
                  "api.internal",
                  name + ":" + http));
      for (var line : lines) {
        assertThat(shell(line)).as(line).isEqualTo("hello");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void curlHearsWhyThereIsNone(Over over) throws Exception {
    require("curl");
    var nobody = FreePort.next();
    try (var world = over.open(folder, nobody);
        var entrance = world.vpc().entrance("NET", EntranceOptions.defaults())) {
      var target = world.address() + ":" + nobody + "/";
      var code = "curl -s -o /dev/null -w '%{http_code}' ";
      assertThat(shell(code + "-x http://" + local(entrance) + " http://" + target))
          .isEqualTo("502");
      assertThat(shell("curl -s -x http://" + local(entrance) + " https://" + target + "; echo $?"))
          .isEqualTo("56\n"); // CURLE_RECV_ERROR: CONNECT was refused
      assertThat(
              shell("curl -s -x socks5h://" + local(entrance) + " http://" + target + "; echo $?"))
          .isEqualTo("97\n"); // CURLE_PROXY
    }
  }

  // ---- nc

  /** Where there is no half-close the server hears no end, and its answer comes all the same. */
  @ParameterizedTest
  @EnumSource
  void ncEndsItsOutputAndHearsTheRest(Over over) throws Exception {
    require("nc");
    assumeTrue(
        shell("nc -h 2>&1 || true").contains("-X proto"), "NOT RUN: this nc knows no proxies");
    var next = new CompletableFuture<String>();
    var port =
        servers.start(
            socket -> {
              var said = socket.getInputStream().readNBytes(4);
              socket.setSoTimeout(over.halfClose ? 20_000 : 100);
              try {
                next.complete("read " + socket.getInputStream().read());
              } catch (SocketTimeoutException e) {
                next.complete("no end");
              }
              socket.getOutputStream().write(said);
            });
    Files.writeString(folder.resolve("request"), "said");
    try (var world = over.open(folder, port);
        var entrance = world.vpc().entrance("NET", EntranceOptions.defaults())) {
      var line =
          guided(
              "nc -N -X 5 -x 127.0.0.1:8118 10.0.1.50 80 <request",
              PROXY,
              local(entrance),
              "10.0.1.50 80",
              world.address() + " " + port);
      assertThat(shell(line)).isEqualTo("said");
      assertThat(next.get(20, TimeUnit.SECONDS)).isEqualTo(over.halfClose ? "read -1" : "no end");
    }
  }

  // ---- redis

  @ParameterizedTest
  @EnumSource
  void redisCliReachesARedis(Over over) throws Exception {
    require("redis-cli");
    if (redis == null) {
      redisPort = FreePort.next();
      redis = LocalServers.redis(redisPort);
    }
    try (var world = over.open(folder, redisPort);
        var forward = Door.FORWARD.in(world, redisPort, EntranceOptions.defaults())) {
      var cli = guided("redis-cli -p 6379 ping", "6379", "" + Door.port(forward));
      assertThat(shell(cli)).isEqualTo("PONG\n");

      cli = cli.replace(" ping", "");
      var large = "0123456789".repeat(100_000);
      Files.writeString(folder.resolve("large"), large);
      assertThat(shell(cli + " -x set key < large")).isEqualTo("OK\n");
      assertThat(shell(cli + " get key")).isEqualTo(large + "\n");
      var increments =
          IntStream.range(0, 1_000).mapToObj(i -> "INCR n").collect(Collectors.joining("\n"));
      Files.writeString(folder.resolve("increments"), "DEL n\n" + increments + "\n");
      assertThat(shell(cli + " < increments | tail -n 1")).isEqualTo("1000\n");
    }
  }

  // ---- PostgreSQL

  @ParameterizedTest
  @EnumSource
  void psqlReachesAPostgres(Over over) throws Exception {
    require("psql");
    if (postgres == null) {
      postgresPort = FreePort.next();
      postgres = LocalServers.postgres(postgresPort, data -> {});
    }
    try (var world = over.open(folder, postgresPort);
        var forward = Door.FORWARD.in(world, postgresPort, EntranceOptions.defaults())) {
      var psql =
          guided(
              "psql -h 127.0.0.1 -p 5432 -U postgres -Atc 'select 6 * 7'",
              "5432",
              "" + Door.port(forward),
              "-U postgres",
              "-U app -d postgres");
      assertThat(shell(psql)).isEqualTo("42\n");
      var rows = psql.replace("select 6 * 7", "select generate_series(1, 200000)");
      assertThat(shell(rows + " | md5sum")).isEqualTo(shell("seq 200000 | md5sum"));
    }
  }
}
