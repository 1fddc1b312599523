package io.vpc4j.mesh.wireguard.crypto;

import java.util.Arrays;

/**
 * XAEAD: ChaCha20-Poly1305 with a nonce of 24 octets, long enough to be drawn at random. [W] 5.4,
 * 5.4.7; draft-irtf-cfrg-xchacha-03 2
 */
public final class XChaCha20Poly1305 {

  /** Octets of a nonce. */
  public static final int NONCE_LENGTH = 24;

  private XChaCha20Poly1305() {}

  /** Seals in place; the tag goes after the {@code length} octets. */
  public static void seal(
      byte[] key, byte[] nonce, byte[] associated, byte[] octets, int offset, int length) {
    var aead = aead(key, nonce);
    aead.seal(Octets.getLong(nonce, 16), associated, octets, offset, length);
    aead.wipe();
  }

  /**
   * Opens in place; {@code length} counts the tag.
   *
   * @return false if the octets are not authentic
   */
  public static boolean open(
      byte[] key, byte[] nonce, byte[] associated, byte[] octets, int offset, int length) {
    var aead = aead(key, nonce);
    var authentic = aead.open(Octets.getLong(nonce, 16), associated, octets, offset, length);
    aead.wipe();
    return authentic;
  }

  private static ChaCha20Poly1305 aead(byte[] key, byte[] nonce) {
    var subkey = ChaCha20.subkey(key, nonce);
    var aead = new ChaCha20Poly1305(subkey);
    Arrays.fill(subkey, (byte) 0);
    return aead;
  }
}
