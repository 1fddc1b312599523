package io.vpc4j.mesh.wireguard.noise;

import io.vpc4j.mesh.wireguard.crypto.Blake2s;
import io.vpc4j.mesh.wireguard.crypto.ChaCha20Poly1305;
import io.vpc4j.mesh.wireguard.crypto.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The chaining key, the hash of the transcript, and the key that follows from what was mixed last.
 * [N] 5.2, whose names the operations carry
 *
 * <p>Owns secrets: {@link #wipe} it.
 */
final class SymmetricState {

  private static final byte[] CONSTRUCTION =
      "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] IDENTIFIER =
      "WireGuard v1 zx2c4 Jason@zx2c4.com".getBytes(StandardCharsets.US_ASCII);

  /** C := HASH(CONSTRUCTION). [W] 5.4.2 */
  private static final byte[] INITIAL_CHAINING_KEY = Blake2s.hash(CONSTRUCTION);

  private final byte[] chainingKey;
  private final byte[] hash;
  private final byte[] key = new byte[32];

  private SymmetricState(byte[] chainingKey, byte[] hash) {
    this.chainingKey = chainingKey;
    this.hash = hash;
  }

  /** Where both ends of a WireGuard handshake begin: the responder's key is known. [W] 5.4.2 */
  static SymmetricState towards(byte[] responderKey) {
    return towards(responderKey, IDENTIFIER);
  }

  /** As {@link #towards(byte[])}, with another prologue. [N] 5.3 */
  static SymmetricState towards(byte[] responderKey, byte[] prologue) {
    var state =
        new SymmetricState(
            INITIAL_CHAINING_KEY.clone(), Blake2s.hash(INITIAL_CHAINING_KEY, prologue));
    state.mixHash(responderKey, 0, responderKey.length);
    return state;
  }

  /** A state that goes its own way from here. */
  SymmetricState copy() {
    var copy = new SymmetricState(chainingKey.clone(), hash.clone());
    System.arraycopy(key, 0, copy.key, 0, key.length);
    return copy;
  }

  /** H := HASH(H || octets). */
  void mixHash(byte[] octets, int offset, int length) {
    new Blake2s(Blake2s.LENGTH)
        .update(hash, 0, hash.length)
        .update(octets, offset, length)
        .digest(hash, 0);
  }

  /** C := KDF1(C, input): what the paper does with an ephemeral key in the clear. */
  void mixPublic(byte[] octets, int offset, int length) {
    var input = Arrays.copyOfRange(octets, offset, offset + length);
    take(Kdf.derive(1, chainingKey, input));
  }

  /** (C, k) := KDF2(C, secret). {@code secret} is wiped. */
  void mixKey(byte[] secret) {
    take(Kdf.derive(2, chainingKey, secret));
    Arrays.fill(secret, (byte) 0);
  }

  /** (C, t, k) := KDF3(C, Q); H := HASH(H || t). [N] 9.2 */
  void mixKeyAndHash(SecretBytes presharedKey) {
    var derived = Kdf.derive(3, chainingKey, presharedKey.borrow());
    mixHash(derived[1], 0, derived[1].length);
    Arrays.fill(derived[1], (byte) 0);
    take(new byte[][] {derived[0], derived[2]});
  }

  /** Seals in place under k with nonce 0 and H; mixes in what it became, tag included. */
  void encryptAndHash(byte[] octets, int offset, int length) {
    var aead = new ChaCha20Poly1305(key);
    aead.seal(0, hash, octets, offset, length);
    aead.wipe();
    mixHash(octets, offset, length + ChaCha20Poly1305.TAG_LENGTH);
  }

  /**
   * Opens into a new array; mixes in what was received.
   *
   * @param length counts the tag
   * @return null if it is not authentic
   */
  byte @Nullable [] decryptAndHash(byte[] octets, int offset, int length) {
    var opened = Arrays.copyOfRange(octets, offset, offset + length);
    var aead = new ChaCha20Poly1305(key);
    var authentic = aead.open(0, hash, opened, 0, length);
    aead.wipe();
    if (!authentic) {
      return null;
    }
    mixHash(octets, offset, length);
    return Arrays.copyOf(opened, length - ChaCha20Poly1305.TAG_LENGTH);
  }

  /** (initiator's sending key, responder's sending key) := KDF2(C, empty). [W] 5.4.5 */
  TransportKeys split() {
    var derived = Kdf.derive(2, chainingKey, new byte[0]);
    return new TransportKeys(SecretBytes.owning(derived[0]), SecretBytes.owning(derived[1]));
  }

  /** Overwrites everything. Again is allowed. */
  void wipe() {
    Arrays.fill(chainingKey, (byte) 0);
    Arrays.fill(hash, (byte) 0);
    Arrays.fill(key, (byte) 0);
  }

  /** Whether it holds nothing but zeros, as after {@link #wipe}. */
  boolean isWiped() {
    var or = 0;
    for (var octets : new byte[][] {chainingKey, hash, key}) {
      for (var octet : octets) {
        or |= octet;
      }
    }
    return or == 0;
  }

  /** The transcript's hash, for a test vector. */
  byte[] hash() {
    return hash.clone();
  }

  private void take(byte[][] derived) {
    System.arraycopy(derived[0], 0, chainingKey, 0, chainingKey.length);
    Arrays.fill(derived[0], (byte) 0);
    if (derived.length > 1) {
      System.arraycopy(derived[1], 0, key, 0, key.length);
      Arrays.fill(derived[1], (byte) 0);
    }
  }
}
