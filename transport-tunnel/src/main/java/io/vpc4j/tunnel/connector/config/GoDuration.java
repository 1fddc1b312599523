package io.vpc4j.tunnel.connector.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Durations as Go programs write them: {@code 30s}, {@code 1m30s}, {@code 1.5h}, {@code 300ms}. */
public final class GoDuration {

  private static final Pattern PART =
      Pattern.compile("\\G([0-9]{1,18}(?:\\.[0-9]{0,18})?|\\.[0-9]{1,18})(ns|us|µs|μs|ms|s|m|h)");
  private static final Map<String, Long> UNIT_NS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L, // U+00B5
          "μs", 1_000L, // U+03BC
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private GoDuration() {}

  /**
   * Reads a duration that is not negative.
   *
   * @return empty if {@code text} is none, or is longer than 292 years
   */
  public static Optional<Duration> parse(String text) {
    var unsigned = text.startsWith("+") ? text.substring(1) : text;
    if (unsigned.equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    var part = PART.matcher(unsigned);
    var total = BigDecimal.ZERO;
    var end = 0;
    while (part.find()) {
      var unit = BigDecimal.valueOf(UNIT_NS.getOrDefault(part.group(2), 1L));
      total = total.add(new BigDecimal(part.group(1)).multiply(unit));
      end = part.end();
    }
    if (end == 0 || end != unsigned.length()) {
      return Optional.empty();
    }
    return total.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(total.longValue()));
  }

  /** {@code 1m30s}, as Go prints it, to the millisecond. */
  public static String format(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    var out = new StringBuilder();
    if (duration.toHours() > 0) {
      out.append(duration.toHours()).append('h');
    }
    if (duration.toMinutes() > 0) {
      out.append(duration.toMinutesPart()).append('m');
    }
    var seconds = BigDecimal.valueOf(duration.toMillis() % 60_000).movePointLeft(3);
    return out.append(seconds.stripTrailingZeros().toPlainString()).append('s').toString();
  }
}
