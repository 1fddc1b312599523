package io.vpc4j.mesh.wireguard;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Copies of the packets that wait for one peer's handshake; bounded, and the oldest makes room. */
final class StagedPackets {

  private final int maxPackets;
  private final int maxOctets;
  private final ArrayDeque<byte[]> packets = new ArrayDeque<>(0);
  private int octets;

  StagedPackets(WireGuardLimits limits) {
    maxPackets = limits.maxStagedPackets();
    maxOctets = limits.maxStagedOctets();
  }

  /** Copies the packet in; returns how many older ones had to go. */
  int add(byte[] array, int offset, int length) {
    var evicted = 0;
    while (!packets.isEmpty() && (packets.size() >= maxPackets || octets + length > maxOctets)) {
      poll();
      evicted++;
    }
    packets.add(Arrays.copyOfRange(array, offset, offset + length));
    octets += length;
    return evicted;
  }

  /** The oldest; null if there is none. */
  byte @Nullable [] peek() {
    return packets.peek();
  }

  /** Takes the oldest; null if there is none. */
  byte @Nullable [] poll() {
    var packet = packets.poll();
    if (packet != null) {
      octets -= packet.length;
    }
    return packet;
  }

  int size() {
    return packets.size();
  }

  /** Drops all; returns how many. */
  int clear() {
    var dropped = packets.size();
    packets.clear();
    octets = 0;
    return dropped;
  }
}
