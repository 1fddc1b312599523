package io.vpc4j.integrationtests.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.Secret;
import io.vpc4j.integrationtests.FarNode;
import io.vpc4j.tunnel.Connector;
import io.vpc4j.tunnel.TunnelCredentials;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Private services, a network that leads to them, {@code vpc4j proxy} in front of it, and Workers
 * that come in through the proxy; each of the first and the last two a process of its own.
 *
 * <p>Arguments: the network, and a folder to work in, above which are the npm packages. Prints what
 * the Workers print.
 */
public final class WorkerScene {

  /** What lies between the proxy and the services. */
  enum Network {
    /** The simulated one. */
    LOOPBACK,
    /** An edge in the proxy's process, a Java connector in this one. */
    TUNNEL,
    /** A node in the proxy's process, another in this one. */
    MESH;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String TUNNEL_ID = "550e8400-e29b-41d4-a716-446655440000";
  private static final String SERVICE_ID = "6c6f0f0e-6a4b-4f0b-8a3c-9d8f1f9b1a01";
  private static final int EDGE_PORT = 7844;
  private static final Pattern PORT = Pattern.compile("\"([0-9.]+):(\\d+)\":(\\d+)");

  private final Network network;
  private final Path folder;
  private final List<Process> processes = new ArrayList<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  private WorkerScene(Network network, Path folder) {
    this.network = network;
    this.folder = folder;
  }

  /** Runs the Workers. */
  public static void main(String[] arguments) throws Exception {
    var scene = new WorkerScene(Network.valueOf(arguments[0]), Path.of(arguments[1]));
    var code = 1;
    try {
      code = scene.run();
    } finally {
      scene.close();
    }
    System.exit(code);
  }

  private int run() throws Exception {
    Files.createDirectories(folder);
    for (var file :
        List.of("page.ts", "probe.mjs", "rows.mjs", "driver.mjs", "origin.mjs", "package.json")) {
      Files.writeString(folder.resolve(file), WorkerTest.resource(file));
    }
    makeKeys();
    var mapped = network == Network.LOOPBACK;
    var ports =
        firstLine(start("node", "origin.mjs", mapped ? "free" : "fixed", "keys.p12"), "\\{.*}");
    writeConfiguration(ports);
    var proxy = startProxy();
    if (network == Network.TUNNEL) {
      startConnector();
    }
    var compared = mapped ? "reference" : "";
    var driver =
        builder("node", "driver.mjs", folder.toString(), proxy, far(), compared)
            .inheritIO()
            .start();
    processes.add(driver);
    return driver.waitFor();
  }

  // ---- the services

  /** A key and a certificate of the private service, which nobody but the binding trusts. */
  private void makeKeys() throws Exception {
    Files.deleteIfExists(folder.resolve("keys.p12"));
    var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    var make =
        "-genkeypair -alias origin -keyalg EC -dname CN=origin -ext san=ip:10.0.1.50 -validity 2";
    var store = "-keystore keys.p12 -storetype PKCS12 -storepass password";
    expectSuccess((keytool + " " + make + " " + store).split(" ", -1));
    expectSuccess(
        (keytool + " -exportcert -rfc -alias origin -file origin.pem " + store).split(" ", -1));
  }

  private void expectSuccess(String... command) throws Exception {
    var process = builder(command).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(said);
    }
  }

  // ---- the two files

  private void writeConfiguration(String ports) throws IOException {
    Files.writeString(
        folder.resolve("wrangler.jsonc"),
        """
        {
          "name": "worker",
          "main": "page.ts",
          "compatibility_date": "2026-11-01",
          "vpc_networks": [
            {
              "binding": "MY_VPC",
              %s,
              "remote": true
            }
          ],
          "vpc_services": [{ "binding": "API", "service_id": "%s", "remote": true }]
        }
        """
            .formatted(
                network == Network.MESH
                    ? "\"network_id\": \"cf1:network\""
                    : "\"tunnel_id\": \"" + TUNNEL_ID + "\"",
                SERVICE_ID));
    var sections =
        switch (network) {
          case LOOPBACK -> tunnel() + ", " + loopback(ports);
          case TUNNEL -> tunnel() + ", " + edge();
          case MESH -> mesh();
        };
    var carrier =
        network == Network.MESH ? "\"node_id\": \"data\"" : "\"tunnel_id\": \"" + TUNNEL_ID + "\"";
    Files.writeString(
        folder.resolve("directory.jsonc"),
        """
        {
          "bindings": {
            "MY_VPC": { "tls_settings": { "certificate_authority": "file:origin.pem" } }
          },
          "services": [
            {
              "service_id": "%s",
              "name": "api",
              "type": "http",
              "host": { "ipv4": "10.0.1.50", "network": { %s } }
            }
          ],
          %s
        }
        """
            .formatted(SERVICE_ID, carrier, sections));
  }

