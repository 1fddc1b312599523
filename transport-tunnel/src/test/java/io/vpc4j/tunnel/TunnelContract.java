package io.vpc4j.tunnel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.EdgeSettings.Listener;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportProvider;
import io.vpc4j.testkit.FreePort;
import io.vpc4j.testkit.NameServer;
import io.vpc4j.testkit.TransportContract;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** The promises of a transport, over an edge and a Java connector in this process. */
abstract class TunnelContract extends TransportContract {

  private static final UUID TUNNEL = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final String ACCOUNT = "0123456789abcdef0123456789abcdef";
  private static final Secret SECRET = Secret.of(new byte[32]);

  @TempDir private Path state;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Protocol protocol;
  private @Nullable NameServer resolver;

  TunnelContract(Protocol protocol) {
    this.protocol = protocol;
  }

  @Override
  protected Arrangement arrange(int farEndPort, int closedPort) throws Exception {
    resolver = new NameServer(Map.of("host.internal", IpAddress.require("127.0.0.1")));
    open.add(resolver);
    var edge =
        new EdgeSettings(
            List.of(
                new Listener(IpAddress.require("127.0.0.1"), FreePort.next(), Set.of(protocol))),
            Optional.empty(),
            state,
            Optional.of(ACCOUNT));
    var directory =
        new DirectorySnapshot(
            Map.of(
                TUNNEL.toString(),
                new TunnelRecord(TUNNEL.toString(), "test", Optional.of(SECRET))),
            Map.of(),
            List.of(),
            List.of(),
            Map.of(),
            Map.of(),
            SimulatedNetwork.EMPTY,
            Map.of(),
            Map.of(),
            MeshSettings.NONE,
            Optional.of(edge),
            Optional.empty());
    return new Arrangement(
        new WithConnector(new TunnelTransportProvider()),
        directory,
        new NextHop.TunnelHop(TUNNEL.toString()),
        Target.of("127.0.0.1", farEndPort),
        "host.internal",
        Target.of("127.0.0.1", closedPort),
        Target.of("224.0.0.1", 80), // a group: no operating system connects to one
        "nowhere.internal",
        Optional.of(Target.of("127.0.0.1", silentPort())));
  }

  /** A listener whose queue is full: the operating system drops what comes after. */
  private int silentPort() throws IOException {
    var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    open.add(listener);
    for (var i = 0; i < 2; i++) {
      var waiting = new Socket();
      open.add(waiting);
      waiting.connect(listener.getLocalSocketAddress(), 5_000);
    }
    return listener.getLocalPort();
  }

  @Override
  protected void dismantle() throws Exception {
    for (var each : open) {
      each.close();
    }
  }

  /** The transport, once a connector is registered with its edge. */
  private final class WithConnector implements TransportProvider {
    private final TransportProvider tunnel;

    WithConnector(TransportProvider tunnel) {
      this.tunnel = tunnel;
    }

    @Override
    public String name() {
      return tunnel.name();
    }

    @Override
    public boolean carries(NextHop hop) {
      return tunnel.carries(hop);
    }

    @Override
    public Transport open(TransportContext context) throws io.vpc4j.VpcException {
      var transport = tunnel.open(context);
      var listener = context.directory().snapshot().edge().orElseThrow().listeners().get(0);
      var builder =
          Connector.builder(new TunnelCredentials(ACCOUNT, TUNNEL, SECRET))
              .edge("127.0.0.1:" + listener.port())
              .authorities(List.of(authority(state)))
              .protocols(List.of(protocol))
              .connections(1)
              .resolvers(List.of(resolverAddress()))
              .eventLoops(context.eventLoops());
      Connector connector;
      try {
        connector = builder.start();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      open.add(connector);
      var deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (connector.readyConnections() == 0) {
        assertTrue(System.nanoTime() < deadlineNs, "registered in time");
        LockSupport.parkNanos(1_000_000);
      }
      return transport;
    }
  }

  private InetSocketAddress resolverAddress() {
    if (resolver == null) {
      throw new IllegalStateException("not arranged");
    }
    return resolver.address();
  }

  /** The certificate of the authority that an edge keeps in {@code state}. */
  static X509Certificate authority(Path state) {
    try (InputStream in = Files.newInputStream(state.resolve("edge-ca.pem"))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (IOException | CertificateException e) {
      throw new AssertionError(e);
    }
  }
}
