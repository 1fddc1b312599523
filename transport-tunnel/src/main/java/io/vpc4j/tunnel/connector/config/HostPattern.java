package io.vpc4j.tunnel.connector.config;

import java.net.IDN;
import java.util.Locale;

/**
 * Which hosts a rule is for: all, one, or all below one. [C] 7.8
 *
 * @param text as the configuration spells it; empty or {@code *} for all
 * @param unicode lower case, in Unicode; for a wildcard without the star, {@code .example.com}
 * @param ascii the same in punycode
 */
public record HostPattern(String text, String unicode, String ascii) {

  /** Every host. */
  public static final HostPattern ALL = new HostPattern("", "", "");

  /** Reads a pattern; a host name, {@code *.example.com}, {@code *}, or nothing. */
  static HostPattern parse(String text, String place) throws ConfigException {
    if (text.isEmpty() || text.equals("*")) {
      return ALL;
    }
    var wildcard = text.startsWith("*.");
    var name = wildcard ? text.substring(2) : text;
    if (name.indexOf('*') >= 0) {
      throw new ConfigException(
          place, "hostname \"" + text + "\": a star may only stand first, as in *.example.com");
    }
    if (name.indexOf(':') >= 0) {
      throw new ConfigException(place, "hostname \"" + text + "\" must have no port");
    }
    if (name.isEmpty() || name.indexOf('/') >= 0 || name.chars().anyMatch(c -> c <= ' ')) {
      throw new ConfigException(place, "\"" + text + "\" is no hostname");
    }
    var unicode = IDN.toUnicode(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
    var ascii = ascii(name, text, place);
    return wildcard
        ? new HostPattern(text, "." + unicode, "." + ascii)
        : new HostPattern(text, unicode, ascii);
  }

  private static String ascii(String name, String text, String place) throws ConfigException {
    try {
      return IDN.toASCII(name, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(place, "\"" + text + "\" is no hostname: " + e.getMessage());
    }
  }

  /** Whether every host matches. */
  public boolean all() {
    return ascii.isEmpty();
  }

  /**
   * Whether {@code host} matches.
   *
   * @param host lower case, without a port
   */
  boolean matches(String host) {
    if (all()) {
      return true;
    }
    return ascii.startsWith(".")
        ? host.endsWith(ascii) || host.endsWith(unicode)
        : host.equals(ascii) || host.equals(unicode);
  }
}
