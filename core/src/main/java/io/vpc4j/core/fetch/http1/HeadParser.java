package io.vpc4j.core.fetch.http1;

import io.vpc4j.Headers;
import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.exchange.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads the head of a response: status line and fields, up to and with the empty line. Pure.
 *
 * <p>Where RFC 9112 lets a recipient choose between repairing and refusing, this refuses: every
 * repair is a place where two readers of the same octets can disagree, and that is what request and
 * response smuggling are made of. The one leniency is a status line without the space before an
 * absent reason phrase, which many servers send and which nobody reads in two ways.
 *
 * <p>Values are decoded as UTF-8, malformed octets become U+FFFD, as the hosted runtime has it.
 */
final class HeadParser {

  private static final boolean[] TOKEN = new boolean[128]; // RFC 9110 5.6.2

  static {
    for (var c = 0; c < 128; c++) {
      TOKEN[c] =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
  }

  /** What the decoder needs to know besides what the application sees. */
  static final class Head {
    final ResponseHead response;
    final long contentLength; // -1 for none
    final boolean chunked;
    final boolean persistent; // RFC 9112 9.3

    Head(ResponseHead response, long contentLength, boolean chunked, boolean persistent) {
      this.response = response;
      this.contentLength = contentLength;
      this.chunked = chunked;
      this.persistent = persistent;
    }
  }

  private final byte[] octets;
  private final int end;
  private int at;
  private String[] pairs = new String[24];
  private int pairCount;
  private long contentLength = -1;
  private boolean chunked;
  private boolean close;

  private HeadParser(byte[] octets, int end) {
    this.octets = octets;
    this.end = end;
  }

  /**
   * Reads a whole head.
   *
   * @param octets begins with the status line and ends, before {@code end}, with an empty line; the
   *     caller has seen to it that every LF follows a CR
   */
  static Head parse(byte[] octets, int end) throws VpcException {
    return new HeadParser(octets, end).head();
  }

  /**
   * Reads a trailer section, which looks like the fields of a head. Fields that would frame or
   * route the message are dropped: RFC 9110 6.5.1
   *
   * @param end behind the empty line
   */
  static Headers parseTrailers(byte[] octets, int end) throws VpcException {
    var parser = new HeadParser(octets, end);
    parser.fields(true);
    return parser.headers();
  }

  private Head head() throws VpcException {
    // HTTP-version SP status-code SP [ reason-phrase ] CRLF; RFC 9112 4
    var lineEnd = lineEnd(0);
    if (lineEnd < 12
        || !startsWith("HTTP/1.")
        || !isDigit(octets[7])
        || octets[8] != ' '
        || !isDigit(octets[9])
        || !isDigit(octets[10])
        || !isDigit(octets[11])) {
      throw Malformed.response("the status line is none");
    }
    var minor = octets[7] - '0';
    var status = (octets[9] - '0') * 100 + (octets[10] - '0') * 10 + (octets[11] - '0');
    if (status < 100 || status > 599) {
      throw Malformed.response("the status is " + status);
    }
    var reason = "";
    if (lineEnd > 12) {
      if (octets[12] != ' ') {
        throw Malformed.response("the status is longer than three digits");
      }
      reason = value(13, lineEnd);
    }
    at = lineEnd + 2;
    fields(false);
    if (minor == 0 && chunked) {
      // RFC 9112 6.1: the framing of such a message is faulty.
      throw Malformed.response("HTTP/1.0 with Transfer-Encoding");
    }
    // An HTTP/1.0 peer's connection is not reused, keep-alive or not: RFC 9112 C.2.2 tells why.
    return new Head(
        new ResponseHead(status, reason, headers(), minor == 0 ? "HTTP/1.0" : "HTTP/1.1"),
        contentLength,
        chunked,
        minor != 0 && !close);
  }

  private void fields(boolean trailers) throws VpcException {
    while (octets[at] != '\r' || at != end - 2) {
      var lineEnd = lineEnd(at);
      if (octets[at] == ' ' || octets[at] == '\t') {
        throw Malformed.response("a folded field line"); // obs-fold, RFC 9112 5.2
      }
      var colon = at;
      while (octets[colon] >= 0 && TOKEN[octets[colon]]) {
        colon++;
      }
      if (colon == at || octets[colon] != ':') {
        throw Malformed.response("a field name is no token, or no colon follows it");
      }
      var from = colon + 1;
      var to = lineEnd;
      while (from < to && isBlank(octets[from])) {
        from++;
      }
      while (to > from && isBlank(octets[to - 1])) {
        to--;
      }
      var name = FieldNames.of(octets, at, colon);
      if (trailers) {
        if (!framesOrRoutes(name)) {
          add(name, value(from, to));
        }
      } else {
        var value = value(from, to);
        add(name, value);
        note(name, value);
      }
      at = lineEnd + 2;
    }
    if (contentLength >= 0 && chunked) {
      throw Malformed.response("both Content-Length and Transfer-Encoding"); // RFC 9112 6.3, 3.
    }
  }

  /** What frames the message. RFC 9112 6.1 to 6.3, 9.6 */
  private void note(String name, String value) throws VpcException {
    switch (name.length()) {
      case 10 -> {
        if (name.equalsIgnoreCase("connection")) {
          close |= hasToken(value, "close");
        }
      }
      case 14 -> {
        if (name.equalsIgnoreCase("content-length")) {
          if (contentLength >= 0) {
            throw Malformed.response("more than one Content-Length");
          }
          contentLength = length(value);
        }
      }
      case 17 -> {
        if (name.equalsIgnoreCase("transfer-encoding")) {
          if (chunked || !value.equalsIgnoreCase("chunked")) {
            throw Malformed.response(
                "a Transfer-Encoding other than chunked, which was not asked for");
          }
          chunked = true;
        }
      }
      default -> {}
    }
  }

  private static long length(String value) throws VpcException {
    if (value.isEmpty() || value.length() > 18) {
      throw Malformed.response("a Content-Length that is no number of octets");
    }
    var length = 0L;
    for (var i = 0; i < value.length(); i++) {
      var c = value.charAt(i);
      if (c < '0' || c > '9') {
        throw Malformed.response("a Content-Length that is no number of octets");
      }
      length = length * 10 + (c - '0');
    }
    return length;
  }

  /** Whether a comma-separated list holds {@code token}. */
  static boolean hasToken(String list, String token) {
    var from = 0;
    while (from <= list.length()) {
      var comma = list.indexOf(',', from);
      var to = comma < 0 ? list.length() : comma;
      if (list.substring(from, to).trim().equalsIgnoreCase(token)) {
        return true;
      }
      from = to + 1;
    }
    return false;
  }

  private static boolean framesOrRoutes(String name) {
    return switch (name.length()) {
      case 4 -> name.equalsIgnoreCase("host");
      case 7 -> name.equalsIgnoreCase("trailer");
      case 10 -> name.equalsIgnoreCase("connection") || name.equalsIgnoreCase("keep-alive");
      case 12 -> name.equalsIgnoreCase("content-type");
      case 13 -> name.equalsIgnoreCase("content-range");
      case 14 -> name.equalsIgnoreCase("content-length");
      case 16 -> name.equalsIgnoreCase("content-encoding");
      case 17 -> name.equalsIgnoreCase("transfer-encoding");
      default -> false;
    };
  }

  private void add(String name, String value) {
    if (pairCount == pairs.length) {
      pairs = Arrays.copyOf(pairs, pairCount * 2);
    }
    pairs[pairCount++] = name;
    pairs[pairCount++] = value;
  }

  private Headers headers() {
    return Headers.ofChecked(Arrays.copyOf(pairs, pairCount));
  }

  /** A value, or a reason phrase; neither holds CR, LF or NUL. RFC 9110 5.5 */
  private String value(int from, int to) throws VpcException {
    for (var i = from; i < to; i++) {
      if (octets[i] == 0 || octets[i] == '\r') {
        throw Malformed.response("a bare CR or a NUL in the head");
      }
    }
    return from >= to ? "" : new String(octets, from, to - from, StandardCharsets.UTF_8);
  }

  /** Where the CRLF of the line that begins at {@code from} stands. */
  private int lineEnd(int from) {
    var i = from;
    while (octets[i] != '\n') {
      i++;
    }
    return i - 1;
  }

  private boolean startsWith(String prefix) {
    for (var i = 0; i < prefix.length(); i++) {
      if (octets[i] != prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(byte octet) {
    return octet >= '0' && octet <= '9';
  }

  private static boolean isBlank(byte octet) {
    return octet == ' ' || octet == '\t';
  }
}
