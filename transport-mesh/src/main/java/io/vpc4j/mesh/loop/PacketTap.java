package io.vpc4j.mesh.loop;

import java.nio.ByteBuffer;

/** Sees packets go by, in the clear. Called on the loop; must not block, nor change anything. */
@FunctionalInterface
public interface PacketTap {

  /** Which way. */
  enum Direction {
    /** From a peer. */
    IN,
    /** To a peer. */
    OUT
  }

  /**
   * A packet, from position to limit.
   *
   * @param nodeId from or to whom
   */
  void onPacket(ByteBuffer packet, Direction direction, String nodeId);
}
