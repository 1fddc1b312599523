package io.vpc4j.core.fetch.pool;

import java.util.Collection;

/** What the pool counts. Guarded by the pool's lock. */
final class PoolCounters {

  long opened;
  long reuses;
  long refusedWaiters;
  long acquireTimeouts;
  long evictions;

  PoolStats stats(Collection<Origin> origins, Collection<PooledConnection> open) {
    var idle = 0;
    var dials = 0;
    var waiters = 0;
    for (var origin : origins) {
      idle += origin.idle.size();
      dials += origin.dialing.size();
      waiters += origin.waiting.size();
    }
    var exchanges = 0;
    for (var pooled : open) {
      exchanges += pooled.exchanges;
    }
    return new PoolStats(
        open.size(),
        idle,
        dials,
        waiters,
        exchanges,
        opened,
        reuses,
        refusedWaiters,
        acquireTimeouts,
        evictions);
  }
}
