package io.vpc4j;

import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The WHATWG URL standard's basic URL parser, as far as it concerns http and https. [URL] 4.4
 *
 * <p>Its states are this class's methods, in the order in which they follow each other.
 */
final class UrlParser {

  private static final char END = '\uffff'; // no character of any URL

  private final String original;
  private final String in;
  private final @Nullable Url base;
  private int at;

  private String scheme = "";
  private String host = "";
  private int port;
  private List<String> path = new ArrayList<>();
  private @Nullable String query;

  UrlParser(String text, @Nullable Url base) {
    original = text;
    in = withoutTabsAndNewlines(trimmed(text));
    this.base = base;
  }

  private IllegalArgumentException invalid() {
    return new IllegalArgumentException("Invalid URL: " + original);
  }

  private char next() {
    return at < in.length() ? in.charAt(at) : END;
  }

  private static boolean isSlash(char c) {
    return c == '/' || c == '\\'; // special schemes take both
  }

  private static String trimmed(String text) {
    var begin = 0;
    var end = text.length();
    while (begin < end && text.charAt(begin) <= ' ') {
      begin++;
    }
    while (end > begin && text.charAt(end - 1) <= ' ') {
      end--;
    }
    return text.substring(begin, end);
  }

  private static String withoutTabsAndNewlines(String text) {
    var kept = new StringBuilder(text.length());
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      if (c != '\t' && c != '\n' && c != '\r') {
        kept.append(c);
      }
    }
    return kept.toString();
  }

  // ---- scheme

  Url parse() {
    var colon = schemeEnd();
    if (colon >= 0) {
      at = colon + 1;
      scheme = in.substring(0, colon).toLowerCase(Locale.ROOT);
      if (!scheme.equals("http") && !scheme.equals("https")) {
        throw new IllegalArgumentException("Fetch API cannot load: " + original);
      }
      if (base != null && base.scheme().equals(scheme) && !in.startsWith("//", at)) {
        relative(base);
      } else {
        skipSlashes();
        authority();
      }
    } else if (base != null) {
      scheme = base.scheme();
      relative(base);
    } else {
      throw invalid();
    }
    return url();
  }

  /** Where the colon behind a scheme is; -1 if there is no scheme. */
  private int schemeEnd() {
    for (var i = 0; i < in.length(); i++) {
      var c = in.charAt(i);
      var letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      var later = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
      if (i > 0 && c == ':') {
        return i;
      }
      if (!letter && (i == 0 || !later)) {
        return -1;
      }
    }
    return -1;
  }

  private void skipSlashes() {
    while (isSlash(next())) {
      at++;
    }
  }

  // ---- relative

  private void relative(Url base) {
    if (isSlash(next()) && at + 1 < in.length() && isSlash(in.charAt(at + 1))) {
      skipSlashes();
      authority();
      return;
    }
    host = base.host();
    port = base.port();
    if (isSlash(next())) {
      pathAndQuery();
      return;
    }
    var basePath = base.pathAndQuery();
    var mark = basePath.indexOf('?');
    path = segments(mark < 0 ? basePath : basePath.substring(0, mark));
    if (next() == '?') {
      query();
    } else if (next() == END || next() == '#') {
      query = mark < 0 ? null : basePath.substring(mark + 1);
    } else {
      path.remove(path.size() - 1);
      segmentsThenQuery();
    }
  }

  private static List<String> segments(String path) {
    return new ArrayList<>(List.of(path.substring(1).split("/", -1)));
  }

  // ---- authority

  private void authority() {
    var end = at;
    while (end < in.length() && !isSlash(in.charAt(end)) && "?#".indexOf(in.charAt(end)) < 0) {
      end++;
    }
    var authority = in.substring(at, end);
    at = end;
    // User information does not go on the wire: it is dropped here.
    hostAndPort(authority.substring(authority.lastIndexOf('@') + 1));
    pathAndQuery();
  }

  private void hostAndPort(String text) {
    var colon = -1;
    var inBrackets = false;
    for (var i = 0; i < text.length() && colon < 0; i++) {
      var c = text.charAt(i);
      inBrackets = c == '[' || (inBrackets && c != ']');
      if (c == ':' && !inBrackets) {
        colon = i;
      }
    }
    var name = colon < 0 ? text : text.substring(0, colon);
    if (name.isEmpty()) {
      throw invalid();
    }
    host = host(name);
    port = colon < 0 || colon == text.length() - 1 ? defaultPort() : port(text, colon + 1);
  }

  private int defaultPort() {
    return scheme.length() == 5 ? 443 : 80;
  }

  private int port(String text, int start) {
    var number = 0;
    for (var i = start; i < text.length(); i++) {
      var digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw invalid();
      }
      number = 10 * number + digit;
      if (number > 65_535) {
        throw invalid();
      }
    }
    return number;
  }

  // ---- host. [URL] 3.5

  private String host(String text) {
    if (text.charAt(0) == '[') {
      if (text.charAt(text.length() - 1) != ']') {
        throw invalid();
      }
      var address = UrlHosts.ipv6(text.substring(1, text.length() - 1));
      if (address == null) {
        throw invalid();
      }
      return "[" + address + "]";
    }
    var domain = ascii(UrlHosts.percentDecoded(text));
    if (domain.isEmpty() || UrlHosts.hasForbidden(domain)) {
      throw invalid();
    }
    if (!UrlHosts.endsInANumber(domain)) {
      return domain;
    }
    var address = UrlHosts.ipv4(domain);
    if (address < 0) {
      throw invalid();
    }
    return UrlHosts.dotted(address);
  }

  /** Names beyond ASCII by the JDK's IDNA of 2003; see {@link Url}. */
  private String ascii(String domain) {
    if (domain.chars().allMatch(c -> c < 0x80)) {
      return domain.toLowerCase(Locale.ROOT);
    }
    try {
      return IDN.toASCII(domain, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("Invalid URL: " + original, e);
    }
  }

  // ---- path and query

  private void pathAndQuery() {
    if (isSlash(next())) {
      at++;
    }
    segmentsThenQuery();
  }

  private void segmentsThenQuery() {
    while (true) {
      var start = at;
      while (at < in.length() && !isSlash(next()) && next() != '?' && next() != '#') {
        at++;
      }
      var segment = in.substring(start, at);
      var last = !isSlash(next());
      if (isDoubleDot(segment)) {
        if (!path.isEmpty()) {
          path.remove(path.size() - 1);
        }
        if (last) {
          path.add("");
        }
      } else if (isSingleDot(segment)) {
        if (last) {
          path.add("");
        }
      } else {
        path.add(encoded(segment, "\"#<>?^`{}"));
      }
      if (last) {
        break;
      }
      at++;
    }
    if (next() == '?') {
      query();
    }
  }

  private void query() {
    var hash = in.indexOf('#', at);
    query = encoded(in.substring(at + 1, hash < 0 ? in.length() : hash), "\"#<>'");
  }

  private static boolean isSingleDot(String segment) {
    return segment.equals(".") || segment.equalsIgnoreCase("%2e");
  }

  private static boolean isDoubleDot(String segment) {
    return switch (segment.length()) {
      case 2 -> segment.equals("..");
      case 4 -> segment.equalsIgnoreCase(".%2e") || segment.equalsIgnoreCase("%2e.");
      case 6 -> segment.equalsIgnoreCase("%2e%2e");
      default -> false;
    };
  }

  /** With controls, blanks, what is not ASCII, and {@code more} percent-encoded. [URL] 1.3 */
  private static String encoded(String text, String more) {
    var clean = true;
    for (var i = 0; i < text.length() && clean; i++) {
      clean = isPlain(text.charAt(i), more);
    }
    if (clean) {
      return text;
    }
    var out = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            point -> {
              if (point < 0x80 && isPlain((char) point, more)) {
                out.append((char) point);
              } else {
                var scalar = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
                for (var octet : Character.toString(scalar).getBytes(StandardCharsets.UTF_8)) {
                  out.append('%').append(hex(octet >> 4)).append(hex(octet));
                }
              }
            });
    return out.toString();
  }

  private static boolean isPlain(char c, String more) {
    return c > ' ' && c < 0x7f && more.indexOf(c) < 0;
  }

  private static char hex(int digit) {
    return "0123456789ABCDEF".charAt(digit & 0xf);
  }

  private Url url() {
    var target = new StringBuilder();
    for (var segment : path) {
      target.append('/').append(segment);
    }
    if (path.isEmpty()) {
      target.append('/');
    }
    if (query != null) {
      target.append('?').append(query);
    }
    return new Url(scheme, host, port, target.toString());
  }
}
