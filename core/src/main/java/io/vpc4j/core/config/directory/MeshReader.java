package io.vpc4j.core.config.directory;

import io.vpc4j.core.config.directory.RoutesReader.Place;
import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.NodeRecord.Announcement;
import io.vpc4j.core.directory.NodeRecord.Kind;
import io.vpc4j.core.directory.NodeRecord.Peer;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code mesh}: our own part in it, and the nodes and devices. */
final class MeshReader {

  private static final int KEY_OCTETS = 32;
  private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final Duration MAX_KEEPALIVE = Duration.ofSeconds(65_535);

  /** By id, in the order of the file. */
  final Map<String, NodeRecord> nodes = new LinkedHashMap<>();

  /** Where a node announces a prefix first. */
  final Map<Place, Item> announced = new HashMap<>();

  private final MeshNetworksReader networks = new MeshNetworksReader();
  private final Map<String, Item> names = new HashMap<>();

  /** Whose every address of a participant is in a virtual network. */
  private final Map<Place, Item> addresses = new HashMap<>();

  /** By network. */
  private final Map<String, Map<String, Item>> publicKeys = new HashMap<>();

  /** The network whose nodes announce a prefix. */
  private final Map<Place, String> announcers = new HashMap<>();

  /** Reads the section into the fields above; our own part is returned. */
  MeshSettings read(Section directory) {
    var found = directory.section("mesh", Shape.MESH);
    if (found.isEmpty()) {
      return MeshSettings.NONE;
    }
    var section = found.orElseThrow();
    var settings = networks.read(section);
    section.items("nodes").forEach(item -> participant(item, Shape.NODE, Kind.NODE));
    section.items("devices").forEach(item -> participant(item, Shape.DEVICE, Kind.DEVICE));
    return settings;
  }

  private void participant(Item item, Shape shape, Kind kind) {
    item.section(shape)
        .flatMap(section -> participant(section, kind))
        .ifPresent(node -> nodes.put(node.nodeId(), node));
  }

