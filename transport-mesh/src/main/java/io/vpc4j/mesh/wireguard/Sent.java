package io.vpc4j.mesh.wireguard;

/** What became of a packet. */
public enum Sent {
  /** The buffer now holds a datagram for the peer's endpoint. */
  SEALED,
  /** Copied; it comes by {@link WireGuard#pollTransmit} once there is a session. */
  QUEUED,
  /** Gone; {@link WireGuard#lastDrop} tells why. */
  DROPPED
}
