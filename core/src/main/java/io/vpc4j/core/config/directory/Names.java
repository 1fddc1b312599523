package io.vpc4j.core.config.directory;

import io.vpc4j.core.net.IpAddress;
import java.net.IDN;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Host names in the file: what is wrong with one, and its form in a snapshot. RFC 1123 2.1 */
final class Names {

  /** RFC 1035 2.3.4, less the root. */
  private static final int MAX_LENGTH = 253;

  /** Underscores are no part of a host name, and are everywhere all the same. RFC 8552 */
  private static final Pattern LABEL =
      Pattern.compile("[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", Pattern.CASE_INSENSITIVE);

  private static final Pattern WHITESPACE = Pattern.compile("\\s");

  private Names() {}

  /** In lower case and without final dots. */
  static String normal(String hostname) {
    var end = hostname.length();
    while (end > 0 && hostname.charAt(end - 1) == '.') {
      end--;
    }
    return hostname.substring(0, end).toLowerCase(Locale.ROOT);
  }

  /**
   * What is wrong with {@code hostname}: the hosted product's checks, in its order and words, then
   * our own on what is left.
   */
  static List<String> complaints(String hostname) {
    if (hostname.isBlank()) {
      return List.of("Hostname cannot be empty.");
    }
    var complaints = new ArrayList<String>();
    if (normal(hostname).length() > MAX_LENGTH) {
      complaints.add("Hostname is too long. Maximum length is 253 characters.");
    }
    var scheme = hostname.indexOf("://");
    if (scheme >= 0) {
      complaints.add("Hostname must not include a URL scheme (e.g., remove 'https://').");
    }
    if (hostname.indexOf('/', scheme < 0 ? 0 : scheme + 3) >= 0) {
      complaints.add(
          "Hostname must not include a path. Provide only the hostname (e.g., 'api.example.com').");
    }
    var isAddress = IpAddress.parse(hostname).isPresent();
    if (isAddress) {
      complaints.add("Hostname must not be an IP address. Use \"ipv4\" or \"ipv6\" instead.");
    }
    if (!isAddress && scheme < 0 && hostname.indexOf(':') >= 0) {
      complaints.add(
          "Hostname must not include a port number. Provide only the hostname and use"
              + " \"http_port\" or \"https_port\" for ports.");
    }
    if (WHITESPACE.matcher(hostname).find()) {
      complaints.add("Hostname must not contain whitespace.");
    }
    if (complaints.isEmpty()) {
      labelComplaint(normal(hostname)).ifPresent(complaints::add);
    }
    return complaints;
  }

  /** As {@link #complaints}, where the first label may be a {@code *}. */
  static List<String> wildcardComplaints(String hostname) {
    var name = hostname.startsWith("*.") ? hostname.substring(2) : hostname;
    if (name.indexOf('*') >= 0) {
      return List.of("A wildcard stands for exactly one label, the first: '*.internal.local'.");
    }
    return complaints(name);
  }

  /** What is wrong with a name of one label, such as a node's. */
  static List<String> oneLabelComplaints(String name) {
    return name.indexOf('.') >= 0
        ? List.of("Name must be one label, without a dot.")
        : complaints(name);
  }

  private static Optional<String> labelComplaint(String name) {
    for (var label : name.split("\\.", -1)) {
      if (label.isEmpty()) {
        return Optional.of("Hostname must not contain an empty label (two dots in a row).");
      }
      if (!LABEL.matcher(label).matches()) {
        return Optional.of(
            label.length() > 63
                ? "Hostname must not contain a label of over 63 characters."
                : "Hostname must consist of letters, digits and hyphens." + asciiForm(name));
      }
    }
    // URL parsers take a name that ends in a number for an IPv4 address, and so must we.
    var last = name.substring(name.lastIndexOf('.') + 1);
    return last.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Optional.of("Hostname must not end in a number: URLs read it as an IPv4 address.")
        : Optional.empty();
  }

  private static String asciiForm(String name) {
    if (name.chars().allMatch(c -> c < 128)) {
      return "";
    }
    try {
      return " Write its ASCII form: '" + IDN.toASCII(name, IDN.USE_STD3_ASCII_RULES) + "'.";
    } catch (IllegalArgumentException e) {
      return ""; // it has none
    }
  }
}
