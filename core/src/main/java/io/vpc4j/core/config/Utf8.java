package io.vpc4j.core.config;

/**
 * Octets to text as Node.js does it.
 *
 * <p>The JDK's decoder differs in one case: it makes one U+FFFD of an encoded surrogate, where the
 * standard makes three, so the count in a message would differ.
 */
final class Utf8 {

  private static final char REPLACEMENT = '\uFFFD';

  private Utf8() {}

  /** Refuses the byte order marks of UTF-16 and UTF-32, in wrangler's words. */
  static void refuseForeignMarks(String fileName, byte[] octets) throws ConfigDocumentException {
    var encoding = foreignMark(octets);
    if (!encoding.isEmpty()) {
      throw new ConfigDocumentException(
          fileName, 1, 1, "Configuration file contains " + encoding + " byte order marker");
    }
  }

  private static String foreignMark(byte[] octets) {
    int b0 = octets.length > 0 ? octets[0] & 0xFF : -1;
    int b1 = octets.length > 1 ? octets[1] & 0xFF : -1;
    int b2 = octets.length > 2 ? octets[2] & 0xFF : -1;
    int b3 = octets.length > 3 ? octets[3] & 0xFF : -1;
    if (b0 == 0x00 && b1 == 0x00 && b2 == 0xFE && b3 == 0xFF) {
      return "UTF-32 BE";
    }
    if (b0 == 0xFF && b1 == 0xFE) {
      return b2 == 0x00 && b3 == 0x00 ? "UTF-32 LE" : "UTF-16 LE";
    }
    return b0 == 0xFE && b1 == 0xFF ? "UTF-16 BE" : "";
  }

  /** The text, without one leading U+FEFF. [Encoding] UTF-8 decoder */
  static String decode(byte[] octets) {
    var text = new StringBuilder(octets.length);
    int at = 0;
    while (at < octets.length) {
      int lead = octets[at++] & 0xFF;
      if (lead < 0x80) {
        text.append((char) lead);
        continue;
      }
      int needed = lead < 0xC2 || lead > 0xF4 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
      int codePoint = needed == 0 ? -1 : lead & (0x3F >> needed);
      // The first continuation octet has a narrower range after four of the leads: no overlong
      // form, no surrogate, nothing past U+10FFFF.
      int lower = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      int upper = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      for (int i = 0; i < needed; i++) {
        int next = at < octets.length ? octets[at] & 0xFF : -1;
        if (next < lower || next > upper) {
          codePoint = -1; // the octet that does not fit starts the next character
          break;
        }
        at++;
        codePoint = (codePoint << 6) | (next & 0x3F);
        lower = 0x80;
        upper = 0xBF;
      }
      if (codePoint < 0) {
        text.append(REPLACEMENT);
      } else {
        text.appendCodePoint(codePoint);
      }
    }
    return text.length() > 0 && text.charAt(0) == '\uFEFF' ? text.substring(1) : text.toString();
  }
}
