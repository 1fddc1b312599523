package io.vpc4j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class SmallPartsTest {

  @Test
  void aFailureNamesTheSeedThatMakesItAgain() {
    var drawn = new ArrayList<Integer>();

    assertThatThrownBy(
            () ->
                Seeds.forEach(
                    40,
                    5,
                    random -> {
                      drawn.add(random.nextInt());
                      assertThat(drawn).hasSizeLessThan(3);
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("with -Dvpc4j.seed=42: ");
    assertThat(drawn).doesNotHaveDuplicates();
  }

  @Test
  void aManualClockStandsStillAndNeverGoesBack() {
    var ticker = new ManualTicker(Long.MAX_VALUE - 1);
    var before = ticker.nowNs();

    assertThat(ticker.nowNs()).isEqualTo(before);
    ticker.advance(Duration.ofNanos(5));
    assertThat(ticker.nowNs() - before).isEqualTo(5);
    assertThatThrownBy(() -> ticker.advance(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
