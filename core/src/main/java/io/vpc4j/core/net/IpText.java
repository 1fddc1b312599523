package io.vpc4j.core.net;

import io.vpc4j.core.net.IpAddress.Family;
import org.jspecify.annotations.Nullable;

/** Addresses as text, both ways. RFC 4291 2.2 to read IPv6, RFC 5952 4 to write it. */
final class IpText {

  private IpText() {}

  static @Nullable IpAddress parse(String text) {
    if (text.indexOf(':') < 0) {
      var bits = parseV4(text, 0, text.length());
      return bits < 0 ? null : IpAddress.ofV4((int) bits);
    }
    var bracketed = text.startsWith("[");
    if (bracketed != text.endsWith("]")) {
      return null;
    }
    return parseV6(bracketed ? text.substring(1, text.length() - 1) : text);
  }

  /** The 32 bits, or -1. */
  private static long parseV4(String text, int from, int to) {
    var bits = 0L;
    var at = from;
    for (var part = 0; part < 4; part++) {
      if (part > 0) {
        if (at >= to || text.charAt(at) != '.') {
          return -1;
        }
        at++;
      }
      var start = at;
      var value = 0;
      while (at < to && at - start < 3 && isDigit(text.charAt(at))) {
        value = value * 10 + (text.charAt(at) - '0');
        at++;
      }
      var digits = at - start;
      if (digits == 0 || value > 255 || (digits > 1 && text.charAt(start) == '0')) {
        return -1;
      }
      bits = bits << 8 | value;
    }
    return at == to ? bits : -1;
  }

  private static @Nullable IpAddress parseV6(String text) {
    var groups = new int[8];
    var count = 0;
    var gap = -1; // index of the group that "::" stands before
    var at = 0;
    var end = text.length();
    if (text.startsWith("::")) {
      gap = 0;
      at = 2;
    } else if (text.startsWith(":")) {
      return null;
    }
    while (at < end) {
      if (count == 8) {
        return null;
      }
      var next = text.indexOf(':', at);
      var stop = next < 0 ? end : next;
      if (next < 0 && text.indexOf('.', at) >= 0) {
        var v4 = count <= 6 ? parseV4(text, at, end) : -1;
        if (v4 < 0) {
          return null;
        }
        groups[count++] = (int) (v4 >>> 16);
        groups[count++] = (int) (v4 & 0xffff);
        at = end;
        break;
      }
      var value = parseGroup(text, at, stop);
      if (value < 0) {
        return null;
      }
      groups[count++] = value;
      at = stop;
      if (at < end) {
        at++; // the colon
        if (at < end && text.charAt(at) == ':') {
          if (gap >= 0) {
            return null;
          }
          gap = count;
          at++;
        } else if (at == end) {
          return null; // a single colon at the end
        }
      }
    }
    return (gap < 0) == (count < 8) ? null : assemble(groups, count, gap);
  }

  private static int parseGroup(String text, int from, int to) {
    if (to == from || to - from > 4) {
      return -1;
    }
    var value = 0;
    for (var i = from; i < to; i++) {
      var c = text.charAt(i);
      var digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private static IpAddress assemble(int[] groups, int count, int gap) {
    var words = new long[2];
    for (var i = 0; i < count; i++) {
      var place = gap >= 0 && i >= gap ? i + 8 - count : i;
      words[place / 4] |= (long) groups[i] << (48 - 16 * (place % 4));
    }
    return new IpAddress(Family.V6, words[0], words[1]);
  }

  static String format(IpAddress address) {
    if (address.family() == Family.V4) {
      var bits = (int) address.low();
      return (bits >>> 24)
          + "."
          + (bits >>> 16 & 255)
          + "."
          + (bits >>> 8 & 255)
          + "."
          + (bits & 255);
    }
    var groups = new int[8];
    for (var i = 0; i < 8; i++) {
      var word = i < 4 ? address.high() : address.low();
      groups[i] = (int) (word >>> (48 - 16 * (i % 4)) & 0xffff);
    }
    return formatV6(groups);
  }

  /** The longest run of two or more zero groups, the first of equals, is "::". RFC 5952 4.2 */
  private static String formatV6(int[] groups) {
    var runStart = -1;
    var runLength = 1;
    for (var i = 0; i < 8; i++) {
      var j = i;
      while (j < 8 && groups[j] == 0) {
        j++;
      }
      if (j - i > runLength) {
        runStart = i;
        runLength = j - i;
      }
      i = Math.max(i, j);
    }
    var text = new StringBuilder(39);
    for (var i = 0; i < 8; i++) {
      if (i == runStart) {
        text.append("::");
        i += runLength - 1;
        continue;
      }
      if (text.length() > 0 && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
