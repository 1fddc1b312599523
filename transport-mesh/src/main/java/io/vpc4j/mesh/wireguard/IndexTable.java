package io.vpc4j.mesh.wireguard;

import io.vpc4j.mesh.wireguard.crypto.Entropy;
import org.jspecify.annotations.Nullable;

/**
 * Our receiver indices: whom a datagram's second word means. Open addressing over plain arrays, so
 * that the look-up of each packet allocates nothing.
 *
 * <p>Indices are drawn at random, so that they tell nothing and a stranger hits one by luck alone;
 * for the same reason their low bits are hash enough.
 */
final class IndexTable {

  private static final int INITIAL_SLOTS = 16;

  private int[] keys = new int[INITIAL_SLOTS];
  private @Nullable Indexed[] values = new @Nullable Indexed[INITIAL_SLOTS];
  private int size;

  /** What {@code index} names; null if nothing. */
  @Nullable Indexed get(int index) {
    var mask = keys.length - 1;
    for (var slot = index & mask; ; slot = slot + 1 & mask) {
      var value = values[slot];
      if (value == null || keys[slot] == index) {
        return value;
      }
    }
  }

  /** An index that names nothing yet. */
  int draw(Entropy entropy) {
    while (true) {
      var index = entropy.nextInt();
      if (get(index) == null) {
        return index;
      }
    }
  }

  /** From now on {@code index} names {@code value}. */
  void put(int index, Indexed value) {
    if (2 * (size + 1) > keys.length) {
      grow();
    }
    if (insert(index, value)) {
      size++;
    }
  }

  /** From now on {@code index} names nothing. */
  void remove(int index) {
    var mask = keys.length - 1;
    var slot = index & mask;
    while (values[slot] != null && keys[slot] != index) {
      slot = slot + 1 & mask;
    }
    if (values[slot] == null) {
      return;
    }
    values[slot] = null;
    size--;
    // what was pushed past this slot must be found again
    for (slot = slot + 1 & mask; values[slot] != null; slot = slot + 1 & mask) {
      var moved = values[slot];
      values[slot] = null;
      insert(keys[slot], moved);
    }
  }

  int size() {
    return size;
  }

  private boolean insert(int index, @Nullable Indexed value) {
    var mask = keys.length - 1;
    var slot = index & mask;
    while (values[slot] != null && keys[slot] != index) {
      slot = slot + 1 & mask;
    }
    var isNew = values[slot] == null;
    keys[slot] = index;
    values[slot] = value;
    return isNew;
  }

  private void grow() {
    var oldKeys = keys;
    var oldValues = values;
    keys = new int[2 * oldKeys.length];
    values = new @Nullable Indexed[2 * oldKeys.length];
    for (var i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != null) {
        insert(oldKeys[i], oldValues[i]);
      }
    }
  }
}
