package io.vpc4j.core.entrance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Which destinations the datagrams of one client go to, and since when nothing has passed. No I/O,
 * and no clock but the caller's.
 *
 * <p>Not safe for use by several threads.
 *
 * @param <F> what the caller keeps for each
 */
final class DatagramFlows<F> {

  /** Destinations at once. One more takes the place of the one that was silent for the longest. */
  static final int MAX_FLOWS = 64;

  /** A flow without a datagram for so long is over: shorter than NATs keep them. RFC 4787 4.3 */
  static final long IDLE_NS = TimeUnit.SECONDS.toNanos(60);

  /**
   * A destination, as the client names it.
   *
   * @param host a name, or an address without brackets
   */
  record Destination(String host, int port) {}

  private static final class Entry<F> {
    final F flow;
    long lastNs;

    Entry(F flow, long nowNs) {
      this.flow = flow;
      this.lastNs = nowNs;
    }
  }

  private final LinkedHashMap<Destination, Entry<F>> flows = new LinkedHashMap<>(16, 0.75f, true);

  /** The flow to there, in use now; null if there is none. */
  @Nullable F use(Destination to, long nowNs) {
    var entry = flows.get(to);
    if (entry == null) {
      return null;
    }
    entry.lastNs = nowNs;
    return entry.flow;
  }

  /**
   * A flow to a destination that has none.
   *
   * @return the one whose place it took; null if there was room
   */
  @Nullable F add(Destination to, F flow, long nowNs) {
    F displaced = null;
    if (flows.size() >= MAX_FLOWS) {
      var eldest = flows.entrySet().iterator();
      displaced = eldest.next().getValue().flow;
      eldest.remove();
    }
    flows.put(to, new Entry<>(flow, nowNs));
    return displaced;
  }

  /** The flow has ended by itself; another one to there stays. */
  void remove(Destination to, F flow) {
    var entry = flows.get(to);
    if (entry != null && entry.flow == flow) {
      flows.remove(to);
    }
  }

  /** Takes out those that have been idle for {@link #IDLE_NS}, the most idle first. */
  List<F> expire(long nowNs) {
    var expired = new ArrayList<F>();
    for (var entries = flows.values().iterator(); entries.hasNext(); ) {
      var entry = entries.next();
      if (nowNs - entry.lastNs < IDLE_NS) {
        break; // in the order of their last use
      }
      expired.add(entry.flow);
      entries.remove();
    }
    return expired;
  }

  /** Takes out all. */
  List<F> clear() {
    var all = flows.values().stream().map(entry -> entry.flow).toList();
    flows.clear();
    return all;
  }

  int size() {
    return flows.size();
  }
}
