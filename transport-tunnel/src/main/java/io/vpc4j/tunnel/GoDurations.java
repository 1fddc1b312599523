package io.vpc4j.tunnel;

import io.vpc4j.tunnel.connector.config.GoDuration;
import java.time.Duration;
import java.util.Optional;

/** Durations as the flags of {@code cloudflared} have them: {@code 30s}, {@code 1m30s}. */
public final class GoDurations {

  private GoDurations() {}

  /** Reads a duration that is not negative; empty if {@code text} is none. */
  public static Optional<Duration> parse(String text) {
    return GoDuration.parse(text);
  }
}
