package io.vpc4j.mesh.loop;

import io.vpc4j.mesh.wireguard.Peer;

/** A peer as the stack knows it: by a small number. Confined to the loop. */
public final class PeerLink {

  private final int index;
  private final String nodeId;
  private final Peer peer;

  PeerLink(int index, String nodeId, Peer peer) {
    this.index = index;
    this.nodeId = nodeId;
    this.peer = peer;
  }

  /** Its number; never used for another peer again. */
  public int index() {
    return index;
  }

  /** Whose it is, for people. */
  public String nodeId() {
    return nodeId;
  }

  /** How WireGuard knows it. */
  public Peer peer() {
    return peer;
  }
}
