package io.vpc4j.mesh.wireguard.crypto;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * A Curve25519 public key: who a peer is. 32 octets, immutable, equal by value; written in base64
 * as {@code wg} writes it.
 */
public final class PublicKey {

  /** Octets in a key of either kind. RFC 7748 5 */
  public static final int LENGTH = 32;

  private final long first;
  private final long second;
  private final long third;
  private final long fourth;

  private PublicKey(ByteBuffer from) {
    first = from.getLong();
    second = from.getLong();
    third = from.getLong();
    fourth = from.getLong();
  }

  /**
   * The key in {@code octets}, which are copied.
   *
   * @throws IllegalArgumentException unless there are 32
   */
  public static PublicKey of(byte[] octets) {
    requireLength(octets.length);
    return of(octets, 0);
  }

  /** The key in the 32 octets from {@code offset} on. */
  public static PublicKey of(byte[] octets, int offset) {
    return new PublicKey(ByteBuffer.wrap(octets, offset, LENGTH).order(LITTLE_ENDIAN));
  }

  /**
   * Reads base64, RFC 4648 4, 44 characters.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public static PublicKey ofBase64(String text) {
    return of(KeyText.decode(text));
  }

  /** A copy of the 32 octets. */
  public byte[] octets() {
    var octets = new byte[LENGTH];
    ByteBuffer.wrap(octets)
        .order(LITTLE_ENDIAN)
        .putLong(first)
        .putLong(second)
        .putLong(third)
        .putLong(fourth);
    return octets;
  }

  /** Whether every octet is zero: no key of anybody. */
  public boolean isZero() {
    return (first | second | third | fourth) == 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKey key
        && key.first == first
        && key.second == second
        && key.third == third
        && key.fourth == fourth;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(first ^ Long.rotateLeft(third, 17)); // a key is as good as random
  }

  /** Base64. */
  @Override
  public String toString() {
    return Base64.getEncoder().encodeToString(octets());
  }

  private static void requireLength(int length) {
    if (length != LENGTH) {
      throw new IllegalArgumentException("a key has 32 octets, not " + length);
    }
  }
}
