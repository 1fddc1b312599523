package io.vpc4j.core.entrance;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.entrance.DatagramFlows.Destination;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DatagramFlowsTest {

  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  private final DatagramFlows<String> flows = new DatagramFlows<>();

  private static Destination port(int port) {
    return new Destination("10.0.1.50", port);
  }

  @Test
  void aFlowIsFoundByItsDestination() {
    assertThat(flows.use(port(53), 0)).isNull();
    assertThat(flows.add(port(53), "a", 0)).isNull();
    assertThat(flows.add(new Destination("dns.internal", 53), "b", 0)).isNull();

    assertThat(flows.use(port(53), 0)).isEqualTo("a");
    assertThat(flows.use(new Destination("dns.internal", 53), 0)).isEqualTo("b");
    assertThat(flows.use(port(54), 0)).isNull();
  }

  @Test
  void aFlowEndsAfterAMinuteOfSilenceAndNotBefore() {
    flows.add(port(1), "silent", 0);
    flows.add(port(2), "used", 0);
    flows.use(port(2), 30 * SECOND_NS);

    assertThat(flows.expire(DatagramFlows.IDLE_NS - 1)).isEmpty();
    assertThat(flows.expire(DatagramFlows.IDLE_NS)).containsExactly("silent");
    assertThat(flows.expire(30 * SECOND_NS + DatagramFlows.IDLE_NS)).containsExactly("used");
    assertThat(flows.size()).isZero();
  }

  /** The clock may begin anywhere, and passes its largest value. */
  @Test
  void theClockMayWrap() {
    var startNs = Long.MAX_VALUE - SECOND_NS;
    flows.add(port(1), "a", startNs);

    assertThat(flows.expire(startNs + 2 * SECOND_NS)).isEmpty();
    assertThat(flows.expire(startNs + DatagramFlows.IDLE_NS)).containsExactly("a");
  }

  @Test
  void oneTooManyTakesThePlaceOfTheOneThatWasSilentForTheLongest() {
    for (var i = 0; i < DatagramFlows.MAX_FLOWS; i++) {
      assertThat(flows.add(port(i), "flow " + i, i)).isNull();
    }
    flows.use(port(0), 1_000);

    assertThat(flows.add(port(9_999), "one more", 1_001)).isEqualTo("flow 1");
    assertThat(flows.size()).isEqualTo(DatagramFlows.MAX_FLOWS);
    assertThat(flows.use(port(0), 1_002)).isEqualTo("flow 0");
  }

  @Test
  void aFlowThatEndsDoesNotTakeItsSuccessorWithIt() {
    flows.add(port(1), "first", 0);
    flows.expire(DatagramFlows.IDLE_NS);
    flows.add(port(1), "second", DatagramFlows.IDLE_NS);

    flows.remove(port(1), "first");
    assertThat(flows.use(port(1), DatagramFlows.IDLE_NS)).isEqualTo("second");
    flows.remove(port(1), "second");
    assertThat(flows.size()).isZero();
  }

  /** Against a list that is searched from end to end. */
  @Test
  void itDoesWhatAListDoes() {
    var seed = 20_261_126L;
    var random = new Random(seed);
    record Slow(Destination to, String flow, long lastNs) {}
    List<Slow> slow = new ArrayList<>(); // the longest unused first
    var nowNs = 0L;
    for (var step = 0; step < 20_000; step++) {
      nowNs += random.nextLong(SECOND_NS);
      var to = port(random.nextInt(90));
      var at = nowNs;
      var known = slow.stream().filter(each -> each.to().equals(to)).findFirst();
      known.ifPresent(slow::remove);
      var flow = flows.use(to, nowNs);
      assertThat(flow)
          .as("seed %d, step %d", seed, step)
          .isEqualTo(known.map(Slow::flow).orElse(null));
      if (flow == null) {
        flow = "made in step " + step;
        var oldest = slow.size() == DatagramFlows.MAX_FLOWS ? slow.remove(0).flow() : null;
        assertThat(flows.add(to, flow, nowNs)).as("seed %d, step %d", seed, step).isEqualTo(oldest);
      }
      slow.add(new Slow(to, flow, nowNs));
      if (random.nextInt(50) == 0) {
        var idle =
            slow.stream().filter(each -> at - each.lastNs() >= DatagramFlows.IDLE_NS).toList();
        slow.removeAll(idle);
        assertThat(flows.expire(nowNs))
            .as("seed %d, step %d", seed, step)
            .containsExactlyElementsOf(idle.stream().map(Slow::flow).toList());
      }
    }
    assertThat(flows.clear()).containsExactlyElementsOf(slow.stream().map(Slow::flow).toList());
  }
}
