package io.vpc4j.mesh;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.mesh.wireguard.conf.ConfEntry;
import io.vpc4j.mesh.wireguard.conf.ConfProblem;
import io.vpc4j.mesh.wireguard.conf.ConfReader;
import io.vpc4j.mesh.wireguard.conf.ConfSection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What the keys of a {@code wg-quick} file mean. wg(8), wg-quick(8)
 *
 * <p>{@code Address}, {@code DNS} and {@code AllowedIPs} may be repeated and hold lists; another
 * key that is repeated counts as last given, as with {@code wg}, but for {@code PublicKey}, which
 * begins no new peer and is an error. Every problem is found, not the first alone.
 */
final class WgQuickReader {

  private static final int KEY_OCTETS = 32;

  private final List<ConfProblem> problems = new ArrayList<>();

  private WgQuickReader() {}

  static WgQuickFile read(String text) throws WgQuickException {
    var reader = new WgQuickReader();
    var file = reader.file(ConfReader.read(text, reader.problems::add));
    if (!reader.problems.isEmpty() || file == null) {
      throw new WgQuickException(
          reader.problems.stream()
              .sorted((a, b) -> Integer.compare(a.line(), b.line()))
              .map(ConfProblem::toString)
              .toList());
    }
    return file;
  }

  private @Nullable WgQuickFile file(List<ConfSection> sections) {
    WgQuickFile.Self self = null;
    var seen = false;
    var peers = new ArrayList<WgQuickFile.Peer>();
    var lines = new HashMap<String, Integer>();
    for (var section : sections) {
      if (section.name().equalsIgnoreCase("Interface")) {
        if (seen) {
          problem(section.line(), "a second [Interface]");
        }
        seen = true;
        self = self(section);
      } else if (section.name().equalsIgnoreCase("Peer")) {
        var peer = peer(section);
        if (peer != null) {
          var before = lines.putIfAbsent(peer.publicKey(), section.line());
          if (before != null) {
            problem(section.line(), "the same PublicKey as in the [Peer] on line " + before);
          }
          peers.add(peer);
        }
      } else {
        problem(section.line(), "[" + section.name() + "] is neither [Interface] nor [Peer]");
      }
    }
    if (!seen) {
      problem(1, "there is no [Interface]");
    }
    return self == null ? null : new WgQuickFile(self, peers);
  }

  private WgQuickFile.@Nullable Self self(ConfSection section) {
    Secret privateKey = null;
    var hasKey = false;
    var port = OptionalInt.empty();
    var mtu = OptionalInt.empty();
    var addresses = new ArrayList<WgQuickFile.LinkAddress>();
    var dns = new ArrayList<IpAddress>();
    var domains = new ArrayList<String>();
    var others = new ArrayList<WgQuickFile.Other>();
    for (var entry : section.entries()) {
      switch (entry.key().toLowerCase(Locale.ROOT)) {
        case "privatekey" -> {
          hasKey = true;
          privateKey = secret(entry);
        }
        case "listenport" -> port = number(entry, 0, 65_535);
        case "mtu" -> mtu = number(entry, 576, 65_535);
        case "address" -> each(entry, (item, line) -> linkAddress(item, line, addresses));
        case "dns" ->
            each(
                entry,
                (item, line) ->
                    IpAddress.parse(item).ifPresentOrElse(dns::add, () -> domains.add(item)));
        default -> others.add(new WgQuickFile.Other(entry.key(), entry.value()));
      }
    }
    if (!hasKey) {
      problem(section.line(), "[Interface] has no PrivateKey");
    }
    if (port.isPresent() && port.getAsInt() == 0) {
      port = OptionalInt.empty(); // any
    }
    return privateKey == null
        ? null
        : new WgQuickFile.Self(privateKey, port, addresses, dns, domains, mtu, others);
  }

  private WgQuickFile.@Nullable Peer peer(ConfSection section) {
    String publicKey = null;
    var hasKey = false;
    Optional<Secret> preshared = Optional.empty();
    var allowed = new ArrayList<Cidr>();
    Optional<String> endpoint = Optional.empty();
    Optional<Duration> keepalive = Optional.empty();
    var others = new ArrayList<WgQuickFile.Other>();
    for (var entry : section.entries()) {
      switch (entry.key().toLowerCase(Locale.ROOT)) {
        case "publickey" -> {
          if (hasKey) {
            problem(entry.line(), "a second PublicKey; is a [Peer] missing above it?");
          }
          hasKey = true;
          publicKey = publicKey(entry);
        }
        case "presharedkey" ->
            preshared = Optional.ofNullable(secret(entry)).filter(WgQuickReader::isGiven);
        case "allowedips" -> each(entry, (item, line) -> prefix(item, line, allowed));
        case "endpoint" -> endpoint = Optional.ofNullable(endpoint(entry));
        case "persistentkeepalive" -> keepalive = keepalive(entry);
        default -> others.add(new WgQuickFile.Other(entry.key(), entry.value()));
      }
    }
    if (!hasKey) {
      problem(section.line(), "[Peer] has no PublicKey");
    }
    var distinct = List.copyOf(new java.util.LinkedHashSet<>(allowed));
    return publicKey == null
        ? null
        : new WgQuickFile.Peer(publicKey, preshared, distinct, endpoint, keepalive, others);
  }

