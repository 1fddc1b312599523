package io.vpc4j.core.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.vpc4j.ErrorCode;
import io.vpc4j.Limits;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.ops.MetricFamily;
import io.vpc4j.core.ops.OpsClient;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.Lookup;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportProvider;
import io.vpc4j.core.spi.TransportStatus;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class VpcStatusTest {

  private static final String TUNNEL = "550e8400-e29b-41d4-a716-446655440000";

  /** Carries everything, nowhere. */
  private static final class NowhereProvider implements TransportProvider {
    @Override
    public String name() {
      return "nowhere";
    }

    @Override
    public boolean carries(NextHop hop) {
      return true;
    }

    @Override
    public Transport open(TransportContext context) {
      return new Nowhere(context);
    }
  }

  private record Nowhere(TransportContext context) implements Transport {
    @Override
    public Future<Channel> connect(Dial dial) {
      return context
          .eventLoops()
          .group()
          .next()
          .newFailedFuture(
              new VpcException(ErrorCode.CONNECTION_REFUSED, Stage.CONNECT, "Nowhere."));
    }

    @Override
    public Future<List<IpAddress>> resolve(Lookup lookup) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Set<Capability> capabilities() {
      return Set.of();
    }

    @Override
    public TransportStatus status() {
      return new TransportStatus(
          false,
          "leads nowhere",
          Map.of("dials", 1L),
          Map.of("peers", List.of(Map.of("peer", "none"))));
    }

    @Override
    public List<MetricFamily> metrics() {
      return List.of(MetricFamily.counter("vpc4j_nowhere_journeys_total", "Made.", 3));
    }

    @Override
    public void close() {}
  }

  @Test
  void aVpcAnswersForItsBindingsAndItsTransports() throws Exception {
    int port = freePort();
    var plan = plan(port);
    try (var vpc = VpcRuntime.open(plan, List.of(new NowhereProvider()))) {
      var client = new OpsClient(URI.create("http://127.0.0.1:" + port), Duration.ofSeconds(5));
      assertThat(client.get("/ready").status()).isEqualTo(200);
      assertThat(client.status().toString()).contains("1 binding; no transport in use");

      assertThatThrownBy(() -> vpc.network("MY_VPC").fetch("http://10.0.0.1/"))
          .isInstanceOf(VpcException.class);

      assertThat(client.get("/ready").status()).isEqualTo(503);
      assertThat(client.status().toString())
          .contains("binding=MY_VPC, requests=1, failures=1")
          .contains("nowhere={ready=false, summary=leads nowhere, dials=1, peers=[{peer=none}]}");
      assertThat(client.get("/metrics").body())
          .contains("vpc4j_ready{part=\"vpc\"} 0")
          .contains("vpc4j_binding_requests_total{binding=\"MY_VPC\"} 1")
          .contains(
              "vpc4j_binding_failures_total{binding=\"MY_VPC\",code=\"connection_refused\"} 1")
          .contains("# TYPE vpc4j_nowhere_journeys_total counter\nvpc4j_nowhere_journeys_total 3\n")
          .contains("vpc4j_transport{transport=\"nowhere\",figure=\"dials\"} 1");
    }
    assertThatThrownBy(
            () ->
                new OpsClient(URI.create("http://127.0.0.1:" + port), Duration.ofSeconds(5))
                    .get("/ready"))
        .isInstanceOf(java.io.IOException.class);
  }

  @Test
  void anAddressThatIsTakenIsAnErrorOfTheConfiguration(@TempDir Path folder) throws Exception {
    var config = folder.resolve("wrangler.jsonc");
    Files.writeString(config, "{}");
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort());

      assertThatThrownBy(() -> Vpc.builder().config(config).statusAddress(address).open())
          .isInstanceOfSatisfying(
              VpcException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_ERROR))
          .hasMessageContaining("Cannot listen on");
    }
  }

  private static RuntimePlan plan(int port) {
    return new RuntimePlan(
        List.of(new BindingSpec.Network("MY_VPC", new NetworkTarget.Tunnel(TUNNEL), false)),
        Directory.fixed(
            new DirectorySnapshot(
                Map.of(TUNNEL, new TunnelRecord(TUNNEL, "office", Optional.empty())),
                Map.of(),
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                SimulatedNetwork.EMPTY,
                Map.of(),
                Map.of())),
        Limits.defaults(),
        Runnable::run,
        List.of(),
        Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
  }

  private static int freePort() throws java.io.IOException {
    try (var once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return once.getLocalPort();
    }
  }
}
