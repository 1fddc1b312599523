package io.vpc4j.cli;

import io.vpc4j.Vpc;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.mesh.MeshKeys;
import io.vpc4j.mesh.MeshNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The last part of the demo: two nodes of a mesh, and a fetch from one through the other. */
final class MeshDemo {

  private static final IpAddress NEAR = IpAddress.require("100.96.0.1");
  private static final IpAddress FAR = IpAddress.require("100.96.0.2");
  private static final Cidr ROUTE = Cidr.require("10.0.5.0/24");
  private static final Cidr HERE = Cidr.require("127.0.0.0/24");

  private final Path folder;
  private final PrintWriter out;
  private final Ticker ticker;

  /**
   * A demo that writes into {@code folder}.
   *
   * @param out for people
   */
  MeshDemo(Path folder, PrintWriter out, Ticker ticker) {
    this.folder = folder;
    this.out = out;
    this.ticker = ticker;
  }

  /** Fetches {@code path} from a service on {@code port} of 127.0.0.1, which the node reaches. */
  void fetch(int port, String path) throws IOException {
    var ownKey = MeshKeys.generatePrivateKey();
    var nodesKey = MeshKeys.generatePrivateKey();
    var url = "http://10.0.5.1:" + port + path;
    try (var node = node(nodesKey, MeshKeys.publicKey(ownKey));
        var vpc =
            Vpc.builder()
                .config(write(ownKey, MeshKeys.publicKey(nodesKey), node.listenPort()))
                .mode(Vpc.Mode.REAL)
                .watch(false)
                .open()) {
      out.println(
          "A WireGuard node listens on UDP port " + node.listenPort() + ", and announces " + ROUTE);
      out.println("as its own network: here, 127.0.0.0/24. Two TCP/IP stacks, and no root.");
      out.println();
      out.flush();
      var network = vpc.network("MY_MESH");
      var explanation = network.explain(url);
      var startNs = ticker.nowNs();
      try (var response = network.fetch(url)) {
        var body = response.text();
        var millis = (ticker.nowNs() - startNs) / 1e6;
        out.println("fetch   " + url);
        out.println(
            "route   " + explanation.hop().orElse("none") + " -> " + explanation.destination());
        out.printf(
            Locale.ROOT,
            "status  %d in %.1f ms, this side's start and the handshake included%n",
            response.status(),
            millis);
        out.println("body    " + body.strip());
        out.println();
      }
    }
  }

  private static MeshNode node(String key, String peersKey) throws IOException {
    var wireGuard =
        new NodeRecord.Peer(peersKey, Optional.empty(), Optional.empty(), Optional.empty());
    return MeshNode.builder()
        .privateKey(key)
        .address(FAR)
        .route(ROUTE, HERE)
        .peer(
            new NodeRecord(
                "demo", "demo", NodeRecord.Kind.NODE, List.of(NEAR), Optional.of(wireGuard)))
        .start();
  }

  private Path write(String ownKey, String nodesPublicKey, int port) throws IOException {
    Files.createDirectories(folder);
    writeKey(ownKey);
    Files.writeString(
        folder.resolve("directory.jsonc"),
        """
        {
          // This side of the mesh, and a node that announces a network.
          "mesh": {
            "private_key": "file:private.key",
            "listen_port": 0,
            "addresses": ["%s"],
            "nodes": [
              {
                "node_id": "demo-node",
                "name": "demo-node",
                "addresses": ["%s"],
                "routes": ["%s"],
                "public_key": "%s",
                "endpoint": "127.0.0.1:%d"
              }
            ]
          }
        }
        """
            .formatted(NEAR, FAR, ROUTE, nodesPublicKey, port));
    return Files.writeString(
        folder.resolve("wrangler.jsonc"),
        """
        {
          "vpc_networks": [{ "binding": "MY_MESH", "network_id": "cf1:network", "remote": true }]
        }
        """);
  }

  /** For its owner alone, where the file system knows owners. */
  private void writeKey(String key) throws IOException {
    var file = Files.writeString(folder.resolve("private.key"), key);
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }
}
