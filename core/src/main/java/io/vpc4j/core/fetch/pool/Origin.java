package io.vpc4j.core.fetch.pool;

import io.vpc4j.core.fetch.exchange.HttpConnection;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** What the pool knows of one {@link PoolKey}. Guarded by the pool's lock. */
final class Origin {

  final PoolKey key;

  /** Unused connections, the one used last at the end: LIFO keeps few of them warm. */
  final ArrayDeque<PooledConnection> idle = new ArrayDeque<>();

  /** Connections that carry several exchanges and have carried at least one. */
  final ArrayList<PooledConnection> shared = new ArrayList<>(1);

  /** Who waits, longest first. */
  final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

  /** Connections that are open, in use or not, and dials under way. */
  int connections;

  /** Dials under way. */
  final ArrayList<Dialing> dialing = new ArrayList<>(1);

  /** Whether the last connection could carry several exchanges: then one dial serves all. */
  boolean multiplexes;

  Origin(PoolKey key) {
    this.key = key;
  }

  boolean empty() {
    return connections == 0 && waiting.isEmpty();
  }

  /** Of those without a dial of their own, who has waited longest; null if there is none. */
  @Nullable Waiting undialled() {
    for (var waiter : waiting) {
      if (waiter.dialing == null) {
        return waiter;
      }
    }
    return null;
  }

  /** Of those who would take {@code pooled}, who has waited longest; null if there is none. */
  @Nullable Waiting firstFor(PooledConnection pooled) {
    for (var waiter : waiting) {
      if (waiter.takes(pooled)) {
        return waiter;
      }
    }
    return null;
  }

  /** The connection that was unused longest; null if all are in use. */
  static @Nullable PooledConnection unusedLongest(Collection<Origin> origins) {
    PooledConnection longest = null;
    for (var origin : origins) {
      var first = origin.idle.peekFirst();
      if (first != null && (longest == null || first.idleSinceNs - longest.idleSinceNs < 0)) {
        longest = first;
      }
    }
    return longest;
  }

  static boolean hasRoom(PooledConnection pooled) {
    HttpConnection http = pooled.http();
    return pooled.exchanges < http.capacity() && http.channel().isActive();
  }
}
