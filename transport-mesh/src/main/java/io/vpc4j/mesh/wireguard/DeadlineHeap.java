package io.vpc4j.mesh.wireguard;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which peer's timer comes first. A binary heap in which each peer knows its place.
 *
 * <p>A peer's key may be earlier than its next timer, never later: pushing a timer back, which each
 * packet does, costs nothing; the peer is looked at a little early, and then put where it belongs.
 */
final class DeadlineHeap {

  private static final int ABSENT = -1;

  private @Nullable Peer[] heap = new @Nullable Peer[16];
  private int size;

  /** The earliest key; {@link Long#MAX_VALUE} if there is none. */
  long earliestNs() {
    return size == 0 ? Long.MAX_VALUE : at(0).deadlineKeyNs;
  }

  /** The peer whose key is due at {@code nowNs}, taken out; null if none is. */
  @Nullable Peer pollDue(long nowNs) {
    if (size == 0 || at(0).deadlineKeyNs > nowNs) {
      return null;
    }
    var peer = at(0);
    remove(peer);
    return peer;
  }

  /** {@code peer} must be looked at by {@code deadlineNs}. */
  void atLatest(Peer peer, long deadlineNs) {
    if (deadlineNs >= peer.deadlineKeyNs) {
      return;
    }
    peer.deadlineKeyNs = deadlineNs;
    if (peer.heapSlot == ABSENT) {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, 2 * size);
      }
      place(peer, size++);
    }
    up(peer.heapSlot);
  }

  /** {@code peer} need not be looked at. */
  void remove(Peer peer) {
    var slot = peer.heapSlot;
    if (slot == ABSENT) {
      return;
    }
    peer.heapSlot = ABSENT;
    peer.deadlineKeyNs = Long.MAX_VALUE;
    var last = at(--size);
    heap[size] = null;
    if (last != peer) {
      place(last, slot);
      up(slot);
      down(last.heapSlot);
    }
  }

  int size() {
    return size;
  }

  private void up(int from) {
    var slot = from;
    while (slot > 0 && key(slot) < key((slot - 1) / 2)) {
      swap(slot, (slot - 1) / 2);
      slot = (slot - 1) / 2;
    }
  }

  private void down(int from) {
    var slot = from;
    while (true) {
      var least = slot;
      for (var child = 2 * slot + 1; child <= 2 * slot + 2 && child < size; child++) {
        if (key(child) < key(least)) {
          least = child;
        }
      }
      if (least == slot) {
        return;
      }
      swap(slot, least);
      slot = least;
    }
  }

  private void swap(int a, int b) {
    var peer = at(a);
    place(at(b), a);
    place(peer, b);
  }

  private void place(Peer peer, int slot) {
    heap[slot] = peer;
    peer.heapSlot = slot;
  }

  private long key(int slot) {
    return at(slot).deadlineKeyNs;
  }

  private Peer at(int slot) {
    var peer = heap[slot];
    assert peer != null : "a slot below the size is filled";
    return peer;
  }
}