  private static String tunnel() {
    return """
    "tunnels": [{ "tunnel_id": "%s", "name": "office", "tunnel_secret": "%s" }]\
    """
        .formatted(TUNNEL_ID, Base64.getEncoder().encodeToString(Scene.SECRET.getBytes(US_ASCII)));
  }

  private static String edge() {
    return """
    "edge": {
      "listeners": [{ "host": "127.0.0.1", "port": %d }],
      "account_tag": "%s",
      "state_folder": "state"
    }\
    """
        .formatted(EDGE_PORT, Scene.ACCOUNT);
  }

  /** The services' ports, each where its host is said to have it. */
  private static String loopback(String ports) {
    var hosts =
        Map.of("10.0.1.50", new StringBuilder("\"81\": 1"), "10.0.5.42", new StringBuilder());
    var port = PORT.matcher(ports);
    while (port.find()) {
      var host = hosts.get(port.group(1));
      host.append(host.isEmpty() ? "" : ", ")
          .append("\"%s\": %s".formatted(port.group(2), port.group(3)));
    }
    return """
    "loopback": {
      "hosts": [
        { "name": "data.internal", "addresses": ["10.0.1.50"], "ports": { %s } },
        { "addresses": ["10.0.5.42"], "ports": { %s } }
      ]
    }\
    """
        .formatted(hosts.get("10.0.1.50"), hosts.get("10.0.5.42"));
  }

  private String mesh() throws IOException {
    var node = FarNode.toTheAddresses();
    open.add(node);
    return node.section();
  }

  // ---- the proxy

  /** Where it listens. */
  private String startProxy() throws IOException {
    var arguments =
        new ArrayList<>(List.of("proxy", "-b", "MY_VPC", "--listen", "127.0.0.1:0", "--real"));
    if (network == Network.LOOPBACK) {
      arguments.set(arguments.size() - 1, "--simulated");
    }
    var command =
        RowsProcess.java(io.vpc4j.cli.Main.class, arguments.toArray(String[]::new))
            .toArray(String[]::new);
    return firstLine(start(command), ".* leads to MY_VPC").replaceFirst(" .*", "");
  }

  /** The proxy's edge makes its own authority. */
  private void startConnector() throws Exception {
    open.add(new NameService(InetAddress.getByName("10.0.1.50")));
    Scene.until("the edge listens", () -> Scene.canConnect(EDGE_PORT));
    var credentials =
        new TunnelCredentials(
            Scene.ACCOUNT, UUID.fromString(TUNNEL_ID), Secret.of(Scene.SECRET.getBytes(US_ASCII)));
    var connector =
        Connector.builder(credentials)
            .edge("127.0.0.1:" + EDGE_PORT)
            .authorities(List.of(authority()))
            .protocols(List.of(Protocol.HTTP2))
            .connections(2)
            .resolvers(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 53)))
            .start();
    open.add(connector);
    connector.registered().get(30, TimeUnit.SECONDS);
  }

  private X509Certificate authority() throws Exception {
    try (var in = Files.newInputStream(folder.resolve("state/edge-ca.pem"))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  /** What a Worker sees that differs from network to network. */
  private String far() {
    var name =
        switch (network) {
          case LOOPBACK -> "data.internal";
          case TUNNEL -> NameService.NAME;
          case MESH -> "data.mesh";
        };
    // Who is in the mesh, and what is simulated, is known here; a connector has to try.
    var notThere =
        network == Network.TUNNEL ? "destination_ip_unroutable" : "destination_not_found";
    var unknown = network == Network.MESH ? "destination_not_found" : "dns_error";
    return """
    {"name": "%s", "refused": "connection_refused", "notThere": "%s",
     "unknown": "%s", "prohibited": "destination_ip_prohibited",
     "reset": "connection_terminated",
     "status": {"connection_refused": 502, "destination_not_found": 500, "dns_error": 502,
       "destination_ip_prohibited": 502, "destination_ip_unroutable": 502,
       "connection_terminated": 502}}
    """
        .formatted(name, notThere, unknown)
        .replace('\n', ' ');
  }

  // ---- processes

  private ProcessBuilder builder(String... command) {
    var builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    builder.environment().put("WRANGLER_SEND_METRICS", "false");
    return builder;
  }

  private Process start(String... command) throws IOException {
    var process = builder(command).start();
    processes.add(process);
    return process;
  }

  /** The first line that a process prints of that form. */
  private static String firstLine(Process process, String form) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.matches(form)) {
        return line;
      }
    }
    throw new IOException("it ended and has not said " + form);
  }

  private void close() throws Exception {
    processes.forEach(Process::destroy);
    for (var process : processes) {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    for (var each : open) {
      each.close();
    }
  }
}
