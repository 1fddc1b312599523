package io.vpc4j.core.fetch.pool;

import io.vpc4j.ErrorCode;
import io.vpc4j.Limits;
import io.vpc4j.Request.Http;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.Exchange;
import io.vpc4j.core.fetch.exchange.HttpConnection;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.routing.Route;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one binding. Safe for use by many threads; nothing here blocks.
 *
 * <h2>Who gets which</h2>
 *
 * A request takes the connection of its {@link PoolKey} that was used last, or a place on one that
 * carries several at once. If there is none it waits, and on its behalf one more is dialled unless
 * a bound forbids it. Whichever is there first serves the request that has waited longest: a
 * connection that comes back, or one that was dialled for somebody else. A dial that fails fails
 * the request it was made for, if that still waits.
 *
 * <h2>Bounds</h2>
 *
 * Dials count as connections. At the bound of an origin, requests wait. At the bound of the pool,
 * the connection of another origin that was unused longest makes room; if all are in use, requests
 * wait, and of all origins the request that has waited longest gets the first place that becomes
 * free. A request that waits without a dial is bounded by {@link Limits#acquireTimeout} and {@link
 * Limits#maxWaiters}.
 *
 * <h2>One lock</h2>
 *
 * All state is guarded by one lock, held for a look-up and a few stores; whatever reaches out
 * (dials, hand-overs, closing) is done after it is released. A lock per origin or a lock-free stack
 * would save nothing that can be measured: a request holds it twice, for some tens of nanoseconds,
 * and the bound over all origins would need a second lock and an order between the two.
 */
public final class ConnectionPool implements Sweeper.Timed {

  private final Supplier<Limits> limits;
  private final Opener opener;
  private final Sweeper sweeper;
  private final Ticker ticker;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<PoolKey, Origin> origins = new HashMap<>();
  private final Set<PooledConnection> open = new HashSet<>();
  private @Nullable ArrayList<Runnable> deferred;
  private int connections; // open, and dials
  private int queued; // waiting without a dial
  private boolean closed;
  private final PoolCounters counters = new PoolCounters();
  private volatile long nextDueNs = Long.MAX_VALUE;

  /**
   * An empty pool.
   *
   * @param limits asked anew whenever a bound matters
   */
  public ConnectionPool(Supplier<Limits> limits, Opener opener, Sweeper sweeper, Ticker ticker) {
    this.limits = limits;
    this.opener = opener;
    this.sweeper = sweeper;
    this.ticker = ticker;
    sweeper.add(this);
  }

  // ---- taking and giving back

  /** A connection that is open and has room, with one exchange counted on it; null if none is. */
  public @Nullable PooledConnection poll(PoolKey key) {
    lock.lock();
    try {
      var origin = origins.get(key);
      return origin == null || closed ? null : take(origin);
    } finally {
      unlockAndAct();
    }
  }

  /**
   * Waits for a connection, and has one dialled if the bounds allow.
   *
   * @param fresh whether an idle connection will not do, because one has just proved to be dead
   * @param deadlineNs the request's own deadline; {@link Long#MAX_VALUE} for none
   * @return for {@link #abandon}; the waiter may have been called already
   */
  public Waiting await(PoolKey key, Route route, Waiter waiter, long deadlineNs, boolean fresh) {
    var bounds = limits.get();
    var nowNs = ticker.nowNs();
    Waiting waiting;
    lock.lock();
    try {
      var origin = origins.computeIfAbsent(key, Origin::new);
      var acquireByNs = nowNs + bounds.acquireTimeout().toNanos();
      waiting = new Waiting(origin, waiter, route, acquireByNs, deadlineNs, fresh);
      if (closed) {
        refuse(waiting, ErrorCode.REQUEST_ABORTED, "The binding was closed.");
      } else {
        var pooled = fresh ? null : take(origin);
        if (pooled != null) {
          handOver(pooled, waiting);
        } else {
          origin.waiting.addLast(waiting);
          queued++;
          if (!dialFor(waiting, bounds) && queued > bounds.maxWaiters()) {
            leave(waiting);
            counters.refusedWaiters++;
            refuse(
                waiting,
                ErrorCode.CONNECTION_LIMIT_REACHED,
                "All connections are in use, and "
                    + bounds.maxWaiters()
                    + " requests wait already; raise the limits or send fewer at once.");
          } else {
            lowerDue(waiting.dueNs());
          }
        }
      }
      forget(origin);
    } finally {
      unlockAndAct();
    }
    sweeper.wakeBy(waiting.dueNs());
    return waiting;
  }

  /**
   * The request does not want a connection any more.
   *
   * @return whether it was still waiting, and its waiter will not be called
   */
  public boolean abandon(Waiting waiting) {
    lock.lock();
    try {
      var waited = leaveAndCancel(waiting);
      if (waited) {
        dialWhereItHelps();
        forget(waiting.origin);
      }
      return waited;
    } finally {
      unlockAndAct();
    }
  }

  /** A connection that was handed out and on which no exchange was started. */
  public void giveBack(PooledConnection pooled) {
    onExchangeEnd(pooled);
  }

  private @Nullable PooledConnection take(Origin origin) {
    for (var i = 0; i < origin.shared.size(); i++) {
      var pooled = origin.shared.get(i);
      if (Origin.hasRoom(pooled)) {
        return lend(pooled);
      }
    }
    for (var pooled = origin.idle.pollLast(); pooled != null; pooled = origin.idle.pollLast()) {
      pooled.idle = false;
      if (Origin.hasRoom(pooled)) {
        if (pooled.http().capacity() > 1) {
          origin.shared.add(pooled);
        }
        return lend(pooled);
      }
      closeLater(pooled); // it died, and says so in a moment
    }
    return null;
  }

  private PooledConnection lend(PooledConnection pooled) {
    pooled.exchanges++;
    if (pooled.used) {
      counters.reuses++;
    }
    pooled.used = true;
    return pooled;
  }

  // ---- what connections report

  void onExchangeEnd(PooledConnection pooled) {
    lock.lock();
    try {
      pooled.exchanges--;
      if (!pooled.gone) {
        settle(pooled);
      }
    } finally {
      unlockAndAct();
    }
  }

  void onCapacityChange(PooledConnection pooled) {
    lock.lock();
    try {
      if (open.contains(pooled) && pooled.exchanges > 0) {
        serve(pooled);
      }
    } finally {
      unlockAndAct();
    }
  }

  void onClosed(PooledConnection pooled) {
    sweeper.remove(pooled);
    lock.lock();
    try {
      pooled.gone = true;
      if (open.remove(pooled)) {
        var origin = pooled.origin;
        origin.shared.remove(pooled);
        if (pooled.idle) {
          pooled.idle = false;
          origin.idle.remove(pooled);
        }
        origin.connections--;
        connections--;
        dialWhereItHelps();
        forget(origin);
      }
    } finally {
      unlockAndAct();
    }
  }

  /** A connection with room: to those who wait, else among the idle. */
  private void settle(PooledConnection pooled) {
    var origin = pooled.origin;
    var nowNs = ticker.nowNs();
    var bounds = limits.get();
    var retireNs = pooled.createdNs + bounds.maxConnectionAge().toNanos();
    if (closed || nowNs - retireNs >= 0) {
      retire(pooled);
      return;
    }
    serve(pooled);
    if (pooled.exchanges > 0) {
      return;
    }
    origin.shared.remove(pooled);
    if ((queued > 0 && connections >= bounds.maxConnections())
        || (origin.undialled() != null && origin.connections >= bounds.maxConnectionsPerOrigin())) {
      counters.evictions++;
      closeLater(pooled); // another origin waits for the place, or one who wants a fresh one
      return;
    }
    pooled.idle = true;
    pooled.idleSinceNs = nowNs;
    origin.idle.addLast(pooled);
    lowerDue(Exchange.sooner(nowNs + bounds.idleTimeout().toNanos(), retireNs));
  }

  private void retire(PooledConnection pooled) {
    pooled.origin.shared.remove(pooled);
    defer(() -> pooled.http().drain());
  }

  private void serve(PooledConnection pooled) {
    var origin = pooled.origin;
    while (Origin.hasRoom(pooled)) {
      var waiting = origin.firstFor(pooled);
      if (waiting == null) {
        break;
      }
      leave(waiting);
      pooled.exchanges++;
      if (pooled.used) {
        counters.reuses++;
      }
      handOver(pooled, waiting);
    }
    if (pooled.exchanges > 0 && pooled.http().capacity() > 1 && !origin.shared.contains(pooled)) {
      origin.shared.add(pooled);
    }
  }

  private void handOver(PooledConnection pooled, Waiting waiting) {
    pooled.used = true;
    defer(() -> waiting.waiter.onConnection(pooled));
  }

  // ---- dials

  /** The dial has made its connection: to those who wait. Holds the lock. */
  void adopt(Dialing dialing, PooledConnection made, HttpConnection connection) {
    var origin = dialing.origin;
    origin.dialing.remove(dialing);
    disown(dialing);
    made.opened(connection);
    open.add(made);
    counters.opened++;
    origin.multiplexes = connection.capacity() > 1;
    settle(made);
    if (origin.multiplexes) {
      cancelSurplus(origin);
    }
    defer(() -> watch(made));
  }

  private void watch(PooledConnection made) {
    sweeper.add(made);
    if (!made.http().channel().isOpen()) {
      sweeper.remove(made); // it closed in between, and has said so already
    }
  }

  /** Dials for {@code waiting} if the bounds allow it; false if not. */
  private boolean dialFor(Waiting waiting, Limits bounds) {
    var origin = waiting.origin;
    if (!origin.dialing.isEmpty() && (origin.multiplexes || origin.key.wish() == Http.HTTP_2)) {
      return false; // the one under way will do for all
    }
    if (origin.connections >= bounds.maxConnectionsPerOrigin()
        || (connections >= bounds.maxConnections() && !evict())) {
      return false;
    }
    var dialing = new Dialing(this, opener, waiting, ticker);
    waiting.dialing = dialing;
    queued--;
    origin.dialing.add(dialing);
    origin.connections++;
    connections++;
    defer(() -> dialing.begin(waiting.route));
    return true;
  }

  /** Closes the connection that was unused longest; its place counts as free from now on. */
  private boolean evict() {
    var oldest = Origin.unusedLongest(origins.values());
    if (oldest == null) {
      return false;
    }
    oldest.origin.idle.removeFirst();
    oldest.idle = false;
    oldest.gone = true;
    open.remove(oldest);
    oldest.origin.connections--;
    connections--;
    counters.evictions++;
    closeLater(oldest);
    forget(oldest.origin);
    return true;
  }

  /** A place became free: dials for whoever waited longest among those that may be helped. */
  private void dialWhereItHelps() {
    if (queued == 0 || closed) {
      return;
    }
    var bounds = limits.get();
    while (true) {
      Waiting longest = null;
      for (var origin : origins.values()) {
        var candidate = origin.undialled();
        if (candidate != null
            && origin.connections < bounds.maxConnectionsPerOrigin()
            && (longest == null || candidate.acquireByNs - longest.acquireByNs < 0)
            && (origin.dialing.isEmpty()
                || !(origin.multiplexes || origin.key.wish() == Http.HTTP_2))) {
          longest = candidate;
        }
      }
      if (longest == null || !dialFor(longest, bounds)) {
        return;
      }
    }
  }

  /** {@code waiting} leaves the queue; its dial goes to another who has none, or is given up. */
  private boolean leave(Waiting waiting) {
    if (!waiting.origin.waiting.remove(waiting)) {
      return false;
    }
    var dialing = waiting.dialing;
    if (dialing == null) {
      queued--;
      return true;
    }
    waiting.dialing = null;
    var heir = waiting.origin.undialled();
    dialing.owner = heir;
    if (heir != null) {
      heir.dialing = dialing;
      queued--;
    }
    return true;
  }

  /** The dial has no owner any more. */
  private void disown(Dialing dialing) {
    var owner = dialing.owner;
    dialing.owner = null;
    if (owner != null) {
      owner.dialing = null;
      queued++;
      var dueNs = owner.dueNs(); // it waits for a place from now on
      lowerDue(dueNs);
      defer(() -> sweeper.wakeBy(dueNs));
    }
  }

  /** A dial is over without a connection. Holds the lock. */
  void end(Dialing dialing, VpcException why) {
    var origin = dialing.origin;
    if (!origin.dialing.remove(dialing)) {
      return;
    }
    dialing.over = true;
    origin.connections--;
    connections--;
    var owner = dialing.owner;
    if (owner != null) {
      disown(dialing);
      leave(owner);
      defer(() -> owner.waiter.onNoConnection(why));
    }
    dialWhereItHelps();
    forget(origin);
  }

  private void cancelSurplus(Origin origin) {
    for (var dialing : List.copyOf(origin.dialing)) {
      if (dialing.owner == null) {
        cancel(dialing);
      }
    }
  }

  private void cancel(Dialing dialing) {
    var opening = dialing.opening;
    end(dialing, Dialing.dead());
    if (opening != null) {
      defer(opening::cancel);
    }
  }

  // ---- time

  @Override
  public long dueNs() {
    return nextDueNs;
  }

  /** What waits says when it begins to; what is idle is a connection, which is watched itself. */
  @Override
  public boolean announces() {
    return true;
  }

  @Override
  public void onDue(long nowNs) {
    var bounds = limits.get();
    lock.lock();
    try {
      nextDueNs = Long.MAX_VALUE;
      for (var origin : List.copyOf(origins.values())) {
        expireWaiting(origin, nowNs, bounds);
        expireIdle(origin, nowNs, bounds);
        forget(origin);
      }
      dialWhereItHelps();
    } finally {
      unlockAndAct();
    }
  }

  private void expireWaiting(Origin origin, long nowNs, Limits bounds) {
    for (var waiting : List.copyOf(origin.waiting)) {
      if (nowNs - waiting.deadlineNs >= 0 && waiting.deadlineNs != Long.MAX_VALUE) {
        leaveAndCancel(waiting);
        refuse(
            waiting,
            ErrorCode.REQUEST_TIMEOUT,
            "The request's deadline passed before it had a connection.");
      } else if (waiting.dialing == null && nowNs - waiting.acquireByNs >= 0) {
        leave(waiting);
        counters.acquireTimeouts++;
        refuse(
            waiting,
            ErrorCode.CONNECTION_LIMIT_REACHED,
            "No connection became free within "
                + bounds.acquireTimeout().toMillis()
                + " ms; raise the limits, or close responses that are not read to their end.");
      } else {
        lowerDue(waiting.dueNs());
      }
    }
  }

  /** As {@link #leave}, and a dial that nobody inherits is given up. */
  private boolean leaveAndCancel(Waiting waiting) {
    var dialing = waiting.dialing;
    if (!leave(waiting)) {
      return false;
    }
    if (dialing != null && dialing.owner == null) {
      cancel(dialing);
    }
    return true;
  }

  private void expireIdle(Origin origin, long nowNs, Limits bounds) {
    var idleNs = bounds.idleTimeout().toNanos();
    var ageNs = bounds.maxConnectionAge().toNanos();
    for (var pooled : List.copyOf(origin.idle)) {
      if (nowNs - pooled.idleSinceNs >= idleNs || nowNs - pooled.createdNs >= ageNs) {
        origin.idle.remove(pooled);
        pooled.idle = false;
        closeLater(pooled);
      } else {
        lowerDue(Exchange.sooner(pooled.idleSinceNs + idleNs, pooled.createdNs + ageNs));
      }
    }
  }

  private void lowerDue(long dueNs) {
    nextDueNs = Exchange.sooner(nextDueNs, dueNs);
  }

  // ---- the end, and facts

  /** Closes everything; requests that wait fail with {@code REQUEST_ABORTED}. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      for (var origin : List.copyOf(origins.values())) {
        for (var waiting : List.copyOf(origin.waiting)) {
          leaveAndCancel(waiting);
          refuse(waiting, ErrorCode.REQUEST_ABORTED, "The binding was closed.");
        }
        List.copyOf(origin.dialing).forEach(this::cancel);
      }
      open.forEach(this::closeLater);
      nextDueNs = Long.MAX_VALUE;
    } finally {
      unlockAndAct();
    }
    sweeper.remove(this);
  }

  /** How it stands. */
  public PoolStats stats() {
    lock.lock();
    try {
      return counters.stats(origins.values(), open);
    } finally {
      lock.unlock();
    }
  }

  // ---- small steps

  private void forget(Origin origin) {
    if (origin.empty()) {
      origins.remove(origin.key, origin);
    }
  }

  private void refuse(Waiting waiting, ErrorCode code, String message) {
    defer(() -> waiting.waiter.onNoConnection(new VpcException(code, Stage.CONNECT, message)));
  }

  private void closeLater(PooledConnection pooled) {
    defer(() -> pooled.http().close());
  }

  void lock() {
    lock.lock();
  }

  /** To be done once the lock is released. */
  void defer(Runnable action) {
    if (deferred == null) {
      deferred = new ArrayList<>(4);
    }
    deferred.add(action);
  }

  void unlockAndAct() {
    var actions = deferred;
    deferred = null;
    lock.unlock();
    if (actions != null) {
      actions.forEach(Runnable::run);
    }
  }
}
