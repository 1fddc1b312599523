package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.Vpc;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.ops.OpsClient;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An application with a binding to the mesh, as {@code vpc4j status} and Prometheus see it. */
@Timeout(120)
class MeshStatusTest {

  private static final Cidr ROUTE = Cidr.require("10.0.5.0/24");
  private static final Cidr HERE = Cidr.require("127.0.0.0/24");

  @TempDir private Path folder;
  private Cli cli;
  private FarNode far;

  @BeforeEach
  void begin() throws IOException {
    cli = new Cli(folder);
    far = new FarNode(builder -> builder.route(ROUTE, HERE));
    cli.with("directory.jsonc", "mesh", "init", "--listen-port", "0");
    far.enter(cli, folder, "db-1", "--route", ROUTE.toString());
    cli.write(
        "wrangler.jsonc",
        "{\"vpc_networks\": [{\"binding\": \"MY_VPC\", \"network_id\": \"cf1:network\","
            + " \"remote\": true}]}");
  }

  @AfterEach
  void end() throws IOException {
    far.close();
    cli.close();
  }

  @Test
  void peersFlowsAndTcpAreSeenWhileTheyAreUsed() throws Exception {
    var port = cli.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    var ops = URI.create("http://127.0.0.1:" + FreePort.next());
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), ops.getPort());
    var builder =
        Vpc.builder().config(folder.resolve("wrangler.jsonc")).watch(false).statusAddress(address);
    try (var vpc = builder.open();
        var response = vpc.network("MY_VPC").fetch("http://10.0.5.1:" + port + "/")) {
      assertThat(response.text()).isEqualTo("hello");
      var client = new OpsClient(ops, Duration.ofSeconds(5));
      // written down once a second
      while (!client.get("/metrics").body().contains("vpc4j_mesh_tcp_connections_total 1")) {
        Thread.onSpinWait();
      }

      var status = cli.plain("status", "--ops", ops.toString());
      assertThat(status.exitCode()).as(status.err()).isZero();
      assertThat(status.out())
          .contains("mesh: mesh node with 1 peer, 1 of them with a session, on UDP port ")
          .containsPattern("PEER +STATE +ENDPOINT +LAST HANDSHAKE +RECEIVED +SENT +LOSS PERCENT")
          .containsPattern(
              "db-1 +active +127\\.0\\.0\\.1:\\d+ +\\d+ s +\\d.* B +\\d.* B +0 +\\d+(\\.\\d+)? ")
          .contains("retransmitted segments", "median cwnd");
      assertThat(client.get("/metrics").body())
          .contains("# TYPE vpc4j_mesh_peer_received_octets_total counter\n")
          .contains("vpc4j_mesh_peer_state{peer=\"db-1\",state=\"active\"} 1\n")
          .contains("vpc4j_mesh_peer_rtt_seconds{peer=\"db-1\"} ")
          .contains("vpc4j_mesh_tcp_retransmitted_segments_total 0\n")
          .contains("vpc4j_mesh_flows{protocol=\"tcp\"} ");
      var key = Files.readString(folder.resolve(".vpc4j/mesh/private.key")).strip();
      assertThat(client.get("/status").body() + client.get("/metrics").body())
          .contains("db-1")
          .doesNotContain(key);
    }
  }
}
