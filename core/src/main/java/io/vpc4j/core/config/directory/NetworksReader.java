package io.vpc4j.core.config.directory;

import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.directory.VirtualNetwork;
import io.vpc4j.core.net.Secret;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** {@code tunnels} and {@code virtual_networks}: what the other sections refer to. */
final class NetworksReader {

  /** What a connector's token holds, and a bound. */
  private static final int MIN_SECRET_OCTETS = 32;

  private static final int MAX_SECRET_OCTETS = 1_024;

  private NetworksReader() {}

  static Map<String, TunnelRecord> tunnels(Section directory) {
    var tunnels = new LinkedHashMap<String, TunnelRecord>();
    var names = new HashMap<String, Item>();
    for (var item : directory.items("tunnels")) {
      item.section(Shape.TUNNEL)
          .flatMap(section -> tunnel(section, names).map(found -> withConfig(section, found)))
          .ifPresent(tunnel -> tunnels.put(tunnel.tunnelId(), tunnel));
    }
    return tunnels;
  }

  private static Optional<TunnelRecord> tunnel(Section section, Map<String, Item> names) {
    var id = section.required("tunnel_id").flatMap(item -> newUuid(item, item.reading().tunnels));
    var name = section.required("name").flatMap(item -> item.newName(names));
    var secret =
        section
            .field("tunnel_secret")
            .flatMap(item -> References.base64(item, MIN_SECRET_OCTETS, MAX_SECRET_OCTETS));
    return id.isEmpty() || name.isEmpty()
        ? Optional.empty()
        : Optional.of(tunnel(id.orElseThrow(), name.orElseThrow(), secret));
  }

  private static TunnelRecord tunnel(String id, String name, Optional<Secret> secret) {
    return new TunnelRecord(id, name, secret);
  }

  private static TunnelRecord withConfig(Section section, TunnelRecord tunnel) {
    var config = section.field("config").map(NetworksReader::members);
    return tunnel.withConfig(config);
  }

  private static Map<String, Object> members(Item item) {
    var members = new LinkedHashMap<String, Object>();
    item.entries().forEach((name, member) -> members.put(name, member.plain()));
    return Collections.unmodifiableMap(members);
  }

  /** The default one, which need not be declared, is always among them. */
  static Map<String, VirtualNetwork> virtualNetworks(Section directory) {
    var networks = new LinkedHashMap<String, VirtualNetwork>();
    var names = new HashMap<String, Item>();
    networks.put(VirtualNetwork.DEFAULT.virtualNetworkId(), VirtualNetwork.DEFAULT);
    for (var item : directory.items("virtual_networks")) {
      item.section(Shape.VIRTUAL_NETWORK)
          .flatMap(section -> virtualNetwork(section, names))
          .ifPresent(network -> networks.put(network.virtualNetworkId(), network));
    }
    return networks;
  }

  private static Optional<VirtualNetwork> virtualNetwork(Section section, Map<String, Item> names) {
    var id = section.required("virtual_network_id").flatMap(NetworksReader::newNetworkId);
    var name = section.required("name").flatMap(item -> item.newName(names));
    section.text("comment");
    return id.isEmpty() || name.isEmpty()
        ? Optional.empty()
        : Optional.of(new VirtualNetwork(id.orElseThrow(), name.orElseThrow()));
  }

  private static Optional<String> newNetworkId(Item item) {
    var known = item.reading().virtualNetworks;
    return item.holds(VirtualNetwork.DEFAULT.virtualNetworkId())
        ? item.text().filter(id -> item.isNew(id, known))
        : newUuid(item, known);
  }

  static Optional<String> newUuid(Item item, Map<String, Item> known) {
    return item.uuid().filter(id -> item.isNew(id, known));
  }

  /** The virtual network that an object names, or the default one; empty if it names none. */
  static Optional<String> reference(Section section) {
    return reference(section, VirtualNetwork.DEFAULT.virtualNetworkId());
  }

  /** The virtual network that an object names, or {@code otherwise}; empty if there is none. */
  static Optional<String> reference(Section section, String otherwise) {
    var item = section.field("virtual_network_id");
    if (item.isEmpty()) {
      return Optional.of(otherwise);
    }
    var place = item.orElseThrow();
    var known = place.reading().virtualNetworks.keySet();
    return place
        .text()
        .filter(
            id ->
                id.equals(VirtualNetwork.DEFAULT.virtualNetworkId())
                    || place.refersTo("virtual_network_id", id, known, "\"virtual_networks\""));
  }
}
