package io.vpc4j.core.config.directory;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** Durations as the file spells them: one whole number and one unit, such as {@code "1500ms"}. */
final class Durations {

  static final String SYNTAX =
      "must be a whole number and a unit (ms, s, m, h or d), such as \"30s\"";

  /** As the JSON Schema has it. */
  static final Pattern PATTERN = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

  private Durations() {}

  static Optional<Duration> parse(String text) {
    var matcher = PATTERN.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    var count = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(count);
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          case "h" -> Duration.ofHours(count);
          default -> Duration.ofDays(count);
        });
  }
}
