package io.vpc4j.core.fetch.pool;

import io.vpc4j.core.routing.Route;
import org.jspecify.annotations.Nullable;

/** A request that waits for a connection. Its fields are the pool's, guarded by its lock. */
public final class Waiting {

  final Origin origin;
  final Waiter waiter;
  final Route route;
  final long acquireByNs;
  final long deadlineNs;

  /** Whether the connection it had proved to be dead. */
  private final boolean fresh;

  /** The dial made on its behalf; null while a bound forbids one. */
  @Nullable Dialing dialing;

  Waiting(
      Origin origin, Waiter waiter, Route route, long acquireByNs, long deadlineNs, boolean fresh) {
    this.origin = origin;
    this.waiter = waiter;
    this.route = route;
    this.acquireByNs = acquireByNs;
    this.deadlineNs = deadlineNs;
    this.fresh = fresh;
  }

  /**
   * Whether {@code pooled} will do. A fresh one is one that nobody has used, since what befell the
   * first may befall the others; one with many places says for itself when it ends.
   */
  boolean takes(PooledConnection pooled) {
    return !fresh || !pooled.used || pooled.http().capacity() > 1;
  }

  long dueNs() {
    // While a dial is under way its own time-outs apply; waiting for a place in the pool has
    // another.
    return dialing != null
        ? deadlineNs
        : io.vpc4j.core.fetch.exchange.Exchange.sooner(acquireByNs, deadlineNs);
  }
}
