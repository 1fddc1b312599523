package io.vpc4j.mesh.wireguard.crypto;

/** Diffie-Hellman on Curve25519, RFC 7748 5 and 6.1. */
final class X25519 {

  private X25519() {}

  /** Makes any 32 octets a scalar. RFC 7748 5, decodeScalar25519 */
  static void clamp(byte[] scalar) {
    scalar[0] &= (byte) 248;
    scalar[31] &= 127;
    scalar[31] |= 64;
  }

  /** The public key of {@code scalar}. */
  static void publicKey(byte[] scalar, byte[] point) {
    org.bouncycastle.math.ec.rfc7748.X25519.scalarMultBase(scalar, 0, point, 0);
  }

  /**
   * The shared secret.
   *
   * @return false if it is all zero: "the check for the all-zero value results in an abort". RFC
   *     7748 6.1, [N] 12.1
   */
  static boolean agree(byte[] scalar, byte[] point, byte[] shared) {
    return org.bouncycastle.math.ec.rfc7748.X25519.calculateAgreement(
        scalar, 0, point, 0, shared, 0);
  }
}
