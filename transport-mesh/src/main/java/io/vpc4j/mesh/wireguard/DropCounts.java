package io.vpc4j.mesh.wireguard;

import java.util.EnumMap;
import java.util.Map;

/** A counter for each {@link Drop}; counting one is an addition, since a flood counts millions. */
@SuppressWarnings("EnumOrdinal") // places in an array of this object, which no other version sees
final class DropCounts {

  private static final Drop[] REASONS = Drop.values();

  private final long[] counts = new long[REASONS.length];

  void add(Drop reason) {
    counts[reason.ordinal()]++;
  }

  long of(Drop reason) {
    return counts[reason.ordinal()];
  }

  /** Those that happened. */
  Map<Drop, Long> toMap() {
    var map = new EnumMap<Drop, Long>(Drop.class);
    for (var reason : REASONS) {
      if (of(reason) > 0) {
        map.put(reason, of(reason));
      }
    }
    return map;
  }
}
