package io.vpc4j.mesh.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.testkit.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AffinityTest {

  private static final long SECOND_NS = 1_000_000_000L;

  private static final Share BOTH = Share.among(new int[] {0, 1});
  private static final Share FIRST_ALONE = Share.among(new int[] {0});

  private final Affinity affinity = new Affinity(1 << 14);

  private Map<Long, Integer> send(Iterable<Long> flows, Share share, long nowNs) {
    var went = new LinkedHashMap<Long, Integer>();
    flows.forEach(flow -> went.put(flow, affinity.of(flow, share, nowNs)));
    return went;
  }

  private static List<Long> flows(Random random, int count) {
    return random.longs(count).boxed().toList();
  }

  @Test
  void whenALinkComesBackNoFlowMovesAndNewOnesAreShared() {
    var random = new Random(61);
    var early = flows(random, 1_000);
    var before = send(early, BOTH, 0);
    assertThat(before.values()).contains(0, 1);

    var meanwhile = flows(random, 1_000);
    assertThat(send(early, FIRST_ALONE, 4 * SECOND_NS).values()).containsOnly(0);
    assertThat(send(meanwhile, FIRST_ALONE, 5 * SECOND_NS).values()).containsOnly(0);

    assertThat(send(early, BOTH, 20 * SECOND_NS).values()).containsOnly(0);
    assertThat(send(meanwhile, BOTH, 20 * SECOND_NS).values()).containsOnly(0);
    var late = send(flows(random, 1_000), BOTH, 21 * SECOND_NS);
    assertThat(late.values().stream().filter(link -> link == 1).count()).isBetween(400L, 600L);
    assertThat(send(late.keySet(), BOTH, 22 * SECOND_NS)).isEqualTo(late);
  }

  /** The one of better priority was down, and takes back no flow that the other has begun. */
  @Test
  void aFlowStaysOnTheLinkThatStandsWorse() {
    var flows = flows(new Random(62), 500);
    var better = Share.among(new int[] {3}, 5);

    send(flows, Share.among(new int[] {5}), 0);

    assertThat(send(flows, better, SECOND_NS).values()).containsOnly(5);
    assertThat(send(flows(new Random(63), 500), better, SECOND_NS).values()).containsOnly(3);
    assertThat(send(flows, Share.among(new int[] {3}), 2 * SECOND_NS).values())
        .as("the other died")
        .containsOnly(3);
    assertThat(send(flows, better, 3 * SECOND_NS).values()).containsOnly(3);
  }

  @Test
  void afterTwoHoursOfSilenceAFlowIsNew() {
    var flows = flows(new Random(64), 500);
    send(flows, FIRST_ALONE, 0);

    var early = Affinity.IDLE_NS - 1;
    assertThat(send(flows, BOTH, early).values()).containsOnly(0);
    assertThat(send(flows, BOTH, early + Affinity.IDLE_NS).values()).contains(0, 1);
  }

  /** Under a flood of other flows it forgets, and what is forgotten goes as the hash has it. */
  @Test
  void aFloodChangesNothingWhileNoLinkComesBack() {
    var random = new Random(65);
    var flows = flows(random, 100);
    var before = send(flows, BOTH, 0);

    send(flows(random, 100_000), BOTH, SECOND_NS);

    assertThat(send(flows, BOTH, 2 * SECOND_NS)).isEqualTo(before);
  }

  /** Beside a slow twin: each set a list, sorted. */
  @Test
  void itIsACacheOfTheFlowsThatWereUsedLast() {
    Seeds.forEach(
        66,
        40,
        random -> {
          var capacity = Affinity.WAYS << random.nextInt(3);
          var fast = new Affinity(capacity);
          var twin = new Twin(capacity / Affinity.WAYS);
          var flows = flows(random, capacity * 2);
          var nowNs = random.nextLong();
          for (var i = 0; i < 2_000; i++) {
            nowNs += 1 + random.nextInt(1_000);
            if (random.nextInt(200) == 0) {
              nowNs += Affinity.IDLE_NS - random.nextInt(2_000);
            }
            var share =
                switch (random.nextInt(4)) {
                  case 0 -> Share.among(new int[] {0, 1, 2});
                  case 1 -> Share.among(new int[] {0, 2}, 1);
                  case 2 -> Share.among(new int[] {1}, 2);
                  default -> Share.among(new int[] {2});
                };
            var flow = flows.get(random.nextInt(flows.size()));
            assertThat(fast.of(flow, share, nowNs)).isEqualTo(twin.of(flow, share, nowNs));
          }
        });
  }

  private static final class Twin {
    private record Known(long flow, int link, long usedNs) {}

    private final List<List<Known>> sets = new ArrayList<>();

    Twin(int count) {
      for (var i = 0; i < count; i++) {
        sets.add(new ArrayList<>());
      }
    }

    int of(long flow, Share share, long nowNs) {
      var set = sets.get((int) Long.remainderUnsigned(flow, sets.size()));
      var link = share.of(flow);
      for (var known : List.copyOf(set)) {
        if (known.flow() == flow) {
          set.remove(known);
          if (nowNs - known.usedNs() < Affinity.IDLE_NS && share.keeps(known.link())) {
            link = known.link();
          }
        }
      }
      if (set.size() == Affinity.WAYS) {
        set.remove(set.stream().max(Comparator.comparing(k -> nowNs - k.usedNs())).orElseThrow());
      }
      set.add(new Known(flow, link, nowNs));
      return link;
    }
  }

  @Test
  void itsSizeIsAPowerOfTwo() {
    for (var wrong : new int[] {-8, 0, 4, 12, 1 << 25}) {
      assertThatThrownBy(() -> new Affinity(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
