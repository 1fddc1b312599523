package io.vpc4j.mesh.wireguard.cookie;

import io.vpc4j.mesh.wireguard.crypto.Blake2s;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import io.vpc4j.mesh.wireguard.crypto.SecretBytes;
import io.vpc4j.mesh.wireguard.crypto.XChaCha20Poly1305;
import io.vpc4j.mesh.wireguard.wire.CookieReply;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Puts the MACs on our messages to one peer, and keeps the cookie it gave us. [W] 5.4.4, 5.4.7 */
public final class CookieTaker {

  private static final int MAC_LENGTH = 16;

  private final byte[] mac1Key;
  private final byte[] cookieKey;
  private final long lifeNs;

  private final byte[] lastMac1 = new byte[MAC_LENGTH];
  private boolean sentMac1;
  private @Nullable SecretBytes cookie;
  private long cookieSinceNs;

  /**
   * For messages to {@code peer}.
   *
   * @param lifeNs how long a cookie lasts: two minutes ([W] 5.4.4)
   */
  public CookieTaker(PublicKey peer, long lifeNs) {
    mac1Key = CookieKeys.mac1(peer);
    cookieKey = CookieKeys.cookie(peer);
    this.lifeNs = lifeNs;
  }

  /**
   * Writes mac1 at {@code message[mac1]} and mac2 after it, which ends the message; mac2 is zero
   * without a cookie.
   */
  public void sign(byte[] message, int mac1, long nowNs) {
    Blake2s.mac(mac1Key, message, 0, mac1, message, mac1);
    System.arraycopy(message, mac1, lastMac1, 0, MAC_LENGTH);
    sentMac1 = true;
    var mac2 = mac1 + MAC_LENGTH;
    var held = cookie;
    if (held != null && nowNs - cookieSinceNs < lifeNs) {
      Blake2s.mac(held.borrow(), message, 0, mac2, message, mac2);
    } else {
      Arrays.fill(message, mac2, mac2 + MAC_LENGTH, (byte) 0);
    }
  }

  /**
   * Takes the cookie of a whole cookie reply.
   *
   * @return false if it does not answer the last message that we sent to this peer
   */
  public boolean take(byte[] message, int offset, long nowNs) {
    if (!sentMac1) {
      return false;
    }
    var from = offset + CookieReply.NONCE;
    var nonce = Arrays.copyOfRange(message, from, from + XChaCha20Poly1305.NONCE_LENGTH);
    var sealed =
        Arrays.copyOfRange(message, offset + CookieReply.COOKIE, offset + CookieReply.LENGTH);
    if (!XChaCha20Poly1305.open(cookieKey, nonce, lastMac1, sealed, 0, sealed.length)) {
      return false;
    }
    wipe();
    cookie = SecretBytes.owning(Arrays.copyOf(sealed, CookieReply.COOKIE_LENGTH));
    cookieSinceNs = nowNs;
    Arrays.fill(sealed, (byte) 0);
    sentMac1 = false; // one reply to one message
    return true;
  }

  /** Overwrites the cookie. */
  public void wipe() {
    if (cookie != null) {
      cookie.wipe();
      cookie = null;
    }
  }
}
