package io.vpc4j.benchmarks.peers;

import io.vpc4j.Body;
import io.vpc4j.Request;
import io.vpc4j.Vpc;
import io.vpc4j.VpcNetwork;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code fetch} over the simulated network: routing, policy and all. */
public final class VpcPeer implements Peer {

  private final Path folder;
  private final Vpc vpc;
  private final VpcNetwork network;
  private final String base;
  private final Request.Http http;
  private Body held = Body.of(new byte[0]);

  /** Writes a configuration and opens it. */
  public VpcPeer(Target target) throws Exception {
    folder = Files.createTempDirectory("vpc4j-bench-");
    var wrangler = folder.resolve("wrangler.jsonc");
    Files.writeString(
        wrangler,
        """
        {"vpc_networks": [{"binding": "MY_VPC", "tunnel_id": "550e8400-e29b-41d4-a716-446655440000"}]}
        """);
    var port = target.wire().secure() ? 443 : 80;
    Files.writeString(
        folder.resolve("directory.jsonc"),
        """
        {
          "loopback": {"hosts": [
            {"name": "origin.internal", "addresses": ["10.0.1.50"], "ports": {"%d": "127.0.0.1:%d"}}
          ]},
          "limits": {"max_connections_per_origin": 64},
          "bindings": {"MY_VPC": {"tls_settings": {"certificate_authority": "file:%s"}}}
        }
        """
            .formatted(port, target.port(), target.certificate().toAbsolutePath()));
    vpc = Vpc.builder().config(wrangler).watch(false).open();
    network = vpc.network("MY_VPC");
    base = target.wire().scheme() + "://10.0.1.50";
    http = target.wire() == Wire.H2 ? Request.Http.HTTP_2 : Request.Http.HTTP_1_1;
  }

  @Override
  public int get(String path) throws Exception {
    try (var response = network.fetch(Request.builder(base + path).http(http).build())) {
      return response.bytes().length;
    }
  }

  @Override
  public long download(String path) throws Exception {
    try (var response = network.fetch(Request.builder(base + path).http(http).build())) {
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
    var request = Request.builder(base + path).http(http).post(body).build();
    try (var response = network.fetch(request)) {
      return Long.parseLong(response.text());
    }
  }

  @Override
  public void close() throws java.io.IOException {
    vpc.close();
    Files.deleteIfExists(folder.resolve("directory.jsonc"));
    Files.deleteIfExists(folder.resolve("wrangler.jsonc"));
    Files.deleteIfExists(folder);
  }
}
