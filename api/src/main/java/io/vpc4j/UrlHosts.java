package io.vpc4j;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Hosts of URLs: addresses in every form the WHATWG URL standard reads, and names. [URL] 3.5 */
final class UrlHosts {

  private static final long TOO_LARGE = 1L << 32;
  private static final int PIECES = 8;

  private UrlHosts() {}

  /** {@code %41} is {@code A}; octets that are not UTF-8 become U+FFFD. */
  static String percentDecoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    var out = new ByteArrayOutputStream(text.length());
    var octets = text.getBytes(StandardCharsets.UTF_8);
    for (var i = 0; i < octets.length; i++) {
      if (octets[i] == '%' && i + 2 < octets.length) {
        var high = Character.digit(octets[i + 1], 16);
        var low = Character.digit(octets[i + 2], 16);
        if (high >= 0 && low >= 0) {
          out.write(high << 4 | low);
          i += 2;
          continue;
        }
      }
      out.write(octets[i]);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Whether a name has a character that no name has. */
  static boolean hasForbidden(String domain) {
    for (var i = 0; i < domain.length(); i++) {
      var c = domain.charAt(i);
      if (c <= ' ' || c >= 0x7f || "#/:<>?@[\\]^|%".indexOf(c) >= 0) {
        return true;
      }
    }
    return false;
  }

  // ---- IPv4

  /** Whether it must be read as an IPv4 address, and is invalid if it is none. */
  static boolean endsInANumber(String domain) {
    var end = domain.endsWith(".") ? domain.length() - 1 : domain.length();
    var last = domain.substring(domain.lastIndexOf('.', end - 1) + 1, end);
    return !last.isEmpty()
        && (last.chars().allMatch(c -> c >= '0' && c <= '9') || number(last) >= 0);
  }

  /** The 32 bits; -1 if it is no address. Octal, hexadecimal and short forms are. */
  static long ipv4(String domain) {
    var text = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
    var parts = text.split("\\.", -1);
    if (parts.length > 4) {
      return -1;
    }
    var address = 0L;
    for (var i = 0; i < parts.length; i++) {
      var value = number(parts[i]);
      var lastOne = i == parts.length - 1;
      var bits = lastOne ? 8 * (4 - i) : 8;
      if (value < 0 || value >= 1L << bits) {
        return -1;
      }
      address = address << bits | value;
    }
    return address;
  }

  /** One part; -1 if it is no number. Saturates beyond 32 bits. */
  private static long number(String part) {
    if (part.isEmpty()) {
      return -1;
    }
    var radix = 10;
    var start = 0;
    if (part.startsWith("0x") || part.startsWith("0X")) {
      radix = 16;
      start = 2;
    } else if (part.length() > 1 && part.charAt(0) == '0') {
      radix = 8;
      start = 1;
    }
    var value = 0L;
    for (var i = start; i < part.length(); i++) {
      var c = part.charAt(i);
      var digit = c < 0x80 ? Character.digit(c, radix) : -1;
      if (digit < 0) {
        return -1;
      }
      value = Math.min(TOO_LARGE, value * radix + digit);
    }
    return value;
  }

  static String dotted(long address) {
    return (address >> 24)
        + "."
        + (address >> 16 & 0xff)
        + "."
        + (address >> 8 & 0xff)
        + "."
        + (address & 0xff);
  }

  // ---- IPv6

  /** Reads an address without its brackets and writes it as RFC 5952 has it; null if it is none. */
  static @Nullable String ipv6(String text) {
    var pieces = new int[PIECES];
    var count = 0;
    var gap = -1;
    var i = 0;
    if (text.startsWith("::")) {
      gap = 0;
      i = 2;
    } else if (text.isEmpty() || text.charAt(0) == ':') {
      return null;
    }
    while (i < text.length()) {
      if (count == PIECES) {
        return null;
      }
      if (text.charAt(i) == ':') {
        if (gap >= 0) {
          return null;
        }
        gap = count;
        i++;
        continue;
      }
      var start = i;
      var value = 0;
      while (i < text.length() && i < start + 4 && hex(text.charAt(i)) >= 0) {
        value = value << 4 | hex(text.charAt(i++));
      }
      if (i < text.length() && text.charAt(i) == '.') {
        return i == start || count > PIECES - 2 || !tail(text.substring(start), pieces, count)
            ? null
            : write(pieces, count + 2, gap);
      }
      if (i == start) {
        return null;
      }
      pieces[count++] = value;
      if (i < text.length()) {
        if (text.charAt(i) != ':' || ++i == text.length()) {
          return null;
        }
      }
    }
    return write(pieces, count, gap);
  }

  /** An IPv4 address at the end: four decimal numbers without leading zeros, and nothing else. */
  private static boolean tail(String text, int[] pieces, int count) {
    var parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return false;
    }
    for (var i = 0; i < 4; i++) {
      var part = parts[i];
      var decimal = part.chars().allMatch(c -> c >= '0' && c <= '9');
      if (part.isEmpty()
          || part.length() > 3
          || !decimal
          || (part.length() > 1 && part.charAt(0) == '0')) {
        return false;
      }
      var value = Integer.parseInt(part);
      if (value > 255) {
        return false;
      }
      pieces[count + i / 2] = pieces[count + i / 2] << 8 | value;
    }
    return true;
  }

  private static @Nullable String write(int[] pieces, int count, int gap) {
    if (gap < 0 ? count != PIECES : count == PIECES) {
      return null;
    }
    var all = new int[PIECES];
    var before = gap < 0 ? count : gap;
    System.arraycopy(pieces, 0, all, 0, before);
    System.arraycopy(pieces, before, all, PIECES - (count - before), count - before);
    return written(all);
  }

  private static String written(int[] pieces) {
    var bestStart = -1;
    var bestLength = 1; // a single zero is not compressed
    for (var i = 0; i < PIECES; i++) {
      var end = i;
      while (end < PIECES && pieces[end] == 0) {
        end++;
      }
      if (end - i > bestLength) {
        bestStart = i;
        bestLength = end - i;
      }
      i = Math.max(i, end - 1);
    }
    var text = new StringBuilder(39);
    for (var i = 0; i < PIECES; i++) {
      if (i == bestStart) {
        text.append(i == 0 ? "::" : ":");
        i += bestLength - 1;
        continue;
      }
      text.append(Integer.toHexString(pieces[i]));
      if (i < PIECES - 1) {
        text.append(':');
      }
    }
    return text.toString();
  }

  private static int hex(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }
}
