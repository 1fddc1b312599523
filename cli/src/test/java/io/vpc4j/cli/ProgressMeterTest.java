package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressMeterTest {

  @Test
  void saysHowFarAndHowFast() {
    assertThat(ProgressMeter.line(16L << 20, 64L << 20, 2_000_000_000L))
        .isEqualTo("16.0 MiB of 64.0 MiB (25%), 8.0 MiB/s");
  }

  @Test
  void leavesOutWhatIsNotKnown() {
    assertThat(ProgressMeter.line(512, -1, 1_000_000_000L)).isEqualTo("512 B, 512 B/s");
    assertThat(ProgressMeter.line(0, -1, 0)).isEqualTo("0 B, 0 B/s");
  }
}
