package io.vpc4j.core.net;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Octets that must not be printed: a key, a token, a password.
 *
 * <p>Prints as a constant, compares in constant time, and can be wiped. Safe for use by many
 * threads until it is wiped.
 */
public final class Secret {

  private final byte[] octets;

  private Secret(byte[] octets) {
    this.octets = octets;
  }

  /** A secret of these octets; the array is copied. */
  public static Secret of(byte[] octets) {
    return new Secret(octets.clone());
  }

  /** A secret of this text in UTF-8. */
  public static Secret of(String text) {
    return new Secret(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A copy of the octets; the caller wipes it. */
  public byte[] reveal() {
    return octets.clone();
  }

  /** The octets as UTF-8 text. */
  public String revealText() {
    return new String(octets, StandardCharsets.UTF_8);
  }

  /** Overwrites the octets with zeros. */
  public void wipe() {
    Arrays.fill(octets, (byte) 0);
  }

  /** Equal octets; the time taken depends on the lengths alone. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && MessageDigest.isEqual(octets, secret.octets);
  }

  @Override
  public int hashCode() {
    return octets.length; // a hash of the octets would tell something of them
  }

  @Override
  public String toString() {
    return "Secret[***]";
  }
}
