package io.vpc4j.cli;

import io.vpc4j.ConfigurationException;
import io.vpc4j.NetworkTarget;
import io.vpc4j.Vpc;
import io.vpc4j.VpcException;
import io.vpc4j.VpcNetwork;
import io.vpc4j.core.config.directory.DirectoryReader;
import io.vpc4j.core.config.directory.Environment;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.routing.BindingRoutes;
import io.vpc4j.core.routing.BindingSpec;
import io.vpc4j.core.runtime.Configuration;
import io.vpc4j.core.spi.NextHop.NodeHop;
import io.vpc4j.mesh.MeshNode;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whom {@code mesh ping} asks, and by which participant: as the directory, or a binding, says. */
final class PingTarget {

  private static final String SUFFIX = ".mesh";
  private static final int NO_PORT = 0; // what an echo request has for a policy
  private static final int RESOLVE_SECONDS = 10;

  /** The mesh as a binding without settings of its own sees it. */
  private static final BindingSpec ANY_BINDING =
      new BindingSpec.Network("", new NetworkTarget.Network("cf1:network"), false);

  @Option(
      names = {"-b", "--binding"},
      paramLabel = "NAME",
      description =
          "Go by this vpc_networks binding: its routes, its virtual network, its policy. Default:"
              + " by the mesh's own addresses, names and prefixes, and by hostname routes.")
  private @Nullable String binding;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "Ask in this network of the mesh. Default: in the one that leads there.")
  private @Nullable String network;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "wrangler.json, .jsonc or .toml. Default: found as wrangler finds it.")
  private @Nullable Path config;

  @Option(
      names = "--directory",
      paramLabel = "FILE",
      description = "The connectivity directory. Default: directory.jsonc or .toml beside it.")
  private @Nullable Path directory;

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME",
      description = "The named environment. Default: $CLOUDFLARE_ENV.")
  private @Nullable String environment;

  @SuppressWarnings("NullAway.Init")
  PingTarget() {}

  /**
   * A destination, perhaps by a name that is still to be resolved.
   *
   * @param network where it is
   * @param nodeId the participant that the route names; empty for whichever has the address
   * @param host a name, or an address as text
   * @param addresses what it is known to be
   * @param resolvers who knows it otherwise
   */
  record Destination(
      MeshNetwork network,
      String nodeId,
      String host,
      List<IpAddress> addresses,
      List<InetSocketAddress> resolvers) {

    /** The address to be asked, of a family that {@code node} has. */
    IpAddress address(MeshNode node) throws Failure {
      var known = addresses.isEmpty() ? resolved(node) : addresses;
      var own = node.addresses().stream().map(IpAddress::family).toList();
      return known.stream()
          .filter(address -> own.contains(address.family()))
          .findFirst()
          .orElseThrow(
              () ->
                  new Failure(
                      ExitCode.USAGE,
                      host + " is " + known + ", and this side has no address of that family."));
    }

    private List<IpAddress> resolved(MeshNode node) throws Failure {
      var asking = node.resolve(host, nodeId, resolvers);
      try {
        return asking.get(RESOLVE_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw new Failure(ExitCode.USAGE, host + ": " + reason(e) + ".");
      } catch (TimeoutException e) {
        throw new Failure(ExitCode.USAGE, host + ": no resolver of the mesh answers.");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Failure(ExitCode.USAGE, "Interrupted while resolving " + host + ".");
      } finally {
        asking.cancel(false);
      }
    }

    private static String reason(ExecutionException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      return String.valueOf(cause.getMessage());
    }
  }

  /** What the directory says now. */
  DirectorySnapshot snapshot() throws ConfigurationException, Failure {
    var sources =
        Configuration.sources(Optional.ofNullable(config), Optional.ofNullable(directory));
    var file =
        sources
            .directory()
            .orElseThrow(
                () ->
                    new Failure(
                        ExitCode.USAGE,
                        "There is no directory here; 'vpc4j mesh init' makes one, --directory"
                            + " names one."));
    var result = DirectoryReader.read(file, Environment.system());
    return result.snapshot().orElseThrow(() -> new ConfigurationException(result.problems()));
  }

  /**
   * Where {@code given} is: a participant's name, with or without {@code .mesh}, an address, or a
   * name of a hostname route, which the resolvers of that route know.
   */
  Destination find(String given, DirectorySnapshot snapshot) throws VpcException, Failure {
    var found = search(given, snapshot);
    if (network != null && !found.network().name().equals(network.toLowerCase(Locale.ROOT))) {
      throw new Failure(
          ExitCode.USAGE,
          given + " is in " + found.network().described() + ", not in " + network + ".");
    }
    if (!found.network().isJoined()) {
      throw new Failure(
          ExitCode.USAGE, "This side is no part of the mesh; 'vpc4j mesh init' makes it one.");
    }
    return found;
  }

  private Destination search(String given, DirectorySnapshot snapshot)
      throws VpcException, Failure {
    var mesh = snapshot.mesh();
    if (mesh.networks().stream().noneMatch(MeshNetwork::isJoined)) {
      throw new Failure(
          ExitCode.USAGE, "This side is no part of the mesh; 'vpc4j mesh init' makes it one.");
    }
    var host = given.toLowerCase(Locale.ROOT).replaceAll("^\\[(.*)]$", "$1");
    var label = host.endsWith(SUFFIX) ? host.substring(0, host.length() - SUFFIX.length()) : host;
    var named =
        snapshot.nodes().values().stream().filter(node -> node.name().equals(label)).findFirst();
    if (binding != null) {
      var spec = new BindingSpec.Network(binding, target(), false);
      try {
        return routed(named.map(node -> node.name() + SUFFIX).orElse(host), spec, snapshot);
      } catch (VpcException e) {
        throw new Failure(ExitCode.USAGE, String.valueOf(e.getMessage()));
      }
    }
    if (named.isPresent()) {
      var node = named.orElseThrow();
      return new Destination(
          mesh.networkOf(node), node.nodeId(), given, requireAddresses(node), List.of());
    }
    var address = IpAddress.parse(host);
    if (address.isPresent()) {
      var in = network(address.orElseThrow(), snapshot);
      return new Destination(in, "", given, List.of(address.orElseThrow()), List.of());
    }
    try {
      return routed(host, ANY_BINDING, snapshot);
    } catch (VpcException e) {
      throw new Failure(
          ExitCode.USAGE,
          "\""
              + Table.shown(given)
              + "\" is no address, and nobody in the mesh has that name; 'vpc4j mesh list' says who"
              + " is there. "
              + e.getMessage());
    }
  }

  /** The network that was named, or that leads to an address; the directory's own if none does. */
  private MeshNetwork network(IpAddress address, DirectorySnapshot snapshot) throws Failure {
    var mesh = snapshot.mesh();
    if (network != null) {
      return mesh.network(network.toLowerCase(Locale.ROOT))
          .orElseThrow(
              () ->
                  new Failure(
                      ExitCode.USAGE, "No network of the mesh is called \"" + network + "\"."));
    }
    try {
      return routed(address.toString(), ANY_BINDING, snapshot).network();
    } catch (VpcException | Failure e) {
      // No node's, as the default virtual network has it; who takes part says the rest.
      return mesh.own().isJoined()
          ? mesh.own()
          : mesh.others().stream().filter(MeshNetwork::isJoined).findFirst().orElse(mesh.own());
    }
  }

  private static List<IpAddress> requireAddresses(NodeRecord node) throws Failure {
    if (node.addresses().isEmpty()) {
      throw new Failure(
          ExitCode.USAGE, node.name() + " has no address of its own; ping one behind it.");
    }
    return node.addresses();
  }

  /** As a connection through the binding would go. */
  private static Destination routed(String host, BindingSpec spec, DirectorySnapshot snapshot)
      throws VpcException, Failure {
    var compiled = new BindingRoutes.Compiled(Directory.fixed(snapshot));
    var routes = new BindingRoutes(spec, compiled, hop -> Optional.empty());
    var route = routes.connect(host, NO_PORT);
    if (route.hop() instanceof NodeHop hop) {
      var node = snapshot.nodes().get(hop.nodeId());
      var mesh = snapshot.mesh();
      return new Destination(
          node == null ? mesh.own() : mesh.networkOf(node),
          hop.nodeId(),
          route.host(),
          route.addresses(),
          route.resolverIps());
    }
    throw new Failure(
        ExitCode.USAGE,
        host + " is reached by " + route.hop() + ", which is no node of the mesh: no echo.");
  }

  private NetworkTarget target() throws VpcException, Failure {
    var builder = Vpc.builder().watch(false);
    if (config != null) {
      builder.config(config);
    }
    if (directory != null) {
      builder.directory(directory);
    }
    if (environment != null) {
      builder.environment(environment);
    }
    try (var vpc = builder.open()) {
      if (binding == null || !vpc.bindings().contains(binding)) {
        throw new Failure(
            ExitCode.USAGE,
            "No binding is called \"" + binding + "\". There are: " + vpc.bindings() + ".");
      }
      if (vpc.binding(binding) instanceof VpcNetwork network) {
        return network.target();
      }
      throw new Failure(ExitCode.USAGE, binding + " is a service: ping wants a network.");
    }
  }
}
