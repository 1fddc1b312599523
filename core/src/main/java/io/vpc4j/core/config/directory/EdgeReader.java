package io.vpc4j.core.config.directory;

import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.directory.EdgeSettings.Listener;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.directory.EdgeSettings.ServerCertificate;
import io.vpc4j.core.net.IpAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** {@code edge}: how the tunnel's edge is started. */
final class EdgeReader {

  /** This machine alone, until somebody says otherwise. */
  private static final IpAddress DEFAULT_HOST = IpAddress.require("127.0.0.1");

  private static final String DEFAULT_STATE_FOLDER = ".vpc4j";
  private static final Pattern ACCOUNT_TAG = Pattern.compile("[0-9a-fA-F]{32}");

  private EdgeReader() {}

  static Optional<EdgeSettings> read(Section directory) {
    return directory.section("edge", Shape.EDGE).map(EdgeReader::settings);
  }

  private static EdgeSettings settings(Section section) {
    var listeners = listeners(section);
    return new EdgeSettings(
        listeners.isEmpty()
            ? List.of(listener(DEFAULT_HOST, EdgeSettings.DEFAULT_PORT))
            : listeners,
        certificate(section),
        stateFolder(section),
        section.field("account_tag").flatMap(EdgeReader::accountTag));
  }

  private static Listener listener(IpAddress host, int port) {
    return new Listener(host, port, EnumSet.allOf(Protocol.class));
  }

  private static List<Listener> listeners(Section section) {
    var listeners = new ArrayList<Listener>();
    var taken = new HashMap<String, Item>();
    for (var item : section.items("listeners")) {
      item.section(Shape.LISTENER)
          .flatMap(listener -> listener(item, listener, taken))
          .ifPresent(listeners::add);
    }
    return listeners;
  }

  private static Optional<Listener> listener(Item item, Section section, Map<String, Item> taken) {
    var hostItem = section.field("host");
    var host = hostItem.isEmpty() ? Optional.of(DEFAULT_HOST) : hostItem.flatMap(Item::address);
    var portItem = section.field("port");
    var port =
        portItem.isEmpty()
            ? Optional.of(EdgeSettings.DEFAULT_PORT)
            : portItem.flatMap(found -> found.integer(0, 65_535));
    var protocols = protocols(section);
    if (host.isEmpty() || port.isEmpty() || protocols.isEmpty()) {
      return Optional.empty();
    }
    for (var protocol : protocols) {
      var address = host.orElseThrow().toUrlHost() + ":" + port.orElseThrow();
      if (port.orElseThrow() != 0 && !item.isNew(address + " for " + protocol, taken)) {
        return Optional.empty();
      }
    }
    return Optional.of(new Listener(host.orElseThrow(), port.orElseThrow(), protocols));
  }

  private static Set<Protocol> protocols(Section section) {
    if (!section.has("protocols")) {
      return EnumSet.allOf(Protocol.class);
    }
    var protocols = EnumSet.noneOf(Protocol.class);
    var items = section.items("protocols");
    items.forEach(item -> item.choice(Protocol.class).ifPresent(protocols::add));
    if (items.isEmpty()) {
      section.field("protocols").ifPresent(item -> item.error("must name a protocol at least"));
    }
    return protocols;
  }

  private static Optional<ServerCertificate> certificate(Section section) {
    if (!section.has("certificate") && !section.has("private_key")) {
      return Optional.empty();
    }
    var certificates = section.required("certificate").flatMap(Pem::certificates);
    var keyItem = section.required("private_key");
    if (certificates.isEmpty() || keyItem.isEmpty()) {
      return Optional.empty();
    }
    var chain = certificates.orElseThrow();
    return Pem.privateKey(keyItem.orElseThrow(), chain.certificates().get(0))
        .map(key -> new ServerCertificate(chain.text(), key));
  }

  /** Where what outlives a process is kept, for a directory that says nothing of it. */
  static Path defaultStateFolder(Section section) {
    return section.reading().folder.resolve(DEFAULT_STATE_FOLDER).normalize();
  }

  private static Path stateFolder(Section section) {
    var item = section.field("state_folder");
    var folder = item.flatMap(Item::text).orElse(DEFAULT_STATE_FOLDER);
    var base = section.reading().folder;
    try {
      return base.resolve(folder).normalize();
    } catch (InvalidPathException e) {
      item.ifPresent(found -> found.error("must be a path"));
      return base;
    }
  }

  private static Optional<String> accountTag(Item item) {
    return item.text()
        .filter(
            text -> {
              if (ACCOUNT_TAG.matcher(text).matches()) {
                return true;
              }
              item.error("must be 32 hexadecimal digits");
              return false;
            })
        .map(text -> text.toLowerCase(Locale.ROOT));
  }
}
