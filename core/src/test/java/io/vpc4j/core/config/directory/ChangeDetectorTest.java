package io.vpc4j.core.config.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A change is one when it has come to rest. */
class ChangeDetectorTest {

  private final ChangeDetector detector = new ChangeDetector(100, state("old"));

  @Test
  void whatIsAsItWasIsNoChange() {
    assertThat(detector.onLook(state("old"), 0)).isFalse();
    assertThat(detector.waitNs(0, 5_000)).isEqualTo(5_000);
  }

  @Test
  void aChangeCountsOnceItHasStayed() {
    assertThat(detector.onLook(state("new"), 10)).isFalse();
    assertThat(detector.waitNs(30, 5_000)).isEqualTo(80);
    assertThat(detector.onLook(state("new"), 109)).isFalse();
    assertThat(detector.onLook(state("new"), 110)).isTrue();
  }

  @Test
  void everyFurtherChangeBeginsTheWaitAnew() {
    detector.onLook(state("half"), 10);

    assertThat(detector.onLook(state("whole"), 109)).isFalse();
    assertThat(detector.onLook(state("whole"), 208)).isFalse();
    assertThat(detector.onLook(state("whole"), 209)).isTrue();
  }

  @Test
  void aChangeThatIsTakenBackIsNone() {
    detector.onLook(state("new"), 10);

    assertThat(detector.onLook(state("old"), 20)).isFalse();
    assertThat(detector.onLook(state("old"), 500)).isFalse();
  }

  @Test
  void whatWasHandledIsNotReadAgainEvenIfItWasRefused() {
    detector.onLook(state("bad"), 10);
    detector.onHandled(state("bad"));

    assertThat(detector.onLook(state("bad"), 1_000)).isFalse();
    assertThat(detector.onLook(state("good"), 1_000)).isFalse();
    assertThat(detector.onLook(state("good"), 1_100)).isTrue();
  }

  @Test
  void theClockMayPassItsLargestNumber() {
    var late = Long.MAX_VALUE - 50;
    detector.onLook(state("new"), late);

    assertThat(detector.onLook(state("new"), late + 99)).isFalse();
    assertThat(detector.onLook(state("new"), late + 100)).isTrue();
  }

  private static Fingerprint state(String state) {
    return new Fingerprint(Map.of(Path.of("directory.jsonc"), state));
  }
}
