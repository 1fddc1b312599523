package io.vpc4j.mesh.wireguard.crypto;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Octets that must not be printed and must not outlive their use. Prints as a constant; {@link
 * #wipe} overwrites it. Belongs to one thread.
 *
 * <p>Unlike {@code core.net.Secret} it lends its array: a handshake mixes a dozen keys, and a copy
 * of each would be one more thing to wipe.
 */
public final class SecretBytes {

  private final byte[] octets;

  private SecretBytes(byte[] octets) {
    this.octets = octets;
  }

  /** A secret that owns {@code octets}; the caller keeps no reference. */
  public static SecretBytes owning(byte[] octets) {
    return new SecretBytes(octets);
  }

  /** A secret of its own, with the same octets. */
  public static SecretBytes copyOf(byte[] octets) {
    return new SecretBytes(octets.clone());
  }

  /** The array itself: for use at once, not to be kept or changed. */
  public byte[] borrow() {
    return octets;
  }

  /** How many octets. */
  public int length() {
    return octets.length;
  }

  /** Overwrites the octets with zeros. Again is allowed. */
  public void wipe() {
    Arrays.fill(octets, (byte) 0);
  }

  /** Whether it holds nothing but zeros, as after {@link #wipe}. */
  public boolean isWiped() {
    var or = 0;
    for (var octet : octets) {
      or |= octet;
    }
    return or == 0;
  }

  /** Equal octets; the time taken depends on the lengths alone. */
  @Override
  public boolean equals(Object other) {
    return other instanceof SecretBytes secret && MessageDigest.isEqual(octets, secret.octets);
  }

  @Override
  public int hashCode() {
    return octets.length; // a hash of the octets would tell something of them
  }

  @Override
  public String toString() {
    return "SecretBytes[***]";
  }
}
