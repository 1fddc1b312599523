package io.vpc4j.core.config.directory;

import io.vpc4j.Limits;
import io.vpc4j.Problem;
import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.directory.Reading.Lookups;
import io.vpc4j.core.config.directory.RoutesReader.Place;
import io.vpc4j.core.directory.CidrRoute;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.net.Cidr;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a directory file into a snapshot, or says everything that is wrong with it.
 *
 * <p>The format goes by the file's name: {@code .toml} is TOML 1.1, anything else JSON with
 * comments and trailing commas. The bounds of {@link io.vpc4j.core.config.ConfigDocument} hold.
 */
public final class DirectoryReader {

  private DirectoryReader() {}

  /**
   * What came of a reading.
   *
   * @param snapshot empty if there is an error among the problems
   * @param problems in the order of the file, at most {@value Problems#MAX_LISTED} and a last one
   *     that counts the rest
   * @param files the file itself, and every other whose content had a part in it
   */
  public record Result(
      Optional<DirectorySnapshot> snapshot, List<Problem> problems, Set<Path> files) {
    /** Copies. */
    public Result {
      problems = List.copyOf(problems);
      files = Set.copyOf(files);
    }
  }

  /**
   * Reads {@code file}. Throws nothing: that there is no such file is a problem like others.
   *
   * @param file what relative paths in it are relative to is its folder
   * @param environment where {@code env:NAME} is looked up
   */
  public static Result read(Path file, Environment environment) {
    var path = file.toAbsolutePath().normalize();
    var problems = new Problems(file.toString());
    var reading = new Reading(problems, folderOf(path), environment, Lookups.ALL);
    return result(path, reading, DirectoryText.read(path, problems));
  }

  /**
   * Reads what {@code file} may come to hold. References to secrets and certificates must be well
   * formed and are not looked up, so the snapshot has none of these: it is for whoever edits the
   * file, on a machine that may not have them.
   *
   * @param file its name, for messages and the dialect; it is not opened
   * @param octets what it would hold
   */
  public static Result check(Path file, byte[] octets) {
    var path = file.toAbsolutePath().normalize();
    var problems = new Problems(file.toString());
    var reading = new Reading(problems, folderOf(path), Environment.of(Map.of()), Lookups.NONE);
    return result(path, reading, DirectoryText.parse(path, octets, problems));
  }

  private static Path folderOf(Path path) {
    var folder = path.getParent();
    return folder == null ? path : folder;
  }

  private static Result result(Path path, Reading reading, Optional<ConfigValue> root) {
    var snapshot =
        root.flatMap(value -> Item.root(reading, value).section(Shape.DIRECTORY))
            .map(DirectoryReader::snapshot);
    var files = new LinkedHashSet<Path>();
    files.add(path);
    files.addAll(reading.files);
    var problems = reading.problems;
    return new Result(
        problems.hasErrors() ? Optional.empty() : snapshot, problems.inOrder(), files);
  }

  /** Section by section, those that are referred to before those that refer to them. */
  private static DirectorySnapshot snapshot(Section directory) {
    directory.text("$schema");
    var tunnels = NetworksReader.tunnels(directory);
    var virtualNetworks = NetworksReader.virtualNetworks(directory);
    var meshReader = new MeshReader();
    var mesh = meshReader.read(directory);
    var routes = RoutesReader.routes(directory, meshReader.nodes, meshReader.announced);
    checkOwnAddresses(directory, mesh, meshReader.nodes, routes);
    var hostnameRoutes = RoutesReader.hostnameRoutes(directory);
    var services = ServicesReader.read(directory);
    var edge = EdgeReader.read(directory);
    var loopback = new LoopbackReader().read(directory);
    var limits = BindingsReader.limits(directory, Limits.defaults());
    return new DirectorySnapshot(
        tunnels,
        virtualNetworks,
        routes,
        hostnameRoutes,
        services,
        meshReader.nodes,
        loopback,
        BindingsReader.bindings(directory, limits),
        transports(directory),
        mesh.equals(MeshSettings.NONE)
            ? mesh
            : mesh.withMemory(
                edge.map(EdgeSettings::stateFolder)
                    .orElseGet(() -> EdgeReader.defaultStateFolder(directory))
                    .resolve("mesh")),
        edge,
        limits);
  }

  /** A route of one address must not lead past the participant whose address it is. */
  private static void checkOwnAddresses(
      Section directory, MeshSettings mesh, Map<String, NodeRecord> nodes, List<CidrRoute> routes) {
    var hops = new LinkedHashMap<Place, CidrRoute>();
    for (var route : routes) {
      if (route.network().prefixLength() == route.network().network().family().bits()) {
        hops.put(new Place(route.virtualNetworkId(), route.network()), route);
      }
    }
    for (var node : nodes.values()) {
      for (var address : node.addresses()) {
        var virtualNetwork = mesh.networkOf(node).virtualNetworkId();
        var route = hops.get(new Place(virtualNetwork, Cidr.of(address)));
        if (route != null && !route.hop().toString().equals("node:" + node.nodeId())) {
          directory.error(
              "a route leads "
                  + address
                  + " to "
                  + route.hop()
                  + ", but it is the address of \""
                  + node.name()
                  + "\"");
        }
      }
    }
  }

  private static Map<String, Map<String, Object>> transports(Section directory) {
    var transports = new LinkedHashMap<String, Map<String, Object>>();
    directory
        .entries("transports")
        .forEach(
            (name, item) -> {
              var members = new LinkedHashMap<String, Object>();
              item.entries().forEach((key, member) -> members.put(key, member.plain()));
              transports.put(name, members);
            });
    return transports;
  }
}
