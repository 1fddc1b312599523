package io.vpc4j.mesh.wireguard.wire;

/**
 * The first message, initiator to responder: a fresh key in the clear and, sealed under it, who is
 * calling and when. [W] 5.4.2
 *
 * <pre>
 *  octet  0               1               2               3
 *        +---------------+---------------+---------------+---------------+
 *     0  |   type = 1    |             reserved, all zero                |
 *        +---------------+---------------+---------------+---------------+
 *     4  |                     sender index                              |
 *        +---------------------------------------------------------------+
 *     8  |                     ephemeral            32                  ...
 *        +---------------------------------------------------------------+
 *    40  |                     static, sealed       32 + 16 tag         ...
 *        +---------------------------------------------------------------+
 *    88  |                     timestamp, sealed    12 + 16 tag         ...
 *        +---------------------------------------------------------------+
 *   116  |                     mac1                 16                  ...
 *        +---------------------------------------------------------------+
 *   132  |                     mac2                 16                  ...
 *        +---------------------------------------------------------------+
 *   148    integers are little-endian
 * </pre>
 */
public final class HandshakeInitiation {

  /** Octets of the whole message. */
  public static final int LENGTH = 148;

  /** The index that the responder must answer to; chosen by us, means nothing to anyone else. */
  public static final int SENDER = 4;

  /** The initiator's key of this handshake. */
  public static final int EPHEMERAL = 8;

  /** Who calls. */
  public static final int STATIC = 40;

  /** When, as TAI64N. */
  public static final int TIMESTAMP = 88;

  /** Proves that the sender knows the receiver's public key; always there. [W] 5.4.4 */
  public static final int MAC1 = 116;

  /** Proves the sender's address to a receiver under load; else zero. [W] 5.4.4 */
  public static final int MAC2 = 132;

  private HandshakeInitiation() {}
}
