package io.vpc4j.core.config.directory;

import io.vpc4j.core.config.directory.RoutesReader.Place;
import io.vpc4j.core.directory.MeshSettings;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.NodeRecord.Announcement;
import io.vpc4j.core.directory.NodeRecord.Kind;
import io.vpc4j.core.directory.NodeRecord.Peer;
import io.vpc4j.core.directory.VirtualNetwork;
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

  private final Map<String, Item> names = new HashMap<>();
  private final Map<IpAddress, Item> addresses = new HashMap<>();
  private final Map<String, Item> publicKeys = new HashMap<>();

  /** Reads the section into the fields above; our own part is returned. */
  MeshSettings read(Section directory) {
    var found = directory.section("mesh", Shape.MESH);
    if (found.isEmpty()) {
      return MeshSettings.NONE;
    }
    var section = found.orElseThrow();
    var key =
        section
            .field("private_key")
            .flatMap(item -> References.base64(item, KEY_OCTETS, KEY_OCTETS));
    var port =
        section
            .field("listen_port")
            .flatMap(item -> item.integer(0, 65_535))
            .orElse(MeshSettings.DEFAULT_LISTEN_PORT);
    var own = addresses(section);
    section.items("nodes").forEach(item -> participant(item, Shape.NODE, Kind.NODE));
    section.items("devices").forEach(item -> participant(item, Shape.DEVICE, Kind.DEVICE));
    return new MeshSettings(key, port, own);
  }

  private void participant(Item item, Shape shape, Kind kind) {
    item.section(shape)
        .flatMap(section -> participant(section, kind))
        .ifPresent(node -> nodes.put(node.nodeId(), node));
  }

  private Optional<NodeRecord> participant(Section section, Kind kind) {
    var id = section.required("node_id").flatMap(item -> newId(item, kind));
    var name =
        section
            .required("name")
            .flatMap(
                item ->
                    item.hostname(Names::oneLabelComplaints)
                        .filter(text -> item.isNew(text, names)));
    var own = addresses(section);
    var routes = kind == Kind.NODE ? announcements(section) : List.<Announcement>of();
    var priority =
        kind == Kind.NODE
            ? section.field("priority").flatMap(item -> item.integer(0, 65_535))
            : Optional.<Integer>empty();
    var peer = peer(section);
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
                peer));
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

  private List<IpAddress> addresses(Section section) {
    var own = new ArrayList<IpAddress>();
    for (var item : section.items("addresses")) {
      item.address().filter(address -> item.isNew(address, addresses)).ifPresent(own::add);
    }
    return own;
  }

  private List<Announcement> announcements(Section section) {
    var routes = new ArrayList<Announcement>();
    var own = new HashMap<Place, Item>();
    for (var item : section.items("routes")) {
      announcement(item, own).ifPresent(routes::add);
    }
    return routes;
  }

  /** A prefix alone, or an object that says more of it. */
  private Optional<Announcement> announcement(Item item, Map<Place, Item> own) {
    if (item.isText()) {
      return item.cidr()
          .flatMap(
              network ->
                  announcement(item, own, network, VirtualNetwork.DEFAULT.virtualNetworkId(), ""));
    }
    return item.section(Shape.ANNOUNCEMENT)
        .flatMap(
            section -> {
              var network = section.required("network").flatMap(Item::cidr);
              var virtualNetwork = NetworksReader.reference(section);
              var comment = section.text("comment").orElse("");
              return network.isEmpty() || virtualNetwork.isEmpty()
                  ? Optional.empty()
                  : announcement(
                      section.field("network").orElseThrow(),
                      own,
                      network.orElseThrow(),
                      virtualNetwork.orElseThrow(),
                      comment);
            });
  }

  private Optional<Announcement> announcement(
      Item item, Map<Place, Item> own, Cidr network, String virtualNetwork, String comment) {
    var place = new Place(virtualNetwork, network);
    if (!item.isNew(place, own, "the prefix " + network)) {
      return Optional.empty();
    }
    announced.putIfAbsent(place, item);
    return Optional.of(new Announcement(network, virtualNetwork, comment));
  }

  private Optional<Peer> peer(Section section) {
    if (!section.has("public_key")) {
      for (var field : List.of("endpoint", "preshared_key", "persistent_keepalive")) {
        section.refuse(field, "has no meaning without a \"public_key\"");
      }
      return Optional.empty();
    }
    var publicKey = section.field("public_key").flatMap(this::publicKey);
    var endpoint = section.field("endpoint").flatMap(MeshReader::endpoint);
    var presharedKey =
        section
            .field("preshared_key")
            .flatMap(item -> References.base64(item, KEY_OCTETS, KEY_OCTETS));
    var keepalive = section.field("persistent_keepalive").flatMap(MeshReader::keepalive);
    return publicKey.map(key -> new Peer(key, endpoint, presharedKey, keepalive));
  }

  private Optional<String> publicKey(Item item) {
    return item.text()
        .filter(
            key -> {
              if (References.decode(key).length == KEY_OCTETS) {
                return item.isNew(key, publicKeys);
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
