package io.vpc4j.tunnel.connector.serve;

import io.vpc4j.core.net.IpAddress;
import java.net.InetSocketAddress;

/**
 * Where a TCP stream or a UDP session goes: an address and a port. Names are not dialled; they are
 * resolved by the virtual DNS service first. [C] 7.1
 *
 * @param address where
 * @param port 1 to 65,535
 */
public record Destination(IpAddress address, int port) {

  /** The one destination that is served here and not dialled. [C] 7.3 */
  public static final Destination VIRTUAL_DNS =
      new Destination(IpAddress.require("2606:4700:cf1:2000::1"), 53);

  /** What an answer begins with where a rule of the connector's own says no; ours. */
  public static final String DENIED = "denied by the connector's rules: ";

  /** That of a socket. */
  static Destination of(InetSocketAddress address) {
    return new Destination(IpAddress.of(address.getAddress()), address.getPort());
  }

  /**
   * Reads {@code IPv4:port} or {@code [IPv6]:port}.
   *
   * @throws IllegalArgumentException with the words of {@code cloudflared}, which edges know. [C]
   *     7.7
   */
  public static Destination parse(String dest) {
    var colon = dest.lastIndexOf(':');
    var port = colon < 0 ? "" : dest.substring(colon + 1);
    if (colon < 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
      throw new IllegalArgumentException("not an ip:port");
    }
    var host = dest.substring(0, colon);
    var bracketed = host.startsWith("[") && host.endsWith("]");
    var address = IpAddress.parse(host);
    if (address.isEmpty() || (host.indexOf(':') >= 0 && !bracketed)) {
      throw new IllegalArgumentException(
          "ParseAddr(\"" + printable(host) + "\"): unable to parse IP");
    }
    return new Destination(address.get(), Integer.parseInt(port));
  }

  /** What strangers wrote, fit for a message. */
  private static String printable(String text) {
    var cut = text.length() > 100 ? text.substring(0, 100) : text;
    return cut.replaceAll("[^ -~]", "?").replace('"', '\'');
  }

  @Override
  public String toString() {
    return address.toUrlHost() + ":" + port;
  }
}
