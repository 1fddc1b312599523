package io.vpc4j;

/**
 * Where {@link VpcNetwork#connect} goes: {@code host:port}.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without its brackets
 * @param port 0 to 65,535
 */
public record ConnectAddress(String host, int port) {

  private static final int MAX_HOST_CHARACTERS = 255;

  /** Checks the parts, as {@link #parse} does. */
  public ConnectAddress {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("Specified address is missing hostname.");
    }
    if (host.length() > MAX_HOST_CHARACTERS || !host.chars().allMatch(ConnectAddress::isHost)) {
      throw unsupported();
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("Specified address could not be parsed.");
    }
  }

  /**
   * Reads an address.
   *
   * @param address {@code host:port}; an IPv6 address in brackets
   * @throws IllegalArgumentException in the product's words: {@code Specified address could not be
   *     parsed.}, {@code … is missing hostname.}, {@code … is missing port.}, or {@code … is empty
   *     string, contains unsupported characters or is too long.}
   */
  public static ConnectAddress parse(String address) {
    if (address.isEmpty()) {
      throw unsupported();
    }
    String host;
    String port;
    if (address.startsWith("[")) {
      var bracket = address.indexOf(']');
      if (bracket < 0 || address.indexOf(':') > bracket) {
        throw new IllegalArgumentException("Specified address could not be parsed.");
      }
      host = address.substring(1, bracket);
      port = address.substring(bracket + 1);
    } else {
      var colon = address.indexOf(':');
      if (colon >= 0 && address.indexOf(':', colon + 1) >= 0) {
        throw new IllegalArgumentException("Specified address could not be parsed.");
      }
      host = colon < 0 ? address : address.substring(0, colon);
      port = colon < 0 ? "" : address.substring(colon);
    }
    if (host.isEmpty()) {
      throw new IllegalArgumentException("Specified address is missing hostname.");
    }
    if (port.isEmpty() || port.equals(":")) {
      throw new IllegalArgumentException("Specified address is missing port.");
    }
    return new ConnectAddress(host, number(port));
  }

  private static int number(String port) {
    if (port.charAt(0) != ':' || port.length() > 6) {
      throw new IllegalArgumentException("Specified address could not be parsed.");
    }
    var number = 0;
    for (var i = 1; i < port.length(); i++) {
      var digit = port.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw new IllegalArgumentException("Specified address could not be parsed.");
      }
      number = 10 * number + digit;
    }
    return number;
  }

  private static IllegalArgumentException unsupported() {
    return new IllegalArgumentException(
        "Specified address is empty string, contains unsupported characters or is too long.");
  }

  private static boolean isHost(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == ':';
  }

  /** {@code host:port}, an IPv6 address in brackets. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