  // ---- values
  // ------------------------------------------------------------------------------------

  private interface Item {
    void take(String item, int line);
  }

  private static void each(ConfEntry entry, Item item) {
    for (var part : List.of(entry.value().split(",", -1))) {
      item.take(part.strip(), entry.line());
    }
  }

  private void linkAddress(String text, int line, List<WgQuickFile.LinkAddress> into) {
    var slash = text.indexOf('/');
    var address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
    if (address.isEmpty()) {
      problem(line, "Address wants an address such as 10.0.0.1/24, not \"" + text + '"');
      return;
    }
    var bits = address.get().family().bits();
    var length = slash < 0 ? bits : prefixLength(text.substring(slash + 1), bits);
    if (length < 0) {
      problem(
          line, "a prefix length is 0 to " + bits + ", not \"" + text.substring(slash + 1) + '"');
      return;
    }
    into.add(new WgQuickFile.LinkAddress(address.get(), length));
  }

  /** wg clears host bits; so {@code 10.0.0.7/24} is 10.0.0.0/24. */
  private void prefix(String text, int line, List<Cidr> into) {
    var slash = text.indexOf('/');
    var address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
    if (address.isEmpty()) {
      problem(line, "AllowedIPs wants prefixes such as 10.0.0.0/24, not \"" + text + '"');
      return;
    }
    var bits = address.get().family().bits();
    var length = slash < 0 ? bits : prefixLength(text.substring(slash + 1), bits);
    if (length < 0) {
      problem(
          line, "a prefix length is 0 to " + bits + ", not \"" + text.substring(slash + 1) + '"');
      return;
    }
    into.add(Cidr.around(address.get(), length));
  }

  private static int prefixLength(String text, int bits) {
    if (!text.matches("[0-9]{1,3}")) {
      return -1;
    }
    var length = Integer.parseInt(text);
    return length <= bits ? length : -1;
  }

  private @Nullable Secret secret(ConfEntry entry) {
    byte[] octets;
    try {
      octets = Base64.getDecoder().decode(entry.value());
    } catch (IllegalArgumentException e) {
      problem(entry.line(), entry.key() + " is not base64");
      return null;
    }
    if (octets.length != KEY_OCTETS) {
      problem(entry.line(), entry.key() + " has " + octets.length + " octets, not 32");
      return null;
    }
    return Secret.of(octets);
  }

  /** wg writes a key of zeros for none. */
  private static boolean isGiven(Secret presharedKey) {
    return !presharedKey.equals(Secret.of(new byte[KEY_OCTETS]));
  }

  private @Nullable String publicKey(ConfEntry entry) {
    try {
      return MeshKeys.requirePublicKey(entry.value());
    } catch (IllegalArgumentException e) {
      problem(entry.line(), "PublicKey: " + e.getMessage());
      return null;
    }
  }

  private @Nullable String endpoint(ConfEntry entry) {
    var value = entry.value();
    var colon = value.lastIndexOf(':');
    var host = colon < 0 ? "" : value.substring(0, colon);
    var port = colon < 0 ? "" : value.substring(colon + 1);
    var bracketed = host.startsWith("[") && host.endsWith("]");
    var hostIsFine =
        bracketed
            ? IpAddress.parse(host).isPresent()
            : !host.isEmpty() && host.indexOf(':') < 0 && !host.matches(".*\\s.*");
    if (!hostIsFine
        || !port.matches("[0-9]{1,5}")
        || Integer.parseInt(port) > 65_535
        || Integer.parseInt(port) == 0) {
      problem(entry.line(), "Endpoint wants host:port or [v6]:port, not \"" + value + '"');
      return null;
    }
    return value;
  }

  private Optional<Duration> keepalive(ConfEntry entry) {
    if (entry.value().equalsIgnoreCase("off")) {
      return Optional.empty();
    }
    var seconds = number(entry, 0, 65_535);
    return seconds.isPresent() && seconds.getAsInt() > 0
        ? Optional.of(Duration.ofSeconds(seconds.getAsInt()))
        : Optional.empty();
  }

  private OptionalInt number(ConfEntry entry, int least, int most) {
    var text = entry.value();
    if (text.matches("[0-9]{1,6}")) {
      var number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return OptionalInt.of(number);
      }
    }
    problem(
        entry.line(), entry.key() + " is a number from " + least + " to " + most + ", not " + text);
    return OptionalInt.empty();
  }

  private void problem(int line, String message) {
    problems.add(new ConfProblem(line, message));
  }
}
