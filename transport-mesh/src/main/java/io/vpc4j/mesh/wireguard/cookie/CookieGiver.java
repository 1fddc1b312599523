package io.vpc4j.mesh.wireguard.cookie;

import io.vpc4j.mesh.wireguard.crypto.Blake2s;
import io.vpc4j.mesh.wireguard.crypto.Entropy;
import io.vpc4j.mesh.wireguard.crypto.Octets;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import io.vpc4j.mesh.wireguard.crypto.SecretBytes;
import io.vpc4j.mesh.wireguard.crypto.XChaCha20Poly1305;
import io.vpc4j.mesh.wireguard.wire.CookieReply;
import io.vpc4j.mesh.wireguard.wire.MessageType;
import java.net.InetSocketAddress;
import java.util.Arrays;

/**
 * Checks the MACs of messages to us, and hands out cookies. Keeps nothing per sender: a cookie is a
 * MAC of the sender's address under a secret that changes every two minutes. [W] 5.3, 5.4.7
 */
public final class CookieGiver {

  private static final int MAC_LENGTH = 16;

  private final byte[] mac1Key;
  private final byte[] cookieKey;
  private final Entropy entropy;
  private final long lifeNs;

  private final SecretBytes secret = SecretBytes.owning(new byte[32]);
  private boolean hasSecret;
  private long secretSinceNs;

  /**
   * For messages to {@code own}.
   *
   * @param lifeNs how long a secret, and so a cookie, lasts: two minutes ([W] 5.4.7)
   */
  public CookieGiver(PublicKey own, Entropy entropy, long lifeNs) {
    mac1Key = CookieKeys.mac1(own);
    cookieKey = CookieKeys.cookie(own);
    this.entropy = entropy;
    this.lifeNs = lifeNs;
  }

  /** Whether the message's mac1, at {@code offset + mac1}, is right. [W] 5.4.4 */
  public boolean mac1Holds(byte[] message, int offset, int mac1) {
    return holds(mac1Key, message, offset, mac1);
  }

  /** Whether its mac2, the 16 octets after its mac1, was made with a cookie for that source. */
  public boolean mac2Holds(
      byte[] message, int offset, int mac1, InetSocketAddress source, long nowNs) {
    if (!hasSecret || nowNs - secretSinceNs >= lifeNs) {
      return false; // no cookie is out
    }
    var cookie = cookieFor(source);
    var holds = holds(cookie, message, offset, mac1 + MAC_LENGTH);
    Arrays.fill(cookie, (byte) 0);
    return holds;
  }

  /**
   * The answer to a message whose mac1 holds and whose mac2 does not. [W] 5.4.7
   *
   * @param receiver that message's sender index
   * @return a whole cookie reply, 64 octets; shorter than what it answers
   */
  public byte[] reply(
      byte[] message, int offset, int mac1, int receiver, InetSocketAddress source, long nowNs) {
    if (!hasSecret || nowNs - secretSinceNs >= lifeNs) {
      entropy.fill(secret.borrow());
      secretSinceNs = nowNs;
      hasSecret = true;
    }
    var reply = new byte[CookieReply.LENGTH];
    Octets.putInt(reply, 0, MessageType.COOKIE_REPLY.word());
    Octets.putInt(reply, CookieReply.RECEIVER, receiver);
    var nonce = entropy.octets(XChaCha20Poly1305.NONCE_LENGTH);
    System.arraycopy(nonce, 0, reply, CookieReply.NONCE, nonce.length);
    var cookie = cookieFor(source);
    System.arraycopy(cookie, 0, reply, CookieReply.COOKIE, cookie.length);
    var answered = Arrays.copyOfRange(message, offset + mac1, offset + mac1 + MAC_LENGTH);
    XChaCha20Poly1305.seal(
        cookieKey, nonce, answered, reply, CookieReply.COOKIE, CookieReply.COOKIE_LENGTH);
    return reply;
  }

  /** Overwrites the secret. */
  public void wipe() {
    secret.wipe();
    hasSecret = false;
  }

  /** MAC(secret, address and port). */
  private byte[] cookieFor(InetSocketAddress source) {
    var address = source.getAddress().getAddress();
    var octets = Arrays.copyOf(address, address.length + 2);
    octets[address.length] = (byte) (source.getPort() >>> 8);
    octets[address.length + 1] = (byte) source.getPort();
    var cookie = new byte[CookieReply.COOKIE_LENGTH];
    Blake2s.mac(secret.borrow(), octets, 0, octets.length, cookie, 0);
    return cookie;
  }

  /** Whether the MAC at {@code offset + at} is that of everything before it. */
  private static boolean holds(byte[] key, byte[] message, int offset, int at) {
    var expected = new byte[MAC_LENGTH];
    Blake2s.mac(key, message, offset, at, expected, 0);
    return Octets.equal(expected, 0, message, offset + at, MAC_LENGTH);
  }
}
