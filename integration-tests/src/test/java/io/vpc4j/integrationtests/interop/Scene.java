package io.vpc4j.integrationtests.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import io.vpc4j.VpcNetwork;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * An application with a tunnel binding, its edge, a connector, and the services beside it.
 *
 * <p>The connector is a process; whoever closes the scene ends it.
 */
final class Scene implements AutoCloseable {

  static final String TUNNEL = "550e8400-e29b-41d4-a716-446655440000";
  static final String ACCOUNT = "0123456789abcdef0123456789abcdef";
  static final String SECRET = "secretsecretsecretsecretsecret12";
  static final int EDGE_PORT = 7844;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  final Path folder;
  final Path program;
  final String protocol;
  final String version;
  final Services services = new Services();
  private final List<Process> connectors = new ArrayList<>();
  private Vpc vpc;
  private int logs;

  private Scene(Path folder, Path program, String protocol) throws Exception {
    this.folder = folder;
    this.program = program;
    this.protocol = protocol;
    version = version(program);
  }

  static Scene open(Path program, String protocol) throws Exception {
    var scene = new Scene(Files.createTempDirectory("interop"), program, protocol);
    scene.writeFiles();
    scene.openVpc();
    scene.startConnector();
    return scene;
  }

  private void writeFiles() throws IOException {
    Files.writeString(
        folder.resolve("wrangler.jsonc"),
        """
        {"vpc_networks": [{"binding": "NET", "tunnel_id": "%s", "remote": true}]}
        """
            .formatted(TUNNEL));
    Files.writeString(
        folder.resolve("directory.jsonc"),
        """
        {
          "tunnels": [{"tunnel_id": "%s", "name": "interop", "tunnel_secret": "%s"}],
          "edge": {"account_tag": "%s", "state_folder": "state"}
        }
        """
            .formatted(
                TUNNEL, Base64.getEncoder().encodeToString(SECRET.getBytes(US_ASCII)), ACCOUNT));
  }

  // ---- the application

  /** Opens the application and its edge, and waits until it listens. */
  void openVpc() throws Exception {
    vpc = Vpc.builder().config(folder.resolve("wrangler.jsonc")).open();
    var first = network().fetchAsync("http://127.0.0.1:1/"); // the first request opens the edge
    until("the edge listens", () -> canConnect(EDGE_PORT));
    first.cancel(true);
  }

  void closeVpc() {
    vpc.close();
  }

  VpcNetwork network() {
    return vpc.network("NET");
  }

  /** An entrance whose clients are led to a port beside the connector. */
  Entrance forward(int port) throws VpcException {
    return vpc.forward("NET", "127.0.0.1:" + port, EntranceOptions.defaults());
  }

  // ---- connectors

  void startConnector() throws Exception {
    startConnector(Launch.USUAL);
  }

  void startConnector(Launch launch) throws Exception {
    untilLogged(
        launchConnector(EDGE_PORT, folder.resolve("state/edge-ca.pem"), launch),
        "Registered tunnel connection");
  }

  /**
   * How a connector is started.
   *
   * @param addresses how often it is given the edge's address: as many connections it makes. Twice,
   *     so that a refused dial is followed by a pause
   * @param gracePeriod as its flag has it
   * @param flags further ones of {@code run}
   */
  record Launch(int addresses, String gracePeriod, List<String> flags) {
    static final Launch USUAL = new Launch(2, "2s", List.of());
  }

  /** Starts a connector in that way, and returns its log. */
  File launchConnector(int port, Path authority, Launch launch) throws Exception {
    var arguments = new ArrayList<String>(List.of(program.toString(), "tunnel"));
    for (var i = 0; i < launch.addresses(); i++) {
      arguments.addAll(List.of("--edge", "127.0.0.1:" + port));
    }
    arguments.addAll(List.of("--cacert", authority.toString()));
    arguments.addAll(List.of("--no-autoupdate", "--metrics", "127.0.0.1:0"));
    arguments.addAll(List.of("--grace-period", launch.gracePeriod(), "--loglevel", "debug"));
    arguments.addAll(List.of("run", "--protocol", protocol, "--token", token()));
    if (isAtLeast("2025.7.0")) {
      arguments.addAll(List.of("--dns-resolver-addrs", "127.0.0.1:53"));
    }
    arguments.addAll(launch.flags());
    var log = folder.resolve("connector-" + logs++ + ".log").toFile();
    connectors.add(
        new ProcessBuilder(arguments).redirectErrorStream(true).redirectOutput(log).start());
    return log;
  }

  /** Ends the last one; the one before counts again. */
  void killConnector() {
    var killed = connectors.remove(connectors.size() - 1).destroyForcibly();
    killed.onExit().orTimeout(5, TimeUnit.SECONDS).join();
  }

  Process connector() {
    return connectors.get(connectors.size() - 1);
  }

  File log() {
    return folder.resolve("connector-" + (logs - 1) + ".log").toFile();
  }

  private static String token() {
    var secret = Base64.getEncoder().encodeToString(SECRET.getBytes(US_ASCII));
    var json = "{\"a\":\"" + ACCOUNT + "\",\"t\":\"" + TUNNEL + "\",\"s\":\"" + secret + "\"}";
    return Base64.getEncoder().encodeToString(json.getBytes(US_ASCII));
  }

  private static String version(Path program) throws Exception {
    var process = new ProcessBuilder(program.toString(), "--version").start();
    var text = new String(process.getInputStream().readAllBytes(), US_ASCII);
    process.waitFor(10, TimeUnit.SECONDS);
    var words = text.split(" ", -1);
    return words.length > 2 ? words[2] : text;
  }

  /** Whether the release is that one, or a later one. */
  boolean isAtLeast(String release) {
    var ours = version.split("[.-]", -1);
    var other = release.split("[.]", -1);
    for (var i = 0; i < other.length; i++) {
      var difference = Integer.compare(Integer.parseInt(ours[i]), Integer.parseInt(other[i]));
      if (difference != 0) {
        return difference > 0;
      }
    }
    return true;
  }

  // ---- waiting

  static void until(String what, BooleanSupplier condition) {
    until(what, PATIENCE, condition);
  }

  static void until(String what, Duration patience, BooleanSupplier condition) {
    var deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("not within " + patience + ": " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  static void untilLogged(File log, String line) {
    until(
        "the connector logs: " + line,
        () -> {
          try {
            return Files.readString(log.toPath()).contains(line);
          } catch (IOException e) {
            return false;
          }
        });
  }

  static boolean canConnect(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    connectors.forEach(Process::destroyForcibly);
    connectors.forEach(connector -> connector.onExit().orTimeout(5, TimeUnit.SECONDS).join());
    vpc.close();
    services.close();
  }
}
