package io.vpc4j.tunnel.edge;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Which connections serve which tunnel, and who waits for one.
 *
 * <p>Safe for use by many threads. The lock is held for a few steps over lists; nothing waits while
 * it is held, and nobody is called.
 */
final class ConnectionTable {

  /** Of one tunnel: 250 connectors of four. */
  static final int MAX_CONNECTIONS_PER_TUNNEL = 1_000;

  /** Dials of one tunnel that wait for a connector. */
  static final int MAX_WAITERS_PER_TUNNEL = 10_000;

  /** A connector counts its connections; an index it has again replaces the older. [T] 6.7 */
  private record Place(UUID connectorId, int connIndex) {}

  private static final class Tunnel {
    final Map<Place, EdgeConnection> connections = new HashMap<>();
    final ArrayDeque<Runnable> waiters = new ArrayDeque<>();
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Tunnel> tunnels = new HashMap<>();

  /** What became of {@link #add}. */
  sealed interface Added {
    /** It has a place of its own. */
    record New() implements Added {}

    /** It has the place of another, which is to be closed. */
    record Replaced(EdgeConnection older) implements Added {}

    /** There is no place. */
    record Full() implements Added {}
  }

  /** Adds a connection that is about to be ready. */
  Added add(EdgeConnection connection) {
    lock.lock();
    try {
      var tunnel = tunnels.computeIfAbsent(tunnelId(connection), id -> new Tunnel());
      var place = place(connection);
      if (!tunnel.connections.containsKey(place)
          && tunnel.connections.size() >= MAX_CONNECTIONS_PER_TUNNEL) {
        return new Added.Full();
      }
      var older = tunnel.connections.put(place, connection);
      return older == null ? new Added.New() : new Added.Replaced(older);
    } finally {
      lock.unlock();
    }
  }

  /** Removes a connection, unless another has its place by now. */
  void remove(EdgeConnection connection) {
    lock.lock();
    try {
      var tunnel = tunnels.get(tunnelId(connection));
      if (tunnel != null) {
        tunnel.connections.remove(place(connection), connection);
        removeIfEmpty(tunnelId(connection), tunnel);
      }
    } finally {
      lock.unlock();
    }
  }

  private void removeIfEmpty(String tunnelId, Tunnel tunnel) {
    if (tunnel.connections.isEmpty() && tunnel.waiters.isEmpty()) {
      tunnels.remove(tunnelId);
    }
  }

  /** Those of a tunnel that take streams, and fit, the least loaded first. */
  List<EdgeConnection> choices(String tunnelId, Predicate<EdgeConnection> fits) {
    var choices = new ArrayList<EdgeConnection>();
    lock.lock();
    try {
      var tunnel = tunnels.get(tunnelId);
      if (tunnel != null) {
        choices.addAll(tunnel.connections.values());
      }
    } finally {
      lock.unlock();
    }
    choices.removeIf(connection -> !connection.takesStreams() || !fits.test(connection));
    LeastLoaded.sort(choices);
    return choices;
  }

  /** What became of {@link #await}. */
  enum Waiting {
    /** It will be woken, or has to take its place back. */
    WAITS,
    /** There is a connection; nobody has to wait. */
    NOT_NEEDED,
    /** Too many wait. */
    FULL
  }

  /**
   * Has {@code wake} called once, on any thread, when a connection of the tunnel is ready.
   *
   * @param fits connections that count
   */
  Waiting await(String tunnelId, Predicate<EdgeConnection> fits, Runnable wake) {
    lock.lock();
    try {
      var tunnel = tunnels.computeIfAbsent(tunnelId, id -> new Tunnel());
      for (var connection : tunnel.connections.values()) {
        if (connection.takesStreams() && fits.test(connection)) {
          return Waiting.NOT_NEEDED;
        }
      }
      if (tunnel.waiters.size() >= MAX_WAITERS_PER_TUNNEL) {
        return Waiting.FULL;
      }
      tunnel.waiters.add(wake);
      return Waiting.WAITS;
    } finally {
      lock.unlock();
    }
  }

  /** {@code wake} is not to be called any more. */
  void forget(String tunnelId, Runnable wake) {
    lock.lock();
    try {
      var tunnel = tunnels.get(tunnelId);
      if (tunnel != null) {
        tunnel.waiters.remove(wake);
        removeIfEmpty(tunnelId, tunnel);
      }
    } finally {
      lock.unlock();
    }
  }

  /** A connection of the tunnel is ready: wakes who waits. */
  void wake(String tunnelId) {
    List<Runnable> woken;
    lock.lock();
    try {
      var tunnel = tunnels.get(tunnelId);
      if (tunnel == null) {
        return;
      }
      woken = new ArrayList<>(tunnel.waiters);
      tunnel.waiters.clear();
    } finally {
      lock.unlock();
    }
    woken.forEach(Runnable::run);
  }

  /** Wakes everybody who waits, of every tunnel. */
  void wakeAll() {
    var woken = new ArrayList<Runnable>();
    lock.lock();
    try {
      for (var tunnel : tunnels.values()) {
        woken.addAll(tunnel.waiters);
        tunnel.waiters.clear();
      }
    } finally {
      lock.unlock();
    }
    woken.forEach(Runnable::run);
  }

  /** Every connection there is, in no order. */
  Collection<EdgeConnection> all() {
    var all = new ArrayList<EdgeConnection>();
    lock.lock();
    try {
      tunnels.values().forEach(tunnel -> all.addAll(tunnel.connections.values()));
    } finally {
      lock.unlock();
    }
    return all;
  }

  private static String tunnelId(EdgeConnection connection) {
    return connection.registration().tunnelId();
  }

  private static Place place(EdgeConnection connection) {
    var registration = connection.registration();
    return new Place(registration.connectorId(), registration.call().connIndex());
  }
}
