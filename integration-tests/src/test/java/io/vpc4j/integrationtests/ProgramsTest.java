package io.vpc4j.integrationtests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real programs come in through an entrance, by the very lines of {@code docs/proxy.md}, its ports
 * being those of the test. A program that is not there is said to be missing.
 */
@Timeout(120)
class ProgramsTest {

  private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String GUIDE = Project.text(Project.ROOT.resolve("docs/proxy.md"));

  @TempDir private Path folder;
  private final List<Process> processes = new ArrayList<>();
  private PrivateNet net;

  @BeforeEach
  void begin() {
    net = new PrivateNet(folder);
  }

  @AfterEach
  void end() throws Exception {
    for (var process : processes) {
      process.destroy();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    net.close();
  }

  // ---- running programs

  private static Optional<Path> program(String name) {
    var path = System.getenv().getOrDefault("PATH", "").split(File.pathSeparator);
    return Stream.concat(Arrays.stream(path).map(Path::of), postgresFolders())
        .map(each -> each.resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Debian's are not on the PATH. */
  private static Stream<Path> postgresFolders() {
    var all = Path.of("/usr/lib/postgresql").toFile().listFiles();
    return all == null
        ? Stream.empty()
        : Arrays.stream(all).map(each -> each.toPath().resolve("bin"));
  }

  private static String require(String name) {
    return program(name)
        .map(Path::toString)
        .orElseGet(() -> abort("NOT RUN: there is no " + name + " on the PATH"));
  }

  /** What a line of the guide prints, its ports being ours. */
  private String guided(String line, String documentedPort, Entrance entrance) throws Exception {
    assertThat(GUIDE).contains(line);
    var ours =
        line.replace(documentedPort, documentedPort.replaceAll("\\d+$", "" + port(entrance)));
    return shell(ours);
  }

  private static int port(Entrance entrance) {
    return ((InetSocketAddress) entrance.address()).getPort();
  }

  private String shell(String line) throws Exception {
    return printed(List.of("sh", "-c", line));
  }

  private String printed(List<String> command) throws Exception {
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("CURL_CA_BUNDLE", folder.resolve("ca.pem").toString());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
    var output = folder.resolve("output").toFile();
    var errors = folder.resolve("errors").toFile();
    var process = builder.redirectOutput(output).redirectError(errors).start();
    processes.add(process);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
    assertThat(process.exitValue())
        .as("%s: %s", command, Files.readString(errors.toPath()))
        .isZero();
    return Files.readString(output.toPath());
  }

  private void start(List<String> command) throws IOException {
    processes.add(
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("server.log").toFile())
            .start());
  }

  private static int freePort() throws IOException {
    try (var once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return once.getLocalPort();
    }
  }

  private static void awaitListener(int port) {
    var giveUpNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
        return;
      } catch (IOException e) {
        assertThat(System.nanoTime() - giveUpNs).as("the server listens").isNegative();
        LockSupport.parkNanos(5_000_000);
      }
    }
  }

  // ---- curl

  private Entrance entranceToTheWeb() throws Exception {
    var http = net.answering(HELLO);
    var https = secureServer();
    var directory =
        """
        {
          "loopback": {"hosts": [
            {"name": "api.internal", "addresses": ["10.0.1.50"], "ports": {"80": %d, "443": %d}}
          ]},
          "bindings": {"NET": {"tls_settings": {"certificate_authority": "file:ca.pem"}}}
        }
        """
            .formatted(http, https);
    return net.open(directory).vpc().entrance("NET", EntranceOptions.defaults());
  }

