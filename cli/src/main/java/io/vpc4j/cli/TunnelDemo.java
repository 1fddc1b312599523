package io.vpc4j.cli;

import io.vpc4j.Vpc;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.Secret;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.Connector;
import io.vpc4j.tunnel.TunnelCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** The second half of the demo: a real edge, a real connector, and a fetch through the two. */
final class TunnelDemo {

  private static final String ACCOUNT = "0123456789abcdef0123456789abcdef";

  private static final long PATIENCE_SECONDS = 20;

  private final Path folder;
  private final PrintWriter out;
  private final Ticker ticker;
  private final UUID tunnel = UUID.randomUUID();
  private final byte[] secret = new byte[32];

  /**
   * A demo that writes into {@code folder}.
   *
   * @param out for people
   */
  TunnelDemo(Path folder, PrintWriter out, Ticker ticker) {
    this.folder = folder;
    this.out = out;
    this.ticker = ticker;
    new SecureRandom().nextBytes(secret);
  }

  /** Fetches {@code url}, which the connector's host can reach, through a tunnel. */
  void fetch(String url) throws Failure, IOException, InterruptedException {
    var port = freePort();
    var wrangler = write(port);
    try (var vpc = Vpc.builder().config(wrangler).mode(Vpc.Mode.REAL).watch(false).open()) {
      var network = vpc.network("MY_TUNNEL");
      // The binding brings its edge up with its first connection, which waits for a connector.
      var startNs = ticker.nowNs();
      var fetched = network.fetchAsync(url);
      try (var connector = connector(port)) {
        out.println(
            "A real edge listens on 127.0.0.1:" + port + ", and a Java connector dials it.");
        out.println(
            "What follows goes over TLS and HTTP/2 through both, on this machine's loopback.");
        out.println();
        out.flush();
        try (var response = fetched.get(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          var body = response.text();
          var millis = (ticker.nowNs() - startNs) / 1e6;
          out.println("fetch   " + url);
          out.println("route   tunnel " + tunnel + " -> connector " + connector.connectorId());
          out.printf(
              Locale.ROOT,
              "status  %d in %.1f ms, the edge's start and the connector's included%n",
              response.status(),
              millis);
          out.println("body    " + body.strip());
          out.println();
        }
      } catch (ExecutionException | TimeoutException e) {
        throw new Failure(ExitCode.COULD_NOT_CONNECT, "The tunnel carried nothing: " + e + ".");
      }
    }
  }

  private Connector connector(int port) throws IOException {
    return Connector.builder(new TunnelCredentials(ACCOUNT, tunnel, Secret.of(secret)))
        .edge("127.0.0.1:" + port)
        .authorities(List.of(authority()))
        .protocols(List.of(Protocol.HTTP2))
        .connections(1)
        .retries(0) // the edge is up in a moment: short pauses
        .log((level, line) -> {})
        .start();
  }

  /** The edge makes it when it starts. */
  private X509Certificate authority() throws IOException {
    var file = folder.resolve("state").resolve("edge-ca.pem");
    var giveUpNs = ticker.nowNs() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Files.exists(file) && ticker.nowNs() - giveUpNs < 0) {
      LockSupport.parkNanos(1_000_000);
    }
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (CertificateException e) {
      throw new IOException("the edge's certificate cannot be read", e);
    }
  }

  private Path write(int port) throws IOException {
    Files.createDirectories(folder);
    writeSecret();
    Files.writeString(
        folder.resolve("directory.jsonc"),
        """
        {
          // A tunnel, and the edge that its connectors dial.
          "tunnels": [{ "tunnel_id": "%s", "name": "demo", "tunnel_secret": "file:secret" }],
          "edge": {
            "listeners": [{ "host": "127.0.0.1", "port": %d, "protocols": ["http2"] }],
            "state_folder": "state",
            "account_tag": "%s"
          }
        }
        """
            .formatted(tunnel, port, ACCOUNT));
    return Files.writeString(
        folder.resolve("wrangler.jsonc"),
        """
        {
          "vpc_networks": [{ "binding": "MY_TUNNEL", "tunnel_id": "%s", "remote": true }]
        }
        """
            .formatted(tunnel));
  }

  /** For its owner alone, where the file system knows owners. */
  private void writeSecret() throws IOException {
    var file = folder.resolve("secret");
    Files.writeString(file, Base64.getEncoder().encodeToString(secret));
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  private static int freePort() throws IOException {
    try (var once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return once.getLocalPort();
    }
  }
}
