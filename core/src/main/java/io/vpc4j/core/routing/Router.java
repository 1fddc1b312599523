package io.vpc4j.core.routing;

import io.vpc4j.ErrorCode;
import io.vpc4j.NetworkTarget;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.directory.BindingSettings;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.HostnameRoute;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.ServiceRecord;
import io.vpc4j.core.directory.TlsSettings;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.Decision.Destination;
import io.vpc4j.core.spi.NextHop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot of the directory, compiled: from a binding and a destination to a {@link Decision}.
 * Immutable; dials nothing, waits for nothing.
 *
 * <p>Read {@link #decide} first. The rules, in order:
 *
 * <ol>
 *   <li>A <b>service</b> binding goes to its record, whatever the URL says. This comes first and
 *       never falls through: a URL that could change the target would be a hole.
 *   <li>A <b>simulated</b> binding goes to the simulated network and nowhere else.
 *   <li>A <b>tunnel</b> binding goes to its tunnel.
 *   <li>A <b>mesh</b> binding asks, for a name: the hostname routes, exact before wildcard, then
 *       the nodes' own names; for an address: the nodes' own addresses and the prefixes of the
 *       binding's virtual network, the longest first.
 *   <li>Any other network is a hop of a transport from elsewhere.
 * </ol>
 */
final class Router {

  /** The network that is every tunnel and every node. */
  static final String MESH = "cf1:network";

  private static final String NODE_SUFFIX = ".mesh";

  private final DirectorySnapshot snapshot;
  private final HostnameTable<HostnameRoute> hostnames;
  private final Map<String, NodeRecord> nodesByName = new HashMap<>();
  private final Map<String, PrefixTable<NextHop>> prefixes = new HashMap<>();

  Router(DirectorySnapshot snapshot) {
    this.snapshot = snapshot;
    var names = new HashMap<String, HostnameRoute>();
    snapshot.hostnameRoutes().forEach(route -> names.put(route.hostname(), route));
    hostnames = new HostnameTable<>(names);
    for (var node : snapshot.nodes().values()) {
      nodesByName.put(HostnameTable.normal(node.name()), node);
    }
    for (var network : snapshot.virtualNetworks().values()) {
      prefixes.put(network.virtualNetworkId(), prefixesOf(network.virtualNetworkId()));
    }
  }

  private PrefixTable<NextHop> prefixesOf(String virtualNetworkId) {
    var hops = new HashMap<Cidr, NextHop>();
    var known = new HashMap<Cidr, NextHop>(); // participants' own addresses
    for (var route : snapshot.routes()) {
      if (route.virtualNetworkId().equals(virtualNetworkId)) {
        hops.put(route.network(), route.hop());
      }
    }
    for (var node : snapshot.nodes().values()) {
      var network = snapshot.mesh().networkOf(node);
      if (network.isOwn() || network.virtualNetworkId().equals(virtualNetworkId)) {
        for (var address : node.addresses()) {
          var hop = new NextHop.NodeHop(node.nodeId());
          if (network.isOwn() && !virtualNetworkId.equals(network.virtualNetworkId())) {
            known.putIfAbsent(Cidr.of(address), hop); // known there too, unless it is another's
          } else {
            known.put(Cidr.of(address), hop);
          }
        }
      }
    }
    hops.putAll(known);
    return new PrefixTable<>(hops);
  }

  /**
   * The network that a hop lies in, for explanations: {@code , over network office}. Empty for the
   * directory's own, and for what is no node.
   */
  String networkOf(NextHop hop) {
    var node = hop instanceof NextHop.NodeHop to ? snapshot.nodes().get(to.nodeId()) : null;
    return node == null || node.network().isEmpty()
        ? ""
        : ", over " + snapshot.mesh().networkOf(node).described();
  }

  /** Who is asked behind a hop: those that are named, or those of the node's network. */
  private List<InetSocketAddress> resolvers(NextHop hop, List<InetSocketAddress> named) {
    var node = hop instanceof NextHop.NodeHop to ? snapshot.nodes().get(to.nodeId()) : null;
    return node == null || !named.isEmpty() ? named : snapshot.mesh().networkOf(node).resolverIps();
  }

  /** What is set for the binding. */
  BindingSettings settings(BindingSpec binding) {
    return snapshot.binding(binding.name());
  }

  /** How TLS is verified: a service's own settings, else the binding's. */
  TlsSettings tls(BindingSpec binding) {
    if (binding instanceof BindingSpec.Service service) {
      var record = snapshot.services().get(service.serviceId());
      if (record != null) {
        return record.tlsSettings();
      }
    }
    return settings(binding).tlsSettings();
  }

  // ---- the rules

  /**
   * Where a request for {@code host} and {@code port} goes.
   *
   * @param use what it is for: a service has a port for each
   */
  Decision decide(BindingSpec binding, Use use, String host, int port) {
    if (binding instanceof BindingSpec.Service service) {
      return byRecord(service, use, host, port);
    }
    var network = (BindingSpec.Network) binding;
    var destination = Destination.of(host, port);
    if (network.simulated()) {
      return Decision.to(
          new NextHop.LocalHop(network.target().toString()),
          destination,
          "simulated network",
          "the binding is not \"remote\": true");
    }
    if (network.target() instanceof NetworkTarget.Tunnel tunnel) {
      return byTunnel(tunnel, destination);
    }
    if (!network.target().id().equals(MESH)) {
      return Decision.to(
          elsewhere(network.target().id()),
          destination,
          network.target().toString(),
          "the binding names a network of another transport");
    }
    return destination.addresses().isEmpty()
        ? byHostname(destination)
        : byPrefix(binding, destination);
  }

  /** What a request is for. */
  enum Use {
    /** {@code fetch} of an http URL. */
    HTTP,
    /** {@code fetch} of an https URL. */
    HTTPS,
    /** {@code connect}. */
    CONNECT
  }

  private Decision byTunnel(NetworkTarget.Tunnel tunnel, Destination destination) {
    if (!snapshot.tunnels().containsKey(tunnel.id())) {
      return Decision.refused(
          destination,
          "the binding names a tunnel that the directory does not have",
          notFound(
              "The directory has no tunnel "
                  + tunnel.id()
                  + ". Add it to \"tunnels\", or correct the binding's \"tunnel_id\"."));
    }
    return Decision.to(
        new NextHop.TunnelHop(tunnel.id()),
        destination,
        "tunnel " + snapshot.tunnels().get(tunnel.id()).name(),
        "the binding names the tunnel");
  }

  private Decision byRecord(BindingSpec.Service binding, Use use, String host, int urlPort) {
    var record = snapshot.services().get(binding.serviceId());
    if (record == null) {
      return Decision.refused(
          Destination.of(host, urlPort),
          "the binding names a service that the directory does not have",
          notFound(
              "The directory has no service "
                  + binding.serviceId()
                  + ". Add it to \"services\", or correct the binding's \"service_id\"."));
    }
    var port = portFor(record, use);
    var destination = destinationOf(record, port.orElse(0));
    if (port.isEmpty()) {
      return Decision.refused(destination, "the record has no port for this", denied(record, use));
    }
    var hop =
        binding.simulated() ? new NextHop.LocalHop("service:" + binding.serviceId()) : record.hop();
    return Decision.to(
        hop,
        destination,
        "service " + record.name(),
        "the record decides; the URL's host and port are not used to connect");
  }

  private static OptionalInt portFor(ServiceRecord record, Use use) {
    return switch (use) {
      case HTTP -> record.ports().http();
      case HTTPS -> record.ports().https();
      case CONNECT -> record.ports().tcp();
    };
  }

  private Destination destinationOf(ServiceRecord record, int port) {
    if (record.host() instanceof ServiceRecord.Host.Hostname name) {
      return Destination.of(name.hostname(), port)
          .resolvedBy(resolvers(record.hop(), name.resolverIps()));
    }
    var addresses = ((ServiceRecord.Host.Addresses) record.host()).addresses();
    return Destination.of(addresses.get(0).toString(), port).knownAs(addresses);
  }

  private Decision byHostname(Destination destination) {
    var route = hostnames.find(destination.host());
    if (route != null) {
      return Decision.to(
          route.hop(),
          destination.resolvedBy(resolvers(route.hop(), route.resolverIps())),
          route.hostname(),
          route.hostname().startsWith("*.")
              ? "a wildcard hostname route matches, and no exact one does"
              : "an exact hostname route matches");
    }
    var node = nodeNamed(destination.host());
    if (node != null && !node.addresses().isEmpty()) {
      return Decision.to(
          new NextHop.NodeHop(node.nodeId()),
          destination.knownAs(node.addresses()),
          node.name() + NODE_SUFFIX,
          "it is a node's own name");
    }
    return Decision.refused(
        destination,
        "no hostname route matches",
        notFound(
            "No hostname route matches "
                + destination.host()
                + ". A name is resolved by the network that owns it: add it, or its parent as"
                + " \"*.\", to \"hostname_routes\"."));
  }

  private @Nullable NodeRecord nodeNamed(String host) {
    return host.endsWith(NODE_SUFFIX)
        ? nodesByName.get(host.substring(0, host.length() - NODE_SUFFIX.length()))
        : null;
  }

  private Decision byPrefix(BindingSpec binding, Destination destination) {
    var virtualNetwork = settings(binding).virtualNetworkId();
    var table = prefixes.get(virtualNetwork);
    var address = destination.addresses().get(0);
    var hop = table == null ? null : table.find(address);
    if (table == null || hop == null) {
      return Decision.refused(
          destination,
          "no prefix of virtual network " + virtualNetwork + " covers it",
          notFound(
              "No route of virtual network "
                  + virtualNetwork
                  + " covers "
                  + address
                  + ". Add its prefix to \"routes\"."));
    }
    return new Decision(
        hop,
        destination.host(),
        destination.addresses(),
        destination.port(),
        List.of(),
        "", // named only when somebody asks: see losers
        "the longest prefix in virtual network " + virtualNetwork,
        null);
  }

  /** A network id as the hop of a transport from elsewhere: {@code scheme:id}. */
  static NextHop elsewhere(String networkId) {
    var colon = networkId.indexOf(':');
    return colon < 0
        ? new NextHop.CustomHop(networkId, "")
        : new NextHop.CustomHop(networkId.substring(0, colon), networkId.substring(colon + 1));
  }

  // ---- for explanations

  /**
   * Every route that matches a mesh destination, the winner first; empty where there is no choice.
   */
  List<String> matches(BindingSpec binding, Decision decision) {
    if (!(binding instanceof BindingSpec.Network network)
        || network.simulated()
        || !network.target().id().equals(MESH)) {
      return List.of();
    }
    var found = new ArrayList<String>();
    var address = decision.address();
    if (address != null) {
      matchesOf(binding, address, found);
      return found;
    }
    var exact = hostnames.find(decision.host());
    var wildcard = hostnames.findWildcard(decision.host());
    if (exact != null) {
      found.add(exact.hostname() + " via " + exact.hop());
    }
    if (wildcard != null && !wildcard.equals(exact)) {
      found.add(wildcard.hostname() + " via " + wildcard.hop());
    }
    return found;
  }

  private void matchesOf(BindingSpec binding, IpAddress address, List<String> found) {
    var table = prefixes.get(settings(binding).virtualNetworkId());
    if (table != null) {
      for (var entry : table.findAll(address)) {
        found.add(entry.prefix() + " via " + entry.value());
      }
    }
  }

  // ---- refusals

  private static VpcException notFound(String sentence) {
    return new VpcException(ErrorCode.DESTINATION_NOT_FOUND, Stage.ROUTE, sentence);
  }

  private static VpcException denied(ServiceRecord record, Use use) {
    var sentence =
        switch (use) {
          case HTTP, HTTPS ->
              record.type() == ServiceRecord.Type.TCP
                  ? "Service " + record.name() + " is of type tcp: use connect, not fetch."
                  : "Service "
                      + record.name()
                      + " has no "
                      + (use == Use.HTTP ? "http_port" : "https_port")
                      + ": use the other scheme, or add the port to its record.";
          case CONNECT -> "Service " + record.name() + " is of type http: use fetch, not connect.";
        };
    return new VpcException(ErrorCode.HTTP_REQUEST_DENIED, Stage.ROUTE, sentence);
  }
}
