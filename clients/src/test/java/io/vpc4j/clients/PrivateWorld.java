package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.Limits;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import io.vpc4j.VpcNetwork;
import io.vpc4j.core.directory.BindingSettings;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.EdgeSettings.Listener;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.directory.SimulatedNetwork.Host;
import io.vpc4j.core.directory.SimulatedNetwork.Port;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.directory.VirtualNetwork;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.runtime.RuntimePlan;
import io.vpc4j.core.runtime.VpcRuntime;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportProvider;
import io.vpc4j.mesh.MeshKeys;
import io.vpc4j.mesh.MeshNode;
import io.vpc4j.mesh.MeshTransportProvider;
import io.vpc4j.testkit.FreePort;
import io.vpc4j.testkit.NameServer;
import io.vpc4j.transport.loopback.LoopbackTransportProvider;
import io.vpc4j.tunnel.Connector;
import io.vpc4j.tunnel.TunnelCredentials;
import io.vpc4j.tunnel.TunnelTransportProvider;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A private network with one host, and an open {@link Vpc} whose binding {@code NET} reaches it.
 * The host's servers are those of this machine, at the same ports; its name is known there alone.
 */
final class PrivateWorld implements Closeable {

  static final int PATIENCE_SECONDS = 30;

  /** What the binding's TLS is verified with, in the tests that speak it. */
  static volatile TlsSettings tls = TlsSettings.DEFAULT;

  private static final UUID TUNNEL = UUID.fromString("11111111-2222-3333-4444-555555555555");
  private static final String ACCOUNT = "0123456789abcdef0123456789abcdef";
  private static final Secret SECRET = Secret.of(new byte[32]);
  private static final String NAME = "db.internal";
  private static final String TARGET = "10.0.1.50";

  private final Vpc vpc;
  private final String host;
  private final boolean tunnelled;
  private final List<Closeable> beneath;

  private PrivateWorld(Vpc vpc, String host, boolean tunnelled, List<Closeable> beneath) {
    this.vpc = vpc;
    this.host = host;
    this.tunnelled = tunnelled;
    this.beneath = beneath;
  }

  Vpc vpc() {
    return vpc;
  }

  VpcNetwork network() {
    return vpc.network("NET");
  }

  /** The host's name: no resolver of this machine knows it. */
  String host() {
    return host;
  }

  /** The host's address, in its own network. */
  String address() {
    return tunnelled ? "127.0.0.1" : TARGET;
  }

  @Override
  public void close() throws IOException {
    vpc.close();
    for (var each : beneath) {
      each.close();
    }
  }

  // ---- the simulated network

  static PrivateWorld simulated(int... ports) {
    var known = new HashMap<Integer, Port>();
    for (var port : ports) {
      var local = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      known.put(port, new Port(new SimulatedNetwork.Target.Tcp(local), Faults.NONE));
    }
    var there =
        new Host(
            NAME,
            List.of(IpAddress.require(TARGET)),
            Optional.empty(),
            known,
            Set.of(),
            Faults.NONE);
    var directory =
        DirectorySnapshot.empty().withLoopback(new SimulatedNetwork(Map.of(NAME, there)));
    var binding = new BindingSpec.Network("NET", new NetworkTarget.Tunnel(TUNNEL.toString()), true);
    return opened(binding, withTls(directory), new LoopbackTransportProvider(), NAME, List.of());
  }

  private static PrivateWorld opened(
      BindingSpec binding,
      DirectorySnapshot directory,
      TransportProvider provider,
      String host,
      List<Closeable> beneath) {
    var plan = RuntimePlan.of(List.of(binding), Directory.fixed(directory));
    var tunnelled = provider instanceof WithConnector;
    return new PrivateWorld(VpcRuntime.open(plan, List.of(provider)), host, tunnelled, beneath);
  }

  private static DirectorySnapshot withTls(DirectorySnapshot from) {
    var settings =
        new BindingSettings(
            VirtualNetwork.DEFAULT.virtualNetworkId(),
            BindingSettings.DEFAULTS.policy(),
            Optional.<Limits>empty(),
            tls);
    return new DirectorySnapshot(
        from.tunnels(),
        from.virtualNetworks(),
        from.routes(),
        from.hostnameRoutes(),
        from.services(),
        from.nodes(),
        from.loopback(),
        Map.of("NET", settings),
        from.transports(),
        from.mesh(),
        from.edge(),
        from.limits());
  }

  // ---- the tunnel