  private Optional<NodeRecord> participant(Section section, Kind kind) {
    var id = section.required("node_id").flatMap(item -> newId(item, kind));
    var name = section.required("name").flatMap(item -> item.newLabel(names));
    var network = networks.reference(section);
    if (network.isEmpty()) {
      return Optional.empty(); // what it has cannot be judged
    }
    var own = addresses(section, network.orElseThrow());
    var routes =
        kind == Kind.NODE ? announcements(section, network.orElseThrow()) : List.<Announcement>of();
    var priority =
        kind == Kind.NODE
            ? section.field("priority").flatMap(item -> item.integer(0, 65_535))
            : Optional.<Integer>empty();
    var peer = peer(section, network.orElseThrow());
    return id.isEmpty() || name.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new NodeRecord(
                id.orElseThrow(),
                name.orElseThrow(),
                kind,
                own,
                routes,
                priority.orElse(NodeRecord.DEFAULT_PRIORITY),
                peer,
                network.orElseThrow().name()));
  }

  private static Optional<String> newId(Item item, Kind kind) {
    var reading = item.reading();
    var id = item.text();
    if (id.isPresent() && !NODE_ID.matcher(id.orElseThrow()).matches()) {
      item.error("must be 1 to 64 letters, digits, dots, hyphens or underscores");
      return Optional.empty();
    }
    var unique = id.filter(text -> item.isNew(text, reading.nodes));
    if (kind == Kind.DEVICE) {
      unique.ifPresent(reading.devices::add);
    }
    return unique;
  }

  private List<IpAddress> addresses(Section section, MeshNetwork network) {
    var own = new ArrayList<IpAddress>();
    for (var item : section.items("addresses")) {
      item.address()
          .filter(address -> item.isNew(address, networks.addresses(network.name())))
          .filter(address -> isNewIn(network, address, item))
          .ifPresent(own::add);
    }
    return own;
  }

  /** Whether no participant of another network has it in the same virtual network. */
  private boolean isNewIn(MeshNetwork network, IpAddress address, Item item) {
    var place = new Place(network.virtualNetworkId(), Cidr.of(address));
    return item.isNew(
        place, addresses, address + " of virtual network " + network.virtualNetworkId());
  }

  private List<Announcement> announcements(Section section, MeshNetwork network) {
    var routes = new ArrayList<Announcement>();
    var own = new HashMap<Place, Item>();
    for (var item : section.items("routes")) {
      announcement(item, network)
          .filter(announcement -> isNew(item, own, announcement, network))
          .ifPresent(routes::add);
    }
    return routes;
  }

  /** A prefix alone, or an object that says more of it. */
  private static Optional<Announcement> announcement(Item item, MeshNetwork network) {
    if (item.isText()) {
      return item.cidr().map(prefix -> new Announcement(prefix, network.virtualNetworkId(), ""));
    }
    return item.section(Shape.ANNOUNCEMENT)
        .flatMap(
            section -> {
              var prefix = section.required("network").flatMap(Item::cidr);
              var virtualNetwork = NetworksReader.reference(section, network.virtualNetworkId());
              var comment = section.text("comment").orElse("");
              return prefix.isEmpty() || virtualNetwork.isEmpty()
                  ? Optional.empty()
                  : Optional.of(
                      new Announcement(
                          prefix.orElseThrow(), virtualNetwork.orElseThrow(), comment));
            });
  }

  /**
   * Whether the node announces it once, and no node of another network does: those stand in for
   * each other within a network alone.
   */
  private boolean isNew(
      Item item, Map<Place, Item> own, Announcement announcement, MeshNetwork network) {
    var place = new Place(announcement.virtualNetworkId(), announcement.network());
    if (!item.isNew(place, own, "the prefix " + place.network())) {
      return false;
    }
    var first = announced.putIfAbsent(place, item);
    var by = announcers.putIfAbsent(place, network.name());
    if (first != null && by != null && !by.equals(network.name())) {
      item.error(
          "the prefix "
              + place.network()
              + " is announced in another network as well"
              + first.where()
              + "; give one of the networks a \"virtual_network_id\" of its own");
      return false;
    }
    return true;
  }

  private Optional<Peer> peer(Section section, MeshNetwork network) {
    if (!section.has("public_key")) {
      for (var field : List.of("endpoint", "preshared_key", "persistent_keepalive")) {
        section.refuse(field, "has no meaning without a \"public_key\"");
      }
      return Optional.empty();
    }
    var publicKey = section.field("public_key").flatMap(item -> publicKey(item, network));
    var endpoint = section.field("endpoint").flatMap(MeshReader::endpoint);
    var presharedKey =
        section
            .field("preshared_key")
            .flatMap(item -> References.base64(item, KEY_OCTETS, KEY_OCTETS));
    var keepalive = section.field("persistent_keepalive").flatMap(MeshReader::keepalive);
    return publicKey.map(key -> new Peer(key, endpoint, presharedKey, keepalive));
  }

  private Optional<String> publicKey(Item item, MeshNetwork network) {
    var known = publicKeys.computeIfAbsent(network.name(), any -> new HashMap<>());
    return item.text()
        .filter(
            key -> {
              if (References.decode(key).length == KEY_OCTETS) {
                return item.isNew(key, known);
              }
              // Not shown: a private key may have been put here by mistake.
              item.error("must be " + KEY_OCTETS + " octets in base64");
              return false;
            });
  }

  private static Optional<String> endpoint(Item item) {
    return item.text()
        .flatMap(
            text -> {
              var endpoint = Endpoints.named(text);
              if (endpoint.isEmpty()) {
                item.error("must be \"host:port\", an IPv6 address in brackets");
              }
              return endpoint;
            });
  }

  private static Optional<Duration> keepalive(Item item) {
    var second = Duration.ofSeconds(1);
    return item.duration()
        .filter(
            duration -> {
              var whole = duration.toMillis() % second.toMillis() == 0;
              if (whole
                  && duration.compareTo(second) >= 0
                  && duration.compareTo(MAX_KEEPALIVE) <= 0) {
                return true;
              }
              item.error("must be whole seconds, \"1s\" to \"65535s\"");
              return false;
            });
  }
}
