package io.vpc4j.integrationtests;

import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.directory.SimulatedNetwork.Faults.Connect;
import io.vpc4j.core.directory.SimulatedNetwork.Faults.Dns;
import io.vpc4j.core.directory.SimulatedNetwork.Host;
import io.vpc4j.core.directory.SimulatedNetwork.Port;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.testkit.TransportContract;
import io.vpc4j.transport.loopback.LoopbackTransportProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** The simulated network keeps every promise of a transport. */
class LoopbackContractTest extends TransportContract {

  private static final Faults SILENT =
      new Faults(
          Connect.BLACK_HOLE,
          Dns.ANSWER,
          Duration.ZERO,
          Duration.ZERO,
          OptionalLong.empty(),
          false);

  @Override
  protected Arrangement arrange(int farEndPort, int closedPort) {
    var data =
        host("data.internal", "10.0.1.50", Map.of(80, port(farEndPort), 81, port(closedPort)));
    var silent =
        new Host(
            "silent.internal",
            List.of(IpAddress.require("10.0.1.51")),
            Optional.empty(),
            Map.of(80, port(farEndPort)),
            Set.of(),
            SILENT);
    var network = new SimulatedNetwork(Map.of(data.name(), data, silent.name(), silent));
    return new Arrangement(
        new LoopbackTransportProvider(),
        DirectorySnapshot.empty().withLoopback(network),
        new NextHop.LocalHop("tunnel:test"),
        Target.of("10.0.1.50", 80),
        "data.internal",
        Target.of("10.0.1.50", 81),
        Target.of("10.9.9.9", 80),
        "nobody.internal",
        Optional.of(Target.of("10.0.1.51", 80)));
  }

  private static Host host(String name, String address, Map<Integer, Port> ports) {
    return new Host(
        name, List.of(IpAddress.require(address)), Optional.empty(), ports, Set.of(), Faults.NONE);
  }

  private static Port port(int localPort) {
    var local = new InetSocketAddress(InetAddress.getLoopbackAddress(), localPort);
    return new Port(new SimulatedNetwork.Target.Tcp(local), Faults.NONE);
  }
}
