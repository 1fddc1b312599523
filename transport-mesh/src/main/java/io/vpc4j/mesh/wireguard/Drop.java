package io.vpc4j.mesh.wireguard;

/**
 * Why something went no further. Counted, per device and, where the peer is known, per peer; never
 * told to whoever sent it: "WireGuard is silent". [W] 5.1
 */
public enum Drop {

  // ---- from outside, before anything was proved -------------------------------------------------
  /** No message of WireGuard: another type, reserved bits, or a length that the type has not. */
  NOT_A_MESSAGE,
  /** A mac1 that is not ours: the sender does not know our key. [W] 5.4.4 */
  MAC1,
  /** We are under load and the message has no cookie of its address; a cookie reply went back. */
  COOKIE_ASKED,
  /** Under load: this source had its share of handshakes. [W] 5.3 */
  SOURCE_LIMIT,
  /** A receiver index that names no session and no handshake. */
  UNKNOWN_RECEIVER,
  /** An initiation, a response or a cookie reply that does not open. */
  HANDSHAKE_FORGED,
  /** An initiation of a key that is no peer's. */
  UNKNOWN_PEER,
  /** An initiation whose timestamp is not later than the last. [W] 5.1 */
  HANDSHAKE_REPLAYED,
  /** An initiation too soon after the peer's last. */
  HANDSHAKE_TOO_SOON,
  /** A session past its age or its number of messages. [W] 6.2 */
  SESSION_EXPIRED,
  /** A counter that was seen, or is too old to tell. [W] 5.4.6 */
  REPLAYED,
  /** A data packet that does not open. */
  FORGED,

  // ---- from a peer, inside
  // ------------------------------------------------------------------------
  /** What it sealed is no IP packet. */
  NOT_IP,
  /** A source address that is not its own. [W] 2 */
  NOT_ALLOWED,

  // ---- of ours
  // ------------------------------------------------------------------------------------
  /** No peer has the packet's destination. */
  NO_PEER,
  /** The peer has called from nowhere yet, and no endpoint is configured. */
  NO_ENDPOINT,
  /** Too many packets wait for the handshake; the oldest went. */
  STAGE_FULL,
  /** The handshake that the packet waited for was given up, or the peer removed. */
  HANDSHAKE_FAILED,
  /** Too many handshake messages wait to be sent. */
  CONTROL_FULL,
}
