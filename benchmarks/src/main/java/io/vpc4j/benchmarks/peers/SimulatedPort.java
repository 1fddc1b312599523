package io.vpc4j.benchmarks.peers;

import io.vpc4j.Vpc;
import io.vpc4j.VpcNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A binding behind which there is one port of this machine, open until it is closed. */
final class SimulatedPort implements AutoCloseable {

  /** Where that port is, behind the binding. */
  static final String HOST = "10.0.1.50";

  /** Its port there. */
  static final int PORT = 80;

  /** Both. */
  static final String ADDRESS = HOST + ":" + PORT;

  private final Path folder;
  private final Vpc vpc;

  SimulatedPort(int port) throws Exception {
    folder = Files.createTempDirectory("vpc4j-bench-");
    var wrangler = folder.resolve("wrangler.jsonc");
    Files.writeString(
        wrangler,
        """
        {"vpc_networks": [{"binding": "MY_VPC", "tunnel_id": "550e8400-e29b-41d4-a716-446655440000"}]}
        """);
    Files.writeString(
        folder.resolve("directory.jsonc"),
        """
        {"loopback": {"hosts": [{"addresses": ["10.0.1.50"], "ports": {"80": %d}}]}}
        """
            .formatted(port));
    vpc = Vpc.builder().config(wrangler).mode(Vpc.Mode.SIMULATED).watch(false).open();
  }

  VpcNetwork network() {
    return vpc.network("MY_VPC");
  }

  @Override
  public void close() throws IOException {
    vpc.close();
    Files.deleteIfExists(folder.resolve("directory.jsonc"));
    Files.deleteIfExists(folder.resolve("wrangler.jsonc"));
    Files.deleteIfExists(folder);
  }
}
