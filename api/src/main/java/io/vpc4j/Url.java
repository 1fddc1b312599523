package io.vpc4j;

import org.jspecify.annotations.Nullable;

/**
 * An absolute http or https URL, read by the WHATWG rules as {@code fetch} reads it. [URL]
 *
 * <p>Fragment and user information are dropped: they do not go on the wire. {@code http://0x7f.1}
 * is {@code http://127.0.0.1/}, so a policy that looks at {@link #host} cannot be walked around by
 * spelling. Host names beyond ASCII are turned into {@code xn--} by the JDK's IDNA, which is that
 * of 2003: the few characters that later rules treat otherwise, such as ß, become what they were
 * then ({@code ss}); give such a name in its {@code xn--} form.
 */
public final class Url {

  /** The longest URL that is read: 65,536 characters. */
  public static final int MAX_CHARACTERS = 64 * 1024;

  private final String scheme;
  private final String host;
  private final int port;
  private final String path;
  private final String text;

  Url(String scheme, String host, int port, String path) {
    this(scheme, host, port, path, scheme + "://" + authority(scheme, host, port) + path);
  }

  private Url(String scheme, String host, int port, String path, String text) {
    this.scheme = scheme;
    this.host = host;
    this.port = port;
    this.path = path;
    this.text = text;
  }

  /**
   * Reads an absolute URL.
   *
   * @throws IllegalArgumentException {@code Invalid URL: …} if it is not one; {@code Fetch API
   *     cannot load: …} if its scheme is neither http nor https
   */
  public static Url parse(String url) {
    var plain = plain(url);
    return plain != null ? plain : new UrlParser(bounded(url), null).parse();
  }

  /**
   * Reads a reference, such as that of a {@code Location}, against this URL.
   *
   * @throws IllegalArgumentException as {@link #parse}
   */
  public Url resolve(String reference) {
    return new UrlParser(bounded(reference), this).parse();
  }

  private static String bounded(String url) {
    if (url.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "Invalid URL: " + url.substring(0, 64) + "…, of " + url.length() + " characters");
    }
    return url;
  }

  // ---- the quick way

  /**
   * A URL in which there is nothing to normalise, as almost all are: two substrings, and the text
   * as it was given. Null for any other.
   */
  private static @Nullable Url plain(String url) {
    var scheme = url.startsWith("http://") ? "http" : url.startsWith("https://") ? "https" : null;
    if (scheme == null || url.length() > MAX_CHARACTERS) {
      return null;
    }
    var start = scheme.length() + 3;
    var at = start;
    var lastDot = start - 1;
    while (at < url.length() && isPlainInHost(url.charAt(at))) {
      if (url.charAt(at) == '.') {
        lastDot = at;
      }
      at++;
    }
    var hostEnd = at;
    var port = scheme.length() == 5 ? 443 : 80;
    if (at < url.length() && url.charAt(at) == ':') {
      var given = 0;
      while (++at < url.length() && isDigit(url.charAt(at)) && given <= 65_535) {
        given = 10 * given + url.charAt(at) - '0';
      }
      if (given == 0 || given > 65_535 || given == port || url.charAt(hostEnd + 1) == '0') {
        return null;
      }
      port = given;
    }
    if (hostEnd == start
        || at == url.length()
        || url.charAt(at) != '/'
        || !isPlainHost(url, start, hostEnd, lastDot)
        || !isPlainPath(url, at)) {
      return null;
    }
    return new Url(scheme, url.substring(start, hostEnd), port, url.substring(at), url);
  }

  private static boolean isPlainInHost(char c) {
    return (c >= 'a' && c <= 'z') || isDigit(c) || c == '.' || c == '-' || c == '_';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** A name whose last label begins with a letter, or four decimal numbers. */
  private static boolean isPlainHost(String url, int start, int end, int lastDot) {
    var first = lastDot + 1 < end ? url.charAt(lastDot + 1) : '.';
    if (first >= 'a' && first <= 'z') {
      return true;
    }
    var parts = 0;
    for (var i = start; i <= end; i++) {
      var number = 0;
      var digits = i;
      while (i < end && isDigit(url.charAt(i)) && i - digits < 4) {
        number = 10 * number + url.charAt(i++) - '0';
      }
      if (i == digits || number > 255 || (i - digits > 1 && url.charAt(digits) == '0')) {
        return false;
      }
      parts++;
      if (i < end && url.charAt(i) != '.') {
        return false;
      }
    }
    return parts == 4;
  }

  private static boolean isPlainPath(String url, int start) {
    var inQuery = false;
    for (var i = start; i < url.length(); i++) {
      var c = url.charAt(i);
      if (c <= ' ' || c >= 0x7f || "\"#<>\\^`{}'".indexOf(c) >= 0) {
        return false;
      }
      inQuery |= c == '?';
      var dotted = c == '.' || (c == '%' && url.startsWith("2", i + 1));
      if (!inQuery && dotted && url.charAt(i - 1) == '/') {
        return false; // perhaps a dot segment
      }
    }
    return true;
  }

  // ---- what it is made of

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
    return text.hashCode();
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
