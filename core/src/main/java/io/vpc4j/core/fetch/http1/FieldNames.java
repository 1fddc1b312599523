package io.vpc4j.core.fetch.http1;

/**
 * The names that most responses carry, so that they need no string of their own. A name is found
 * only if it is spelled as here, octet for octet: what the application sees is what was sent.
 */
final class FieldNames {

  private static final int SLOTS = 512;
  private static final String[] TABLE = new String[SLOTS];

  static {
    for (var name :
        new String[] {
          "Accept-Ranges",
          "Access-Control-Allow-Origin",
          "Age",
          "Allow",
          "Alt-Svc",
          "Cache-Control",
          "Connection",
          "Content-Disposition",
          "Content-Encoding",
          "Content-Language",
          "Content-Length",
          "Content-Location",
          "Content-Range",
          "Content-Security-Policy",
          "Content-Type",
          "Date",
          "ETag",
          "Etag",
          "Expires",
          "Keep-Alive",
          "Last-Modified",
          "Link",
          "Location",
          "Pragma",
          "Retry-After",
          "Server",
          "Set-Cookie",
          "Strict-Transport-Security",
          "Trailer",
          "Transfer-Encoding",
          "Upgrade",
          "Vary",
          "Via",
          "WWW-Authenticate",
          "X-Content-Type-Options",
          "X-Frame-Options",
          "X-Powered-By",
          "X-Request-Id"
        }) {
      put(name);
      put(lower(name));
    }
  }

  private FieldNames() {}

  /** The name in {@code octets}, which are a token. */
  static String of(byte[] octets, int from, int to) {
    var known = TABLE[slot(octets[from], octets[to - 1], to - from)];
    if (known != null && known.length() == to - from) {
      var i = 0;
      while (i < known.length() && known.charAt(i) == octets[from + i]) {
        i++;
      }
      if (i == known.length()) {
        return known;
      }
    }
    return new String(octets, from, to - from, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  private static void put(String name) {
    var slot = slot((byte) name.charAt(0), (byte) name.charAt(name.length() - 1), name.length());
    if (TABLE[slot] == null) {
      TABLE[slot] = name; // the first one stays; a later one is merely not shared
    }
  }

  private static int slot(byte first, byte last, int length) {
    return (first * 31 * 31 + last * 31 + length) & (SLOTS - 1);
  }

  private static String lower(String name) {
    return name.toLowerCase(java.util.Locale.ROOT);
  }
}
