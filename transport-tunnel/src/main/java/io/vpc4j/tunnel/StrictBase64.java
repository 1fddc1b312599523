package io.vpc4j.tunnel;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Standard base64 with its padding and nothing else. RFC 4648 4 */
final class StrictBase64 {

  private StrictBase64() {}

  /**
   * Decodes.
   *
   * @throws IllegalArgumentException that says {@code what} and nothing of the text
   */
  static byte[] decode(String text, String what) {
    byte[] octets;
    try {
      octets = Base64.getDecoder().decode(text.getBytes(StandardCharsets.US_ASCII));
    } catch (IllegalArgumentException e) {
      throw refusal(what); // the cause names a character of a secret
    }
    // The JDK's decoder takes what lacks its padding.
    if (text.length() % 4 != 0) {
      throw refusal(what);
    }
    return octets;
  }

  private static IllegalArgumentException refusal(String what) {
    return new IllegalArgumentException(what + " must be standard base64 with its padding");
  }
}
