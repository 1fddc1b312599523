package io.vpc4j.mesh.wireguard.wire;

/**
 * The second message, responder to initiator: a fresh key, and a seal over nothing that proves the
 * responder's identity and the pre-shared key. [W] 5.4.3
 *
 * <pre>
 *     0  type = 2, reserved    4
 *     4  sender index          4
 *     8  receiver index        4
 *    12  ephemeral            32
 *    44  empty, sealed         0 + 16 tag
 *    60  mac1                 16
 *    76  mac2                 16
 *    92    integers are little-endian
 * </pre>
 */
public final class HandshakeResponse {

  /** Octets of the whole message. */
  public static final int LENGTH = 92;

  /** The index that the initiator sends data packets to. */
  public static final int SENDER = 4;

  /** The initiation's sender index. */
  public static final int RECEIVER = 8;

  /** The responder's key of this handshake. */
  public static final int EPHEMERAL = 12;

  /** A tag over nothing. */
  public static final int EMPTY = 44;

  /** As {@link HandshakeInitiation#MAC1}. */
  public static final int MAC1 = 60;

  /** As {@link HandshakeInitiation#MAC2}. */
  public static final int MAC2 = 76;

  private HandshakeResponse() {}
}
