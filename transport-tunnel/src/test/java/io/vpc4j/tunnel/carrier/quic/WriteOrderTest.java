package io.vpc4j.tunnel.carrier.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.Seeds;
import io.vpc4j.tunnel.carrier.quic.WriteOrder.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WriteOrderTest {

  private static final int QUANTUM = 16 << 10;

  private final WriteOrder<String> order = new WriteOrder<>();

  private Place<String> waiting(String name) {
    var place = order.join(name);
    order.await(place);
    return place;
  }

  private Place<String> bulk(String name) {
    var place = waiting(name);
    order.wrote(place, WriteOrder.FRESH_OCTETS);
    return place;
  }

  private String turn(int octets) {
    var place = order.next();
    order.wrote(place, octets);
    return place.flow();
  }

  @Test
  void nobodyWaitsAtFirst() {
    assertThat(order.next()).isNull();
    assertThat(order.isEmpty()).isTrue();
  }

  @Test
  void aNewFlowGoesBeforeBulk() {
    bulk("a");
    bulk("b");
    waiting("new");

    assertThat(turn(100)).isEqualTo("new");
    assertThat(turn(100)).as("still fresh").isEqualTo("new");
  }

  @Test
  void aFlowThatHasWrittenItsFreshOctetsIsOneOfTheOthers() {
    bulk("a");
    waiting("new");

    assertThat(turn(WriteOrder.FRESH_OCTETS)).isEqualTo("new");
    assertThat(turn(QUANTUM)).isEqualTo("a");
    assertThat(turn(QUANTUM)).isEqualTo("new");
  }

  @Test
  void aFloodOfNewFlowsStarvesNobody() {
    bulk("bulk"); // its own first turn was a fresh one
    IntStream.range(0, 100).forEach(i -> waiting("new " + i));

    var first = IntStream.rangeClosed(1, 100).filter(i -> turn(QUANTUM).equals("bulk")).findFirst();

    assertThat(first).hasValue(WriteOrder.FRESH_RUN);
  }

  @Test
  void waitingEarnsNoCredit() {
    var away = bulk("away");
    bulk("busy");
    order.leave(away);
    IntStream.range(0, 1_000).forEach(i -> turn(QUANTUM));

    order.await(away);

    var turns = IntStream.range(0, 10).mapToObj(i -> turn(QUANTUM)).toList();
    assertThat(turns).filteredOn("away"::equals).hasSizeBetween(4, 6);
  }

  @Test
  void leavingAndAwaitingTwiceIsOnce() {
    var place = waiting("a");
    order.await(place);
    order.leave(place);
    order.leave(place);
    assertThat(order.isEmpty()).isTrue();
    assertThat(place.waiting()).isFalse();
  }

  @Test
  void flowsThatAlwaysHaveSomethingGetEqualShares() {
    Seeds.forEach(
        7,
        50,
        random -> {
          var shares = new WriteOrder<Integer>();
          var written = new HashMap<Integer, Long>();
          var flows = 2 + random.nextInt(20);
          for (var i = 0; i < flows; i++) {
            shares.await(shares.join(i));
          }
          for (var i = 0; i < 5_000; i++) {
            var place = shares.next();
            var octets = 1 + random.nextInt(QUANTUM);
            shares.wrote(place, octets);
            written.merge(place.flow(), (long) octets, Long::sum);
          }
          var most = written.values().stream().mapToLong(Long::longValue).max().orElseThrow();
          var least = written.values().stream().mapToLong(Long::longValue).min().orElseThrow();
          assertThat(written).hasSize(flows);
          assertThat(most - least).isLessThanOrEqualTo(3L * QUANTUM);
        });
  }

  /** The same rules, said slowly. */
  private static final class Slow {
    private static final class Flow {
      final int number;
      long written;
      long start;
      boolean waiting;

      Flow(int number) {
        this.number = number;
      }

      boolean fresh() {
        return written < WriteOrder.FRESH_OCTETS;
      }
    }

    final List<Flow> flows = new ArrayList<>();
    long now;
    int freshRun;

    Flow next() {
      Flow fresh = null;
      Flow other = null;
      for (var flow : flows) {
        if (!flow.waiting) {
          continue;
        }
        if (flow.fresh()) {
          fresh = fresh == null ? flow : fresh;
        } else if (other == null || flow.start < other.start) {
          other = flow;
        }
      }
      if (fresh == null) {
        return other;
      }
      return other == null || freshRun < WriteOrder.FRESH_RUN ? fresh : other;
    }

    void wrote(Flow flow, int octets) {
      freshRun = flow.fresh() ? freshRun + 1 : 0;
      if (!flow.fresh()) {
        now = Math.max(now, flow.start);
      }
      flow.written += octets;
      flow.start = Math.max(flow.start, now) + octets;
    }
  }

  @Test
  void theOrderIsThatOfItsSlowTwin() {
    Seeds.forEach(11, 200, this::compare);
  }

  private void compare(Random random) {
    var quick = new WriteOrder<Integer>();
    var places = new ArrayList<Place<Integer>>();
    var slow = new Slow();
    for (var step = 0; step < 500; step++) {
      if (places.isEmpty() || random.nextInt(20) == 0) {
        places.add(quick.join(places.size()));
        slow.flows.add(new Slow.Flow(places.size() - 1));
      }
      var which = random.nextInt(places.size());
      var twin = slow.flows.get(which);
      if (random.nextBoolean()) {
        quick.await(places.get(which));
        if (!twin.waiting) {
          twin.waiting = true;
          twin.start = Math.max(twin.start, slow.now);
        }
      } else if (random.nextInt(4) == 0) {
        quick.leave(places.get(which));
        twin.waiting = false;
      }
      var next = quick.next();
      var expected = slow.next();
      assertThat(next == null ? -1 : next.flow())
          .isEqualTo(expected == null ? -1 : expected.number);
      if (next != null) {
        var octets = random.nextInt(QUANTUM);
        quick.wrote(next, octets);
        slow.wrote(expected, octets);
      }
    }
  }
}
