package io.vpc4j.core.config.directory;

import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.directory.SimulatedNetwork.Host;
import io.vpc4j.core.directory.SimulatedNetwork.Port;
import io.vpc4j.core.directory.SimulatedNetwork.Target;
import io.vpc4j.core.net.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/** {@code loopback}: the simulated network. */
final class LoopbackReader {

  private static final IpAddress LOCALHOST = IpAddress.require("127.0.0.1");

  /** As many as resolvers commonly follow; also what keeps a long chain from costing its square. */
  private static final int MAX_ALIASES = 16;

  /** Half of the addresses there are, so that a free one is near. */
  private static final int MAX_HOSTS = 65_536;

  /** What a number in the file holds exactly. */
  private static final long MAX_EXACT = (1L << 53) - 1;

  private static final Pattern SCOPE = Pattern.compile("(tunnel|network|service):\\S{1,256}");

  private final Map<String, Item> names = new HashMap<>();
  private final Map<IpAddress, Item> addresses = new HashMap<>();
  private final Map<String, Item> aliases = new LinkedHashMap<>();
  private final Map<String, Host> hosts = new LinkedHashMap<>();
  private boolean remoteTargets;

  SimulatedNetwork read(Section directory) {
    var found = directory.section("loopback", Shape.LOOPBACK);
    if (found.isEmpty()) {
      return SimulatedNetwork.EMPTY;
    }
    var section = found.orElseThrow();
    remoteTargets = section.field("allow_remote_targets").flatMap(Item::flag).orElse(Boolean.FALSE);
    var items = section.items("hosts");
    if (items.size() > MAX_HOSTS) {
      section.error("must have at most " + MAX_HOSTS + " hosts");
      return SimulatedNetwork.EMPTY;
    }
    for (var item : items) {
      item.section(Shape.LOOPBACK_HOST)
          .flatMap(host -> host(item, host))
          .ifPresent(host -> hosts.put(host.name(), host));
    }
    aliases.forEach(this::checkAlias);
    return new SimulatedNetwork(SimulatedAddresses.assign(hosts, addresses.keySet()));
  }

  // ---- hosts

  private Optional<Host> host(Item item, Section section) {
    var own = addresses(section);
    var nameItem = section.field("name");
    var name =
        nameItem.isPresent()
            ? nameItem.flatMap(found -> found.hostname(Names::complaints))
            : own.stream().findFirst().map(IpAddress::toString);
    if (name.isEmpty()) {
      if (nameItem.isEmpty()) {
        section.error("must have a \"name\" or \"addresses\"");
      }
      return Optional.empty();
    }
    if (!nameItem.orElse(item).isNew(name.orElseThrow(), names)) {
      return Optional.empty();
    }
    var alias = alias(section, name.orElseThrow());
    return Optional.of(
        new Host(
            name.orElseThrow(),
            own,
            alias,
            ports(section),
            scopes(section),
            section
                .section("faults", Shape.HOST_FAULTS)
                .map(LoopbackReader::faults)
                .orElse(Faults.NONE)));
  }

  private List<IpAddress> addresses(Section section) {
    var own = new ArrayList<IpAddress>();
    for (var item : section.items("addresses")) {
      item.address().filter(address -> item.isNew(address, addresses)).ifPresent(own::add);
    }
    return own;
  }

  private Optional<String> alias(Section section, String name) {
    var item = section.field("alias");
    var alias = item.flatMap(found -> found.hostname(Names::complaints));
    if (alias.isPresent()) {
      section.refuse("addresses", "is not for an alias, which has those of what it stands for");
      section.refuse("ports", "is not for an alias, which has those of what it stands for");
      aliases.put(name, item.orElseThrow());
    }
    return alias;
  }

  /** An alias must lead to a host, and in not too many steps. */
  private void checkAlias(String name, Item item) {
    var at = name;
    for (var steps = 0; steps <= MAX_ALIASES; steps++) {
      var host = hosts.get(at);
      if (host == null) {
        if (!names.containsKey(at)) {
          item.refersTo("name", at, names.keySet(), "\"loopback.hosts\"");
        }
        return; // or it is one that was refused already
      }
      if (host.alias().isEmpty()) {
        return;
      }
      at = host.alias().orElseThrow();
      if (at.equals(name)) {
        item.error("the alias leads back to itself");
        return;
      }
    }
    item.error("the alias leads over more than " + MAX_ALIASES + " others");
  }

