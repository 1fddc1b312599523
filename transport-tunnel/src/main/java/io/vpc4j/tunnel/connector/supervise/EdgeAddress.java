package io.vpc4j.tunnel.connector.supervise;

import java.util.Optional;

/**
 * Where an edge listens, as it was named.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without brackets
 * @param port 1 to 65,535
 */
public record EdgeAddress(String host, int port) {

  /** Checks the port. */
  public EdgeAddress {
    if (host.isEmpty() || port < 1 || port > 65_535) {
      throw new IllegalArgumentException("an edge has a host and a port from 1 to 65535");
    }
  }

  /** Reads {@code host:port}, an IPv6 address in brackets; empty if it is not that. */
  public static Optional<EdgeAddress> parse(String text) {
    var colon = text.lastIndexOf(':');
    if (colon < 1 || !text.substring(colon + 1).matches("[1-9][0-9]{0,4}")) {
      return Optional.empty();
    }
    var port = Integer.parseInt(text.substring(colon + 1));
    var host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      return Optional.empty();
    }
    return host.isEmpty() || port > 65_535
        ? Optional.empty()
        : Optional.of(new EdgeAddress(host, port));
  }

  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
