package io.vpc4j.mesh.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.Seeds;
import org.junit.jupiter.api.Test;

class LivenessTest {

  private static final long SECOND = 1_000_000_000L;

  private final Liveness node = new Liveness(0);

  @Test
  void threeProbesInARowAreNeededToDie() {
    assertThat(node.quietNs(1 * SECOND)).isEqualTo(Long.MAX_VALUE);
    assertThat(node.onMiss(1 * SECOND)).isFalse();
    assertThat(node.onMiss(2 * SECOND)).isFalse();
    assertThat(node.onAnswer(3 * SECOND)).isFalse();
    assertThat(node.onMiss(4 * SECOND)).isFalse();
    assertThat(node.onMiss(5 * SECOND)).isFalse();
    assertThat(node.onMiss(6 * SECOND)).isTrue();
    assertThat(node.alive()).isFalse();
    assertThat(node.quietNs(8 * SECOND)).isEqualTo(2 * SECOND);
  }

  private long die(long nowNs) {
    for (var i = 0; i < Liveness.MISSES_TO_DIE; i++) {
      node.onMiss(nowNs);
    }
    assertThat(node.alive()).isFalse();
    return nowNs;
  }

  private long secondsUntilAlive(long deadNs) {
    for (var seconds = 1; seconds < 1_000; seconds++) {
      if (node.onAnswer(deadNs + seconds * SECOND)) {
        return seconds;
      }
    }
    return -1;
  }

  @Test
  void itComesBackAfterTheHold() {
    assertThat(secondsUntilAlive(die(0))).isEqualTo(5);
  }

  @Test
  void whatFlapsIsHeldLongerEachTime() {
    var now = 0L;
    for (var hold : new long[] {5, 10, 20, 40, 80, 160, 300, 300}) {
      die(now);
      assertThat(secondsUntilAlive(now)).isEqualTo(hold);
      now += (hold + 1) * SECOND;
    }
  }

  @Test
  void whatWasLongAliveIsForgiven() {
    secondsUntilAlive(die(0));
    var later = Liveness.FORGET_NS + 5 * SECOND;
    assertThat(secondsUntilAlive(die(later))).isEqualTo(5);
  }

  /** However probes end, it changes at most so often. */
  @Test
  void itCannotFlapFast() {
    Seeds.forEach(
        5,
        50,
        random -> {
          var flapping = new Liveness(0);
          var changes = 0;
          for (var second = 1; second <= 3_600; second++) {
            var changed =
                random.nextInt(3) == 0
                    ? flapping.onAnswer(second * SECOND)
                    : flapping.onMiss(second * SECOND);
            changes += changed ? 1 : 0;
          }
          assertThat(changes).isLessThan(40);
        });
  }
}
