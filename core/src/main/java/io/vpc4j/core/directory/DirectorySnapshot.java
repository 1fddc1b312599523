package io.vpc4j.core.directory;

import io.vpc4j.Limits;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything the directory said at one moment. Immutable; references within it have been checked.
 *
 * @param tunnels by {@code tunnel_id}
 * @param virtualNetworks every virtual network, the default one included; by id
 * @param routes prefixes of the mesh, those that nodes announce included; one prefix at most once
 *     in a virtual network. Where several nodes announce it, the hop is the one of best {@link
 *     NodeRecord#priority}; the others are found in {@code nodes}
 * @param hostnameRoutes names of the mesh; each at most once
 * @param services by {@code service_id}
 * @param nodes mesh nodes and devices, by {@code node_id}
 * @param loopback the simulated network
 * @param bindings what is set for single bindings, by binding name
 * @param transports sections of transports from elsewhere, by transport name: plain maps, lists,
 *     strings, numbers and Booleans
 * @param mesh who this process is in the mesh
 * @param edge how the tunnel's edge is started; empty where this process has none
 * @param limits the bounds of every binding that sets none; empty for those of the builder
 */
public record DirectorySnapshot(
    Map<String, TunnelRecord> tunnels,
    Map<String, VirtualNetwork> virtualNetworks,
    List<CidrRoute> routes,
    List<HostnameRoute> hostnameRoutes,
    Map<String, ServiceRecord> services,
    Map<String, NodeRecord> nodes,
    SimulatedNetwork loopback,
    Map<String, BindingSettings> bindings,
    Map<String, Map<String, Object>> transports,
    MeshSettings mesh,
    Optional<EdgeSettings> edge,
    Optional<Limits> limits) {

  private static final DirectorySnapshot EMPTY =
      new DirectorySnapshot(
          Map.of(),
          Map.of(VirtualNetwork.DEFAULT.virtualNetworkId(), VirtualNetwork.DEFAULT),
          List.of(),
          List.of(),
          Map.of(),
          Map.of(),
          SimulatedNetwork.EMPTY,
          Map.of(),
          Map.of());

  /** Copies. */
  public DirectorySnapshot {
    tunnels = Map.copyOf(tunnels);
    virtualNetworks = Map.copyOf(virtualNetworks);
    routes = List.copyOf(routes);
    hostnameRoutes = List.copyOf(hostnameRoutes);
    services = Map.copyOf(services);
    nodes = Map.copyOf(nodes);
    bindings = Map.copyOf(bindings);
    transports = Map.copyOf(transports);
  }

  /** A directory without a part in the mesh, an edge, or limits. */
  public DirectorySnapshot(
      Map<String, TunnelRecord> tunnels,
      Map<String, VirtualNetwork> virtualNetworks,
      List<CidrRoute> routes,
      List<HostnameRoute> hostnameRoutes,
      Map<String, ServiceRecord> services,
      Map<String, NodeRecord> nodes,
      SimulatedNetwork loopback,
      Map<String, BindingSettings> bindings,
      Map<String, Map<String, Object>> transports) {
    this(
        tunnels,
        virtualNetworks,
        routes,
        hostnameRoutes,
        services,
        nodes,
        loopback,
        bindings,
        transports,
        MeshSettings.NONE,
        Optional.empty(),
        Optional.empty());
  }

  /** A directory that says nothing: the default virtual network, and no simulated host. */
  public static DirectorySnapshot empty() {
    return EMPTY;
  }

  /** What is set for {@code binding}, or the defaults. */
  public BindingSettings binding(String binding) {
    var settings = bindings.get(binding);
    if (settings != null) {
      return settings;
    }
    return limits.isPresent()
        ? BindingSettings.DEFAULTS.withLimits(limits)
        : BindingSettings.DEFAULTS;
  }

  /** The same with another simulated network. */
  public DirectorySnapshot withLoopback(SimulatedNetwork loopback) {
    return new DirectorySnapshot(
        tunnels,
        virtualNetworks,
        routes,
        hostnameRoutes,
        services,
        nodes,
        loopback,
        bindings,
        transports,
        mesh,
        edge,
        limits);
  }
}
