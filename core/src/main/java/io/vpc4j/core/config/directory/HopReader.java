package io.vpc4j.core.config.directory;

import io.vpc4j.core.spi.NextHop;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** {@code tunnel_id}, {@code node_id} or {@code via}: who carries what the object speaks of. */
final class HopReader {

  private static final List<String> FIELDS = List.of("tunnel_id", "node_id", "via");

  /** {@code scheme:id}, the scheme as in RFC 3986 3.1. */
  private static final Pattern VIA = Pattern.compile("([a-z][a-z0-9+.-]{0,31}):(\\S{1,512})");

  /** Schemes that would read as hops of our own. */
  private static final Set<String> OURS = Set.of("tunnel", "node", "local", "cf1");

  private HopReader() {}

  /** The hop; empty, and the problem noted, unless exactly one field is there and means a hop. */
  static Optional<NextHop> read(Section section) {
    var present = FIELDS.stream().filter(section::has).toList();
    if (present.size() != 1) {
      section.error(
          present.isEmpty()
              ? "must have a \"tunnel_id\", a \"node_id\" or a \"via\""
              : "must have only one of \"" + String.join("\", \"", present) + "\"");
      return Optional.empty();
    }
    var name = present.get(0);
    return section
        .field(name)
        .flatMap(
            item ->
                switch (name) {
                  case "tunnel_id" -> tunnel(item);
                  case "node_id" -> node(item);
                  default -> via(item);
                });
  }

  private static Optional<NextHop> tunnel(Item item) {
    var tunnels = item.reading().tunnels;
    return item.text()
        .filter(id -> item.refersTo("tunnel_id", id, tunnels.keySet(), "\"tunnels\""))
        .map(NextHop.TunnelHop::new);
  }

  private static Optional<NextHop> node(Item item) {
    var nodes = item.reading().nodes;
    return item.text()
        .filter(id -> item.refersTo("node_id", id, nodes.keySet(), "\"mesh.nodes\""))
        .filter(id -> isNoDevice(item, id))
        .map(NextHop.NodeHop::new);
  }

  private static boolean isNoDevice(Item item, String id) {
    if (item.reading().devices.contains(id)) {
      item.error("\"" + id + "\" is a device, which carries its own addresses alone");
      return false;
    }
    return true;
  }

  private static Optional<NextHop> via(Item item) {
    return item.text().flatMap(text -> via(item, text));
  }

  private static Optional<NextHop> via(Item item, String text) {
    var matcher = VIA.matcher(text);
    if (!matcher.matches()) {
      item.error("must be \"scheme:id\", the scheme of a transport from elsewhere");
      return Optional.empty();
    }
    var scheme = matcher.group(1);
    if (OURS.contains(scheme)) {
      item.error(
          "\"" + scheme + ":\" is no transport from elsewhere; use \"tunnel_id\" or \"node_id\"");
      return Optional.empty();
    }
    return Optional.of(new NextHop.CustomHop(scheme, matcher.group(2)));
  }
}
