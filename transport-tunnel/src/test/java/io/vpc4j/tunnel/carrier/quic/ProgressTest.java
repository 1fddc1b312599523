package io.vpc4j.tunnel.carrier.quic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressTest {

  @Test
  void whatStandsStillForTheWholeTimeIsStalled() {
    var progress = new Progress(100, 7, 1_000);

    assertThat(progress.isStalled(7, 1_099)).isFalse();
    assertThat(progress.isStalled(7, 1_100)).isTrue();
  }

  @Test
  void whateverMovesBeginsTheTimeAnew() {
    var progress = new Progress(100, 7, 1_000);

    assertThat(progress.isStalled(8, 1_100)).isFalse();
    assertThat(progress.isStalled(8, 1_199)).isFalse();
    assertThat(progress.isStalled(8, 1_200)).isTrue();
  }

  @Test
  void aClockThatPassesItsEndIsNoMatter() {
    var progress = new Progress(100, 0, Long.MAX_VALUE - 10);

    assertThat(progress.isStalled(0, Long.MIN_VALUE + 10)).isFalse();
    assertThat(progress.isStalled(0, Long.MIN_VALUE + 89)).isTrue();
  }
}