  static PrivateWorld tunnel(Protocol protocol, Path folder) throws Exception {
    var beneath = new ArrayList<Closeable>();
    var resolver = new NameServer(Map.of(NAME, IpAddress.require("127.0.0.1")));
    beneath.add(resolver);
    var state = Files.createTempDirectory(folder, "edge");
    var edge =
        new EdgeSettings(
            List.of(
                new Listener(IpAddress.require("127.0.0.1"), FreePort.next(), Set.of(protocol))),
            Optional.empty(),
            state,
            Optional.of(ACCOUNT));
    var empty = DirectorySnapshot.empty();
    var directory =
        new DirectorySnapshot(
            Map.of(
                TUNNEL.toString(),
                new TunnelRecord(TUNNEL.toString(), "test", Optional.of(SECRET))),
            empty.virtualNetworks(),
            empty.routes(),
            empty.hostnameRoutes(),
            empty.services(),
            empty.nodes(),
            empty.loopback(),
            empty.bindings(),
            empty.transports(),
            empty.mesh(),
            Optional.of(edge),
            empty.limits());
    var binding =
        new BindingSpec.Network("NET", new NetworkTarget.Tunnel(TUNNEL.toString()), false);
    var provider = new WithConnector(protocol, state, resolver.address(), beneath);
    var world = opened(binding, withTls(directory), provider, NAME, beneath);
    try (var opensTheEdge = world.network().connect(NAME, FreePort.next())) {
      throw new AssertionError("nobody listens there: " + opensTheEdge);
    } catch (VpcException e) {
      return world; // and a connector is registered, whoever comes first
    }
  }

  /** The tunnel's transport, once a connector is registered with its edge. */
  private record WithConnector(
      Protocol protocol, Path state, InetSocketAddress resolver, List<Closeable> beneath)
      implements TransportProvider {

    @Override
    public String name() {
      return "tunnel";
    }

    @Override
    public boolean carries(NextHop hop) {
      return hop instanceof NextHop.TunnelHop;
    }

    @Override
    public Transport open(TransportContext context) throws VpcException {
      var transport = new TunnelTransportProvider().open(context);
      var listener = context.directory().snapshot().edge().orElseThrow().listeners().get(0);
      try {
        var connector =
            Connector.builder(new TunnelCredentials(ACCOUNT, TUNNEL, SECRET))
                .edge("127.0.0.1:" + listener.port())
                .authorities(List.of(authority(state)))
                .protocols(List.of(protocol))
                .connections(1)
                .resolvers(List.of(resolver))
                .start();
        beneath.add(0, connector::close);
        var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (connector.readyConnections() == 0) {
          assertThat(System.nanoTime() - endNs).as("registered in time").isNegative();
          LockSupport.parkNanos(1_000_000);
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      return transport;
    }

    private static X509Certificate authority(Path state) throws IOException {
      try (var in = Files.newInputStream(state.resolve("edge-ca.pem"))) {
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      } catch (CertificateException e) {
        throw new AssertionError(e);
      }
    }
  }

  // ---- the mesh

  static PrivateWorld mesh() throws Exception {
    var near = IpAddress.require("100.96.0.1");
    var far = IpAddress.require("100.96.0.2");
    var target = IpAddress.require(TARGET);
    var nearKey = MeshKeys.generatePrivateKey();
    var farKey = MeshKeys.generatePrivateKey();
    var node =
        MeshNode.builder()
            .privateKey(secret(farKey))
            .address(far)
            .peer(node("near", nearKey, Optional.empty(), near))
            .route(Cidr.of(target), Cidr.require("127.0.0.1/32"))
            .start();
    var there = node("db", farKey, Optional.of("127.0.0.1:" + node.listenPort()), target, far);
    var empty = DirectorySnapshot.empty();
    var directory =
        new DirectorySnapshot(
            empty.tunnels(),
            empty.virtualNetworks(),
            empty.routes(),
            empty.hostnameRoutes(),
            empty.services(),
            Map.of(there.nodeId(), there),
            empty.loopback(),
            empty.bindings(),
            empty.transports(),
            new MeshSettings(Optional.of(secret(nearKey)), 0, List.of(near)),
            empty.edge(),
            empty.limits());
    var binding = new BindingSpec.Network("NET", new NetworkTarget.Network("cf1:network"), false);
    return opened(
        binding, withTls(directory), new MeshTransportProvider(), "db.mesh", List.of(node::close));
  }

  private static Secret secret(String key) {
    return Secret.of(Base64.getDecoder().decode(key));
  }

  private static NodeRecord node(
      String id, String key, Optional<String> endpoint, IpAddress... addresses) {
    return new NodeRecord(
        id,
        id,
        NodeRecord.Kind.NODE,
        List.of(addresses),
        Optional.of(
            new NodeRecord.Peer(
                MeshKeys.publicKey(key), endpoint, Optional.empty(), Optional.empty())));
  }
}