  private static Set<String> scopes(Section section) {
    var scopes = new HashSet<String>();
    for (var item : section.items("scopes")) {
      item.text()
          .ifPresent(
              text -> {
                if (SCOPE.matcher(text).matches()) {
                  scopes.add(text);
                } else {
                  item.error("must be \"tunnel:ID\", \"network:ID\" or \"service:ID\"");
                }
              });
    }
    return scopes;
  }

  // ---- ports

  private Map<Integer, Port> ports(Section section) {
    var ports = new HashMap<Integer, Port>();
    section
        .entries("ports")
        .forEach(
            (name, item) -> {
              var number = Endpoints.port(name);
              if (number < 1) {
                item.error("\"" + Item.shortened(name) + "\" is not a port, 1 to 65535");
              } else {
                port(item).ifPresent(port -> ports.put(number, port));
              }
            });
    return ports;
  }

  private Optional<Port> port(Item item) {
    if (!item.isObject()) {
      return tcp(item).map(target -> new Port(target, Faults.NONE));
    }
    return item.section(Shape.LOOPBACK_PORT)
        .flatMap(
            section -> {
              var faults =
                  section
                      .section("faults", Shape.PORT_FAULTS)
                      .map(LoopbackReader::faults)
                      .orElse(Faults.NONE);
              return target(section).map(target -> new Port(target, faults));
            });
  }

  private Optional<Target> target(Section section) {
    var target = section.field("target");
    var unix = section.field("unix");
    if (target.isPresent() == unix.isPresent()) {
      section.error("must have either a \"target\" or a \"unix\"");
      return Optional.empty();
    }
    return target.isPresent() ? target.flatMap(this::tcp) : unix.flatMap(LoopbackReader::unix);
  }

  /** A port of this machine, or {@code address:port}. */
  private Optional<Target> tcp(Item item) {
    if (!item.isText()) {
      return item.integer(1, 65_535).map(port -> new Target.Tcp(Endpoints.socket(LOCALHOST, port)));
    }
    return item.text()
        .flatMap(
            text -> {
              var address =
                  text.startsWith("localhost:")
                      ? Endpoints.address(LOCALHOST + text.substring("localhost".length()))
                      : Endpoints.address(text);
              if (address.isEmpty()) {
                item.error("must be a port, or \"address:port\" with an IP address");
              }
              return address.filter(socket -> mayBeDialled(item, socket)).map(Target.Tcp::new);
            });
  }

  private boolean mayBeDialled(Item item, InetSocketAddress socket) {
    InetAddress address = socket.getAddress();
    if (remoteTargets || (address != null && address.isLoopbackAddress())) {
      return true;
    }
    item.error(
        "the simulated network leads to this machine alone, unless \"loopback\" says"
            + " \"allow_remote_targets\": true");
    return false;
  }

  private static Optional<Target> unix(Item item) {
    return item.text()
        .flatMap(
            text -> {
              try {
                return Optional.of(new Target.Unix(item.reading().folder.resolve(text)));
              } catch (InvalidPathException e) {
                item.error("must be a path");
                return Optional.empty();
              }
            });
  }

  // ---- faults

  private static Faults faults(Section section) {
    return new Faults(
        section
            .field("connect")
            .flatMap(item -> item.choice(Faults.Connect.class))
            .orElse(Faults.Connect.ACCEPT),
        section
            .fieldIfKnown("dns")
            .flatMap(item -> item.choice(Faults.Dns.class))
            .orElse(Faults.Dns.ANSWER),
        section.field("delay").flatMap(Item::duration).orElse(Duration.ZERO),
        section.fieldIfKnown("dns_delay").flatMap(Item::duration).orElse(Duration.ZERO),
        section
            .field("reset_after_octets")
            .flatMap(item -> item.whole(0, MAX_EXACT))
            .map(OptionalLong::of)
            .orElse(OptionalLong.empty()),
        section.field("bad_certificate").flatMap(Item::flag).orElse(Boolean.FALSE));
  }
}
