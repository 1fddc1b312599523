package io.vpc4j.mesh.wireguard.noise;

import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import io.vpc4j.mesh.wireguard.crypto.SecretBytes;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What both roles need of a peer, computed once: its key, the secret of the two static keys, and
 * the pre-shared key. Owns secrets: {@link #wipe} it.
 */
public final class RemoteIdentity {

  private final byte[] publicKey;
  private final SecretBytes staticSecret;
  private final SecretBytes presharedKey;

  private RemoteIdentity(byte[] publicKey, SecretBytes staticSecret, SecretBytes presharedKey) {
    this.publicKey = publicKey;
    this.staticSecret = staticSecret;
    this.presharedKey = presharedKey;
  }

  /**
   * Agrees with {@code peer}.
   *
   * @param presharedKey 32 octets, copied; null for none, which is 32 zeros ([W] 5.4.3)
   * @throws IllegalArgumentException if the key is of small order, or the pre-shared key not 32
   *     octets long
   */
  public static RemoteIdentity of(
      PrivateKey own, PublicKey peer, @Nullable SecretBytes presharedKey) {
    if (presharedKey != null && presharedKey.length() != PublicKey.LENGTH) {
      throw new IllegalArgumentException("a pre-shared key has 32 octets");
    }
    var key = peer.octets();
    var secret = new byte[PublicKey.LENGTH];
    if (!own.agree(key, secret)) {
      throw new IllegalArgumentException(peer + " is no key that anybody can hold");
    }
    return new RemoteIdentity(
        key,
        SecretBytes.owning(secret),
        presharedKey == null
            ? SecretBytes.owning(new byte[PublicKey.LENGTH])
            : SecretBytes.copyOf(presharedKey.borrow()));
  }

  /** The 32 octets; not to be changed. */
  byte[] publicKey() {
    return publicKey;
  }

  /** A copy of DH(own static, peer's static), which the caller's state wipes. */
  byte[] staticSecret() {
    return Arrays.copyOf(staticSecret.borrow(), PublicKey.LENGTH);
  }

  SecretBytes presharedKey() {
    return presharedKey;
  }

  /** Whether that is the pre-shared key; null for none. */
  public boolean isKeyedWith(@Nullable SecretBytes other) {
    return other == null ? presharedKey.isWiped() : presharedKey.equals(other);
  }

  /** The pre-shared key in base64, for a key log. */
  public String revealPresharedKey() {
    return Base64.getEncoder().encodeToString(presharedKey.borrow());
  }

  /** Overwrites the secrets. Again is allowed. */
  public void wipe() {
    staticSecret.wipe();
    presharedKey.wipe();
  }

  /** Whether {@link #wipe} was called. */
  public boolean isWiped() {
    return staticSecret.isWiped() && presharedKey.isWiped();
  }
}
