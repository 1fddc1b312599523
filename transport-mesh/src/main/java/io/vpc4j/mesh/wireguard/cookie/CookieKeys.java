package io.vpc4j.mesh.wireguard.cookie;

import io.vpc4j.mesh.wireguard.crypto.Blake2s;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import java.nio.charset.StandardCharsets;

/** The two keys that follow from a public key; no secrets. [W] 5.4.4, 5.4.7 */
final class CookieKeys {

  private static final byte[] LABEL_MAC1 = "mac1----".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LABEL_COOKIE = "cookie--".getBytes(StandardCharsets.US_ASCII);

  private CookieKeys() {}

  /** HASH(LABEL-MAC1 || key). */
  static byte[] mac1(PublicKey receiver) {
    return Blake2s.hash(LABEL_MAC1, receiver.octets());
  }

  /** HASH(LABEL-COOKIE || key). */
  static byte[] cookie(PublicKey giver) {
    return Blake2s.hash(LABEL_COOKIE, giver.octets());
  }
}
