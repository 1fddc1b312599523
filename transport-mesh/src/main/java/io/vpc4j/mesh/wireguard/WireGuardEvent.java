package io.vpc4j.mesh.wireguard;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What happened, for whoever keeps the loop. Ask {@link WireGuard#pollEvent}. */
public sealed interface WireGuardEvent {

  /** Whom it concerns. */
  Peer peer();

  /**
   * There is a session that both ends hold: for an initiator since the answer came, for a responder
   * since the first packet under it did.
   *
   * @param peer with whom
   * @param role ours
   */
  record HandshakeCompleted(Peer peer, Role role) implements WireGuardEvent {}

  /**
   * No answer within {@link Timings#rekeyTimeoutNs}; it is tried again.
   *
   * @param peer who was called
   * @param inARow how many calls since anything authentic came from it
   */
  record HandshakeUnanswered(Peer peer, int inARow) implements WireGuardEvent {}

  /**
   * No answer within {@link Timings#rekeyAttemptNs}; the next packet begins anew.
   *
   * @param peer who was called
   * @param packetsDropped that waited for it
   */
  record HandshakeGaveUp(Peer peer, int packetsDropped) implements WireGuardEvent {}

  /**
   * Something authentic came from another address than before. [W] 2.1
   *
   * @param peer who roamed
   * @param from where it was; null if it was nowhere
   * @param to where it is
   */
  record EndpointChanged(Peer peer, @Nullable InetSocketAddress from, InetSocketAddress to)
      implements WireGuardEvent {}

  /**
   * No session for so long that all keys were overwritten. [W] 6.3
   *
   * @param peer whose
   */
  record KeysErased(Peer peer) implements WireGuardEvent {}
}
