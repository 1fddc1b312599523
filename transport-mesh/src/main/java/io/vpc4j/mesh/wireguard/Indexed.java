package io.vpc4j.mesh.wireguard;

/** What a receiver index can name. */
sealed interface Indexed permits Session, PendingHandshake {

  /** Whose it is. */
  Peer peer();
}
