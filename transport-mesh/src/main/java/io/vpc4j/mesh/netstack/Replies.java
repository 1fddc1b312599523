package io.vpc4j.mesh.netstack;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Packets that answer others and belong to no flow: echo replies, errors, resets. A ring whose
 * buffers are used again for ever; when it is full, no more is answered.
 */
final class Replies {

  static final int MAX_QUEUED = 256;

  private final @Nullable ByteBuffer[] packets = new ByteBuffer[MAX_QUEUED];
  private final int[] links = new int[MAX_QUEUED];
  private final int mtuOctets;
  private int head;
  private int size;

  Replies(int mtuOctets) {
    this.mtuOctets = mtuOctets;
  }

  /** A buffer from 0 to the MTU to write a packet in, or null; {@link #add} follows or does not. */
  @Nullable ByteBuffer claim() {
    if (size == MAX_QUEUED) {
      return null;
    }
    var slot = (head + size) % MAX_QUEUED;
    var packet = packets[slot];
    if (packet == null) {
      packet = ByteBuffer.allocate(mtuOctets);
      packets[slot] = packet;
    }
    return packet.clear();
  }

  /** The claimed buffer holds a packet, from position to limit. */
  void add(int link) {
    links[(head + size) % MAX_QUEUED] = link;
    size++;
  }

  /** Copies the first to {@code packet} and gives its link; -1 if there is none. */
  int poll(ByteBuffer packet) {
    if (size == 0) {
      return -1;
    }
    var first = packets[head];
    if (first == null) {
      throw new IllegalStateException("a reply that was not written");
    }
    var at = packet.position();
    packet.limit(at + first.remaining());
    packet.put(at, first, first.position(), first.remaining());
    var link = links[head];
    head = (head + 1) % MAX_QUEUED;
    size--;
    return link;
  }

  int size() {
    return size;
  }
}
