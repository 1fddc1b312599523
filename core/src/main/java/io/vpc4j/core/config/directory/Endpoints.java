package io.vpc4j.core.config.directory;

import io.vpc4j.core.net.IpAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/** {@code host:port} in its variants. Asks no resolver. */
final class Endpoints {

  private Endpoints() {}

  /**
   * The two halves of {@code host:port}.
   *
   * @param host as it stands, brackets included
   * @param port 1 to 65,535
   */
  record HostPort(String host, int port) {}

  /** Splits at the last colon; an IPv6 address must be in brackets. */
  static Optional<HostPort> split(String text) {
    var colon = text.lastIndexOf(':');
    if (colon <= 0 || (text.indexOf(':') < colon && text.charAt(colon - 1) != ']')) {
      return Optional.empty();
    }
    var port = port(text.substring(colon + 1));
    return port < 1 ? Optional.empty() : Optional.of(new HostPort(text.substring(0, colon), port));
  }

  /** An address with a port. */
  static Optional<InetSocketAddress> address(String text) {
    return split(text)
        .flatMap(both -> IpAddress.parse(both.host()).map(address -> socket(address, both.port())));
  }

  /** An address, with or without a port. */
  static Optional<InetSocketAddress> address(String text, int defaultPort) {
    var alone = IpAddress.parse(text);
    return alone.isPresent() ? alone.map(address -> socket(address, defaultPort)) : address(text);
  }

  /** A name or an address, with a port; as text, since the name is not ours to resolve. */
  static Optional<String> named(String text) {
    return split(text)
        .filter(
            both ->
                IpAddress.parse(both.host()).isPresent() || Names.complaints(both.host()).isEmpty())
        .map(both -> Names.normal(both.host()) + ":" + both.port());
  }

  /** 0 to 65,535, or -1. Digits alone, no sign, no leading zero. */
  static int port(String digits) {
    if (!digits.matches("0|[1-9][0-9]{0,4}")) {
      return -1;
    }
    var port = Integer.parseInt(digits);
    return port > 65_535 ? -1 : port;
  }

  static InetSocketAddress socket(IpAddress address, int port) {
    return new InetSocketAddress(address.toInetAddress(), port);
  }
}
