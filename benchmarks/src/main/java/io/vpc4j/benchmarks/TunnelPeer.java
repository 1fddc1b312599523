package io.vpc4j.benchmarks;

import io.vpc4j.Body;
import io.vpc4j.Request;
import io.vpc4j.Vpc;
import io.vpc4j.VpcNetwork;
import io.vpc4j.benchmarks.peers.Peer;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.TunnelEdge;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;

/** {@code fetch} through a tunnel: the edge in this process, {@link Far} in one of its own. */
final class TunnelPeer implements Peer {

  private static final int START_SECONDS = 60;

  private final Path folder;
  private final Vpc vpc;
  private final VpcNetwork network;
  private final String base;
  private final JavaProcess far;
  private Body held = Body.of(new byte[0]);

  /**
   * Starts both ends, and waits until a request has gone through.
   *
   * @param carrier between the two
   * @param originPort on 127.0.0.1
   */
  TunnelPeer(Protocol carrier, int originPort) throws Exception {
    folder = Files.createTempDirectory("vpc4j-bench-");
    var edgePort = freePort();
    vpc = Vpc.builder().config(write(carrier, edgePort)).mode(Vpc.Mode.REAL).watch(false).open();
    network = vpc.network("MY_TUNNEL");
    base = "http://127.0.0.1:" + originPort;
    var authority = TunnelEdge.certificateAuthority(folder.resolve("state"));
    // The binding brings its edge up with its first request, which waits for a connector.
    var first = network.fetchAsync(base + "/1");
    far =
        new JavaProcess(
            Far.class, Integer.toString(edgePort), authority.toString(), carrier.toString());
    try {
      first.get(START_SECONDS, TimeUnit.SECONDS).close();
      far.line("registered");
    } catch (Exception e) {
      close();
      throw e;
    }
  }

  private Path write(Protocol carrier, int edgePort) throws IOException {
    var secret = folder.resolve("secret");
    Files.writeString(secret, Base64.getEncoder().encodeToString(Far.secret()));
    if (secret.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    }
    Files.writeString(
        folder.resolve("directory.jsonc"),
        """
        {
          "tunnels": [{ "tunnel_id": "%s", "name": "bench", "tunnel_secret": "file:secret" }],
          "edge": {
            "listeners": [{ "host": "127.0.0.1", "port": %d, "protocols": ["%s"] }],
            "state_folder": "state",
            "account_tag": "%s"
          },
          "limits": { "connect_timeout": "60s", "max_connections_per_origin": 64 }
        }
        """
            .formatted(Far.TUNNEL, edgePort, carrier, Far.ACCOUNT));
    return Files.writeString(
        folder.resolve("wrangler.jsonc"),
        """
        {"vpc_networks": [{"binding": "MY_TUNNEL", "tunnel_id": "%s", "remote": true}]}
        """
            .formatted(Far.TUNNEL));
  }

  private static int freePort() throws IOException {
    try (var once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return once.getLocalPort();
    }
  }

  @Override
  public int get(String path) throws Exception {
    try (var response = network.fetch(base + path)) {
      return response.bytes().length;
    }
  }

  @Override
  public long download(String path) throws Exception {
    try (var response = network.fetch(base + path)) {
      return Peer.drain(response.inputStream());
    }
  }

  @Override
  public void hold(byte[] octets) {
    held = Body.of(octets);
  }

  @Override
  public long upload(String path) throws Exception {
    return post(path, held);
  }

  @Override
  public long uploadStream(String path, long length) throws Exception {
    return post(path, Body.of(new Zeros(length), length));
  }

  private long post(String path, Body body) throws Exception {
    var request = Request.builder(base + path).post(body).build();
    try (var response = network.fetch(request)) {
      return Long.parseLong(response.text());
    }
  }

  @Override
  public void close() throws IOException {
    far.close();
    vpc.close();
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
