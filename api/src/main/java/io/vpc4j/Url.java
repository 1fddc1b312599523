package io.vpc4j;

import java.util.Locale;
import java.util.Objects;

/**
 * An absolute http or https URL, read by the WHATWG rules as {@code fetch} reads it.
 *
 * <p>Fragment and user information are dropped: they do not go on the wire.
 */
public final class Url {

  private final String scheme;
  private final String host;
  private final int port;
  private final String path;
  private final String text;

  private Url(String scheme, String host, int port, String path) {
    this.scheme = scheme;
    this.host = host;
    this.port = port;
    this.path = path;
    this.text = scheme + "://" + authority(scheme, host, port) + path;
  }

  /**
   * Reads an absolute URL.
   *
   * @throws IllegalArgumentException {@code Invalid URL: …} if it is not one; {@code Fetch API
   *     cannot load: …} if its scheme is neither http nor https
   */
  public static Url parse(String url) {
    var colon = url.indexOf("://");
    if (colon <= 0) {
      throw new IllegalArgumentException("Invalid URL: " + url);
    }
    var scheme = url.substring(0, colon).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException("Fetch API cannot load: " + url);
    }
    var hash = url.indexOf('#');
    var end = hash < 0 ? url.length() : hash;
    var start = colon + 3;
    var slash = start;
    while (slash < end && url.charAt(slash) != '/' && url.charAt(slash) != '?') {
      slash++;
    }
    var authority =
        url.substring(
            url.lastIndexOf('@', slash - 1) < start ? start : url.lastIndexOf('@', slash - 1) + 1,
            slash);
    var path = url.substring(slash, end);
    if (!path.startsWith("/")) {
      path = "/" + path;
    }
    var port = scheme.equals("http") ? 80 : 443;
    var portColon = authority.lastIndexOf(':');
    var host = authority;
    if (portColon > authority.lastIndexOf(']')) {
      host = authority.substring(0, portColon);
      var digits = authority.substring(portColon + 1);
      if (!digits.isEmpty()) {
        try {
          port = Integer.parseInt(digits);
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException("Invalid URL: " + url, e);
        }
      }
    }
    if (host.isEmpty() || port < 0 || port > 65_535) {
      throw new IllegalArgumentException("Invalid URL: " + url);
    }
    return new Url(scheme, host.toLowerCase(Locale.ROOT), port, path);
  }

  /**
   * Reads a Location against this URL.
   *
   * @throws IllegalArgumentException if it cannot be read, or leads to another scheme than http and
   *     https
   */
  public Url resolve(String reference) {
    if (reference.contains("://")) {
      return parse(reference);
    }
    if (reference.startsWith("/")) {
      return parse(origin() + reference);
    }
    return parse(origin() + path.substring(0, path.lastIndexOf('/') + 1) + reference);
  }

  /** {@code http} or {@code https}. */
  public String scheme() {
    return scheme;
  }

  /** Whether TLS is spoken. */
  public boolean secure() {
    return scheme.length() == 5;
  }

  /** A name in lower case, an IPv4 address in dotted form, or an IPv6 address in brackets. */
  public String host() {
    return host;
  }

  /** The port, the scheme's default if none is given. */
  public int port() {
    return port;
  }

  /** Path and query, as on the request line; begins with {@code /}. */
  public String pathAndQuery() {
    return path;
  }

  /** Host, and port unless it is the scheme's default: what the Host field carries. */
  public String authority() {
    return authority(scheme, host, port);
  }

  /** Scheme and authority. */
  public String origin() {
    return scheme + "://" + authority();
  }

  /** Whether scheme, host and port are the same. */
  public boolean sameOrigin(Url other) {
    return scheme.equals(other.scheme) && host.equals(other.host) && port == other.port;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Url url && text.equals(url.text);
  }

  @Override
  public int hashCode() {
    return Objects.hash(text);
  }

  /** The URL as it is fetched. */
  @Override
  public String toString() {
    return text;
  }

  private static String authority(String scheme, String host, int port) {
    return port == (scheme.length() == 5 ? 443 : 80) ? host : host + ":" + port;
  }
}
