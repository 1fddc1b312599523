package io.vpc4j.mesh.wireguard;

/** Which end of a handshake. */
public enum Role {
  /** Sent the first message; replaces the session when it is old. [W] 6.2 */
  INITIATOR,
  /** Answered it. */
  RESPONDER
}
