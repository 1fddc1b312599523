package io.vpc4j.core.config.directory;

import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.directory.MeshNetwork.Recordings;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.directory.VirtualNetwork;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Our own part in the mesh: that of {@code mesh} itself, and {@code mesh.networks}. */
final class MeshNetworksReader {

  private static final int KEY_OCTETS = 32;

  /** In place of a name that is wrong. */
  private static final String NAMELESS = "?";

  /** By name, in the order of the file, the directory's own first. */
  private final Map<String, MeshNetwork> networks = new LinkedHashMap<>();

  private final Map<String, Item> names = new HashMap<>();
  private final Map<String, Map<IpAddress, Item>> addresses = new HashMap<>();
  private final Map<Integer, Item> ports = new HashMap<>();
  private final Map<Path, Item> recordings = new HashMap<>();

  /** Reads the section. */
  MeshSettings read(Section mesh) {
    var own = own(mesh);
    networks.put(own.name(), own);
    for (var item : mesh.items("networks")) {
      item.section(Shape.MESH_NETWORK)
          .flatMap(this::named)
          .ifPresent(network -> networks.put(network.name(), network));
    }
    return new MeshSettings(own, networks.values().stream().filter(each -> !each.isOwn()).toList());
  }

  private MeshNetwork own(Section mesh) {
    var port = port(mesh, MeshNetwork.DEFAULT_LISTEN_PORT);
    mesh.field("private_key").ifPresent(key -> port(mesh.field("listen_port").orElse(key), port));
    return new MeshNetwork(
        MeshNetwork.OWN,
        mesh.field("private_key").flatMap(MeshNetworksReader::key),
        port,
        addresses(mesh, MeshNetwork.OWN),
        mtu(mesh),
        RoutesReader.resolverIps(mesh),
        VirtualNetwork.DEFAULT.virtualNetworkId(),
        hub(mesh, Optional.of(Policy.BUILT_IN)),
        recordings(mesh),
        Optional.empty());
  }

  private Optional<MeshNetwork> named(Section section) {
    var name = section.required("name").flatMap(item -> item.newLabel(names));
    var key = section.required("private_key").flatMap(MeshNetworksReader::key);
    var port = port(section, 0);
    section.field("listen_port").ifPresent(item -> port(item, port));
    var own = addresses(section, name.orElse(NAMELESS));
    if (section.required("addresses").isPresent() && section.items("addresses").isEmpty()) {
      section.field("addresses").ifPresent(item -> item.error("must have an address at least"));
    }
    var virtualNetwork = NetworksReader.reference(section);
    var mtu = mtu(section);
    var resolvers = RoutesReader.resolverIps(section);
    var hub = hub(section, Optional.empty());
    var files = recordings(section);
    return name.isEmpty() || virtualNetwork.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new MeshNetwork(
                name.orElseThrow(),
                key,
                port,
                own,
                mtu,
                resolvers,
                virtualNetwork.orElseThrow(),
                hub,
                files,
                Optional.empty()));
  }

  private static Optional<Secret> key(Item item) {
    return References.base64(item, KEY_OCTETS, KEY_OCTETS);
  }

  private static int port(Section section, int otherwise) {
    return section.field("listen_port").flatMap(item -> item.integer(0, 65_535)).orElse(otherwise);
  }

  /** Notes a port that is taken by a network before. */
  private void port(Item item, int port) {
    if (port != 0) {
      item.isNew(port, ports, "the UDP port " + port);
    }
  }

  private List<IpAddress> addresses(Section section, String network) {
    var own = new ArrayList<IpAddress>();
    for (var item : section.items("addresses")) {
      item.address().filter(address -> item.isNew(address, addresses(network))).ifPresent(own::add);
    }
    return own;
  }

  /** Whose every address in a network is; participants are entered as they are read. */
  Map<IpAddress, Item> addresses(String network) {
    return addresses.computeIfAbsent(network, any -> new HashMap<>());
  }

  private static int mtu(Section section) {
    return section
        .field("mtu")
        .flatMap(item -> item.integer(MeshNetwork.MIN_MTU_OCTETS, MeshNetwork.MAX_MTU_OCTETS))
        .orElse(MeshNetwork.DEFAULT_MTU_OCTETS);
  }

  /** {@code true}, {@code false}, or a policy. */
  private static Optional<Policy> hub(Section section, Optional<Policy> otherwise) {
    var field = section.field("hub");
    if (field.isEmpty()) {
      return otherwise;
    }
    var item = field.orElseThrow();
    if (item.isFlag()) {
      return item.flag().filter(on -> on).map(on -> Policy.BUILT_IN);
    }
    if (item.isObject()) {
      return PolicyReader.ofPackets(item);
    }
    item.error("must be true, false, or a policy");
    return Optional.empty();
  }

  private Recordings recordings(Section section) {
    var pcap = section.field("pcap").flatMap(this::recording);
    var keyLog = section.field("key_log");
    keyLog.ifPresent(
        item ->
            item.warning(
                "the keys of every handshake are written down; whoever reads that file reads every"
                    + " packet"));
    return new Recordings(pcap, keyLog.flatMap(this::recording));
  }

  private Optional<Path> recording(Item item) {
    var text = item.text();
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (text.orElseThrow().isBlank()) {
      item.error("must be a path");
      return Optional.empty();
    }
    try {
      var path = item.reading().folder.resolve(text.orElseThrow()).normalize();
      return Optional.of(path).filter(file -> item.isNew(file, recordings, "the file " + file));
    } catch (InvalidPathException e) {
      item.error("must be a path");
      return Optional.empty();
    }
  }

  // ---- for those who refer to one

  /** The network that a participant names, or the directory's own; empty if it is none. */
  Optional<MeshNetwork> reference(Section participant) {
    var item = participant.field("network");
    if (item.isEmpty()) {
      return Optional.ofNullable(networks.get(MeshNetwork.OWN));
    }
    var place = item.orElseThrow();
    return place
        .text()
        .filter(name -> place.refersTo("name", name, names.keySet(), "\"mesh.networks\""))
        .flatMap(name -> Optional.ofNullable(networks.get(name)));
  }
}
