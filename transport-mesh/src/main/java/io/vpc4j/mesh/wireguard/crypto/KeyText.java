package io.vpc4j.mesh.wireguard.crypto;

import java.util.Base64;

/** Keys as people pass them on: 32 octets, 44 characters of base64, RFC 4648 4. */
final class KeyText {

  private static final int CHARACTERS = 44;

  private KeyText() {}

  /** The 32 octets; what is wrong is said without repeating the text, which may be a secret. */
  static byte[] decode(String text) {
    if (text.length() != CHARACTERS) {
      throw new IllegalArgumentException(
          "a key is 44 characters of base64, not " + text.length() + " characters");
    }
    byte[] octets;
    try {
      octets = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a key is 44 characters of base64; this is not base64", e);
    }
    if (octets.length != PublicKey.LENGTH) {
      throw new IllegalArgumentException("a key has 32 octets, not " + octets.length);
    }
    return octets;
  }
}
