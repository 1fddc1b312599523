package io.vpc4j.mesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossWindowTest {

  @Test
  void withoutADatagramThereIsNoLossToSpeakOf() {
    var window = new LossWindow();
    assertThat(window.permille()).isEmpty();
    window.add(0, 0);
    assertThat(window.permille()).isEmpty();
    window.add(10, 9);
    assertThat(window.permille()).hasValue(100);
    for (var second = 0; second < 60; second++) {
      window.add(10, 9);
    }
    assertThat(window.permille()).as("a minute later").isEmpty();
  }

  /** The same by keeping everything. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void itIsTheLossOfTheLastMinute(long seed) {
    var random = new Random(seed);
    var window = new LossWindow();
    var history = new ArrayList<long[]>();
    history.add(new long[] {0, 0});
    for (var second = 0; second < 300; second++) {
      var last = history.get(history.size() - 1);
      var sent = random.nextInt(3) == 0 ? 0 : random.nextInt(1_000);
      var next = new long[] {last[0] + sent, last[1] + (sent == 0 ? 0 : random.nextInt(sent + 1))};
      history.add(next);
      window.add(next[0], next[1]);

      var base = history.get(second < 60 ? 0 : history.size() - 60);
      var expected = next[0] - base[0];
      if (expected > 0) {
        assertThat(window.permille())
            .as("seed %d, second %d", seed, second)
            .hasValue((int) (1_000 * (expected - (next[1] - base[1])) / expected));
      } else {
        assertThat(window.permille()).isEmpty();
      }
    }
  }
}
