package io.vpc4j.tunnel.carrier.quic;

import java.util.Comparator;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who writes next on a connection. An engine: no I/O, no clock; its time is octets written.
 *
 * <p>Two rules. A flow that has written little since it was made is <i>fresh</i> and goes before
 * the others, oldest first, so that a request and its answer do not queue behind bulk; after {@link
 * #FRESH_RUN} turns of fresh ones in a row one of the others has its turn, so that a flood of new
 * flows starves nobody. Among the others the one that has written least goes next, whereby a flow
 * that comes back from a pause counts as having written as much as the one whose turn it is:
 * waiting earns no credit (start-time fair queueing, P. Goyal, H. Vin and H. Cheng, 1996).
 *
 * <p>Every operation costs the logarithm of the number of flows that wait.
 *
 * @param <F> what flows
 */
final class WriteOrder<F> {

  /** What a flow may write before it counts as one of the others. */
  static final int FRESH_OCTETS = 16 << 10;

  /** Turns of fresh flows in a row, while another flow waits. */
  static final int FRESH_RUN = 8;

  /** A flow's standing. Made by {@link #join}, known to one order alone. */
  static final class Place<F> {
    private final F flow;
    private final long number;
    private long written;
    private long start;
    private boolean waiting;

    private Place(F flow, long number) {
      this.flow = flow;
      this.number = number;
    }

    F flow() {
      return flow;
    }

    boolean waiting() {
      return waiting;
    }

    private boolean fresh() {
      return written < FRESH_OCTETS;
    }
  }

  private final NavigableSet<Place<F>> fresh =
      new TreeSet<>(Comparator.comparingLong((Place<F> place) -> place.number));
  private final NavigableSet<Place<F>> others =
      new TreeSet<>(
          Comparator.comparingLong((Place<F> place) -> place.start)
              .thenComparingLong(place -> place.number));

  private long now;
  private long joined;
  private int freshRun;

  /** A flow that has written nothing, and does not wait yet. */
  Place<F> join(F flow) {
    return new Place<>(flow, joined++);
  }

  /** {@code place} has something to write. Saying so again does nothing. */
  void await(Place<F> place) {
    if (place.waiting) {
      return;
    }
    place.waiting = true;
    place.start = Math.max(place.start, now);
    setOf(place).add(place);
  }

  /** {@code place} has nothing to write, or cannot. Saying so again does nothing. */
  void leave(Place<F> place) {
    if (place.waiting) {
      setOf(place).remove(place);
      place.waiting = false;
    }
  }

  /** Whose turn it is; it goes on waiting. Null if nobody waits. */
  @Nullable Place<F> next() {
    if (fresh.isEmpty()) {
      return others.isEmpty() ? null : others.first();
    }
    return others.isEmpty() || freshRun < FRESH_RUN ? fresh.first() : others.first();
  }

  /** {@code place}, which waits, has written. Goes on waiting, behind whom it has overtaken. */
  void wrote(Place<F> place, int octets) {
    setOf(place).remove(place);
    freshRun = place.fresh() ? freshRun + 1 : 0;
    if (!place.fresh()) {
      now = Math.max(now, place.start);
    }
    place.written += octets;
    place.start = Math.max(place.start, now) + octets;
    setOf(place).add(place);
  }

  boolean isEmpty() {
    return fresh.isEmpty() && others.isEmpty();
  }

  private NavigableSet<Place<F>> setOf(Place<F> place) {
    return place.fresh() ? fresh : others;
  }
}
