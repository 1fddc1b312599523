package io.vpc4j.tunnel.connector.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "30s, 30000000000",
    "1m30s, 90000000000",
    "1.5h, 5400000000000",
    "300ms, 300000000",
    "+5s, 5000000000",
    "1us, 1000",
    "1\u00b5s, 1000",
    "1\u03bcs, 1000",
    "7ns, 7",
    ".5s, 500000000",
    "2h45m30.5s, 9930500000000"
  })
  void durationsOfGoAreRead(String text, long ns) {
    assertThat(GoDuration.parse(text)).contains(Duration.ofNanos(ns));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "s", "-1s", "1 s", "1d", "1s2", "999999999999999999h", ".s", "1e3s"})
  void whatIsNoneIsRefused(String text) {
    assertThat(GoDuration.parse(text)).isEmpty();
  }

  @Test
  void theyAreWrittenAsGoWritesThem() {
    assertThat(GoDuration.format(Duration.ofSeconds(90))).isEqualTo("1m30s");
    assertThat(GoDuration.format(Duration.ZERO)).isEqualTo("0s");
    assertThat(GoDuration.format(Duration.ofHours(1))).isEqualTo("1h0m0s");
    assertThat(GoDuration.format(Duration.ofMillis(1500))).isEqualTo("1.5s");
  }
}
