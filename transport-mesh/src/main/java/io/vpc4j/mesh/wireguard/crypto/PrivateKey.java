package io.vpc4j.mesh.wireguard.crypto;

import java.util.Base64;

/**
 * A Curve25519 private key with its public key. Prints as a constant; {@link #wipe} overwrites it.
 */
public final class PrivateKey {

  private final SecretBytes scalar;
  private final PublicKey publicKey;

  private PrivateKey(byte[] octets) {
    X25519.clamp(octets); // as wg does on reading: any 32 octets are a key
    scalar = SecretBytes.owning(octets);
    var point = new byte[PublicKey.LENGTH];
    X25519.publicKey(octets, point);
    publicKey = PublicKey.of(point);
  }

  /** A new key. */
  public static PrivateKey generate(Entropy entropy) {
    return new PrivateKey(entropy.octets(PublicKey.LENGTH));
  }

  /**
   * The key in {@code octets}, which are copied.
   *
   * @throws IllegalArgumentException unless there are 32
   */
  public static PrivateKey of(byte[] octets) {
    if (octets.length != PublicKey.LENGTH) {
      throw new IllegalArgumentException("a key has 32 octets, not " + octets.length);
    }
    return new PrivateKey(octets.clone());
  }

  /**
   * Reads base64, RFC 4648 4, 44 characters.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong and not what was read
   */
  public static PrivateKey ofBase64(String text) {
    return new PrivateKey(KeyText.decode(text));
  }

  /** The key that peers know us by. */
  public PublicKey publicKey() {
    return publicKey;
  }

  /**
   * X25519 with a peer's key, RFC 7748 6.1.
   *
   * @param shared receives 32 octets
   * @return false if the peer's key is one of the few of small order, whose secret is known to all
   */
  public boolean agree(byte[] peerKey, byte[] shared) {
    return X25519.agree(scalar.borrow(), peerKey, shared);
  }

  /** Base64, for a file that only its owner reads. */
  public String toSecretBase64() {
    return Base64.getEncoder().encodeToString(scalar.borrow());
  }

  /** A copy with a life of its own. */
  public PrivateKey copy() {
    return of(scalar.borrow());
  }

  /** Overwrites the key with zeros. Again is allowed. */
  public void wipe() {
    scalar.wipe();
  }

  /** Whether {@link #wipe} was called. */
  public boolean isWiped() {
    return scalar.isWiped();
  }

  @Override
  public String toString() {
    return "PrivateKey[***]";
  }
}
