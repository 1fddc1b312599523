package io.vpc4j.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.NetworkTarget;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.VirtualNetwork;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.runtime.RuntimePlan;
import io.vpc4j.core.runtime.VpcRuntime;
import io.vpc4j.core.spi.NextHop;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A transport from elsewhere, held against the contract, and used. */
class AcmeTransportTest extends TransportContract {

  @Override
  protected Arrangement arrange(int farEndPort, int closedPort) {
    return new Arrangement(
        new AcmeTransportProvider(),
        directory(farEndPort, closedPort),
        new NextHop.CustomHop("acme", "lab"),
        Target.of("10.0.1.50", 80),
        "data.internal",
        Target.of("10.0.1.50", 81),
        Target.of("10.0.9.9", 80),
        "nobody.internal",
        Optional.empty());
  }

  private static DirectorySnapshot directory(int port, int closedPort) {
    var lab =
        Map.of(
            "names", Map.of("data.internal", "10.0.1.50"),
            "forward", Map.of("10.0.1.50:80", port, "10.0.1.50:81", closedPort));
    return new DirectorySnapshot(
        Map.of(),
        Map.of(VirtualNetwork.DEFAULT.virtualNetworkId(), VirtualNetwork.DEFAULT),
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        SimulatedNetwork.EMPTY,
        Map.of(),
        Map.of("acme", Map.of("lab", lab)));
  }

  @Test
  void aBindingReachesItLikeAnyOther() throws Exception {
    try (var server = new FarEnd()) {
      server.script =
          socket -> {
            while (socket.getInputStream().read() != '\n') {
              // the request line is all that is wanted
            }
            var answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
            socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
          };
      var binding = new BindingSpec.Network("LAB", new NetworkTarget.Network("acme:lab"), false);
      var plan = RuntimePlan.of(List.of(binding), Directory.fixed(directory(server.port(), 1)));

      try (var vpc = VpcRuntime.open(plan, List.of(new AcmeTransportProvider()))) {
        var explanation = vpc.network("LAB").explain("http://data.internal/");
        var response = vpc.network("LAB").fetch("http://data.internal/");

        assertThat(response.text()).isEqualTo("hello");
        assertThat(explanation.hop()).contains("acme:lab");
        assertThat(explanation.toString()).contains("transport    acme");
      }
    }
  }
}