  /** Answers each connection once, behind TLS; who may be trusted for it is in ca.pem. */
  private int secureServer() throws Exception {
    var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    var store = " -keystore keys.p12 -storetype PKCS12 -storepass password -alias origin";
    printed(
        words(
            keytool
                + " -genkeypair -keyalg EC -dname CN=origin -ext san=dns:api.internal,ip:10.0.1.50"
                + store));
    printed(words(keytool + " -exportcert -rfc -file ca.pem" + store));
    var keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(folder.resolve("keys.p12"))) {
      keys.load(in, "password".toCharArray());
    }
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "password".toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    var layer = context.getSocketFactory();
    return net.server(
        socket -> {
          try (var secure = layer.createSocket(socket, null, true)) {
            PrivateNet.head(secure.getInputStream());
            secure.getOutputStream().write(HELLO.getBytes(US_ASCII));
          }
        });
  }

  private static List<String> words(String line) {
    return Arrays.asList(line.split(" ", -1));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "curl -x http://127.0.0.1:8118 http://10.0.1.50/data",
        "curl -x http://127.0.0.1:8118 https://api.internal/",
        "curl --socks5-hostname 127.0.0.1:8118 https://api.internal/",
        "curl -x socks4a://127.0.0.1:8118 http://api.internal/"
      })
  void curlGetsItsAnswer(String line) throws Exception {
    require("curl");

    assertThat(guided(line, "127.0.0.1:8118", entranceToTheWeb())).isEqualTo("hello");
  }

  @Test
  void curlHearsWhyThereIsNone() throws Exception {
    require("curl");
    var entrance = net.open(PrivateNet.oneHost(net.closedPort())).vpc();
    var port = port(entrance.entrance("NET", EntranceOptions.defaults()));

    assertThat(
            shell(
                "curl -s -o /dev/null -w '%{http_code} %header{proxy-status}' -x http://127.0.0.1:"
                    + port
                    + " http://10.0.1.50/"))
        .startsWith("502 ");
    assertThat(
            shell(
                "curl -s -x http://127.0.0.1:"
                    + port
                    + " https://10.0.1.50:80/ || echo \"exit $?\""))
        .isEqualTo("exit 56\n");
    assertThat(
            shell(
                "curl -s -x socks5h://127.0.0.1:" + port + " http://10.0.1.50/; echo \"exit $?\""))
        .isEqualTo("exit 97\n");
  }

  // ---- nc

  @Test
  void ncEndsItsOutputAndHearsTheRest() throws Exception {
    require("nc");
    assumeTrue(
        shell("nc -h 2>&1 || true").contains("-X proto"), "NOT RUN: this nc knows no proxies");
    var port =
        net.server(
            socket -> {
              var all = socket.getInputStream().readAllBytes();
              socket.getOutputStream().write(all);
            });
    var entrance = net.open(PrivateNet.oneHost(port)).vpc();

    Files.writeString(folder.resolve("request"), "said");
    assertThat(
            guided(
                "nc -N -X 5 -x 127.0.0.1:8118 10.0.1.50 80 <request",
                "127.0.0.1:8118",
                entrance.entrance("NET", EntranceOptions.defaults())))
        .isEqualTo("said");
  }

  // ---- redis

  @Test
  void redisCliReachesARedis() throws Exception {
    var server = require("redis-server");
    require("redis-cli");
    var port = freePort();
    start(
        List.of(
            server, "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--daemonize", "no"));
    awaitListener(port);
    var vpc = net.open(PrivateNet.directory("\"ports\": {\"6379\": " + port + "}", "")).vpc();
    var forward = vpc.forward("NET", "host.internal:6379", EntranceOptions.defaults());

    assertThat(guided("redis-cli -p 6379 ping", "6379", forward)).isEqualTo("PONG\n");
    var large = "0123456789".repeat(400_000);
    Files.writeString(folder.resolve("large"), large);
    assertThat(shell("redis-cli -p " + port(forward) + " -x set key < large")).isEqualTo("OK\n");
    assertThat(shell("redis-cli -p " + port(forward) + " get key")).isEqualTo(large + "\n");
    var pings =
        IntStream.range(0, 10_000).mapToObj(i -> "INCR n").collect(Collectors.joining("\n"));
    Files.writeString(folder.resolve("pings"), pings + "\n");
    assertThat(shell("redis-cli -p " + port(forward) + " < pings | tail -n 1"))
        .isEqualTo("10000\n");
  }

  // ---- PostgreSQL

  @Test
  void psqlReachesAPostgres() throws Exception {
    require("psql");
    var initdb = require("initdb");
    var server = require("postgres");
    var asAnother = unprivileged();
    var data = Files.createTempDirectory("postgres");
    try {
      if (!asAnother.isEmpty()) {
        printed(List.of("chown", "postgres", data.toString()));
      }
      var init = new ArrayList<>(asAnother);
      init.addAll(List.of(initdb, "-D", data + "/data", "-A", "trust", "-U", "postgres", "-N"));
      printed(init);
      var port = freePort();
      var serve = new ArrayList<>(asAnother);
      serve.addAll(List.of(server, "-D", data + "/data", "-p", "" + port));
      serve.addAll(List.of("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="));
      start(serve);
      awaitListener(port);
      var directory =
          """
          {"loopback": {"hosts": [{"addresses": ["10.0.5.42"], "ports": {"5432": %d}}]}}
          """
              .formatted(port);
      var forward =
          net.open(directory).vpc().forward("NET", "10.0.5.42:5432", EntranceOptions.defaults());

      assertThat(
              guided("psql -h 127.0.0.1 -p 5432 -U postgres -Atc 'select 6 * 7'", "5432", forward))
          .isEqualTo("42\n");
      var rows =
          shell(
              "psql -h 127.0.0.1 -p "
                  + port(forward)
                  + " -U postgres -Atc 'select generate_series(1, 200000)' | md5sum");
      assertThat(rows).isEqualTo(shell("seq 200000 | md5sum"));
    } finally {
      end();
      new ProcessBuilder("rm", "-rf", data.toString()).start().waitFor(30, TimeUnit.SECONDS);
    }
  }

  /** PostgreSQL does not run as root: what runs a command as its own user then. */
  private List<String> unprivileged() throws Exception {
    if (!"root".equals(System.getProperty("user.name"))) {
      return List.of();
    }
    var setpriv = require("setpriv");
    assumeTrue(
        Files.readString(Path.of("/etc/passwd"), UTF_8).contains("\npostgres:"),
        "NOT RUN: there is no user postgres, and as root PostgreSQL does not run");
    return List.of(setpriv, "--reuid=postgres", "--regid=postgres", "--clear-groups");
  }
}
