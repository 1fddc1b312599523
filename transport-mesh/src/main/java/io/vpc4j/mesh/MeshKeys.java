package io.vpc4j.mesh;

import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * WireGuard's keys as text, as {@code wg genkey}, {@code wg pubkey} and {@code wg genpsk} make
 * them: 32 octets in 44 characters of base64. Safe for use by many threads.
 *
 * <p>What the first and the last return is a secret: it belongs in a file that only its owner
 * reads.
 */
public final class MeshKeys {

  private MeshKeys() {}

  /** A new private key. */
  public static String generatePrivateKey() {
    var key = PrivateKey.generate(new SecureRandom()::nextBytes);
    var text = key.toSecretBase64();
    key.wipe();
    return text;
  }

  /**
   * The public key of a private one.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong and not what was given
   */
  public static String publicKey(String privateKey) {
    var key = PrivateKey.ofBase64(privateKey.strip());
    key.wipe();
    return key.publicKey().toString();
  }

  /** A new pre-shared key, which both peers are given. */
  public static String generatePresharedKey() {
    var octets = new byte[PublicKey.LENGTH];
    new SecureRandom().nextBytes(octets);
    return Base64.getEncoder().encodeToString(octets);
  }

  /**
   * Checks that {@code text} is a public key, and returns it without space around it.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public static String requirePublicKey(String text) {
    var key = PublicKey.ofBase64(text.strip());
    if (key.isZero()) {
      throw new IllegalArgumentException("a key of zeros is nobody's");
    }
    return key.toString();
  }
}
