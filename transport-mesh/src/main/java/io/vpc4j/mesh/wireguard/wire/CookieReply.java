package io.vpc4j.mesh.wireguard.wire;

/**
 * What a peer under load says in place of an answer: prove first that you receive at the address
 * that you send from. [W] 5.4.7
 *
 * <pre>
 *     0  type = 3, reserved    4
 *     4  receiver index        4
 *     8  nonce                24
 *    32  cookie, sealed       16 + 16 tag
 *    64    integers are little-endian
 * </pre>
 */
public final class CookieReply {

  /** Octets of the whole message. */
  public static final int LENGTH = 64;

  /** The sender index of the message that this answers. */
  public static final int RECEIVER = 4;

  /** Drawn at random. */
  public static final int NONCE = 8;

  /** Sealed under a key that follows from the sender's public key. */
  public static final int COOKIE = 32;

  /** Octets of a cookie without its tag. */
  public static final int COOKIE_LENGTH = 16;

  private CookieReply() {}
}
