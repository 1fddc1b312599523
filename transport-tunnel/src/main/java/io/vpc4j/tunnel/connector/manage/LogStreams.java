package io.vpc4j.tunnel.connector.manage;

import io.vpc4j.core.ops.StatusJson;
import io.vpc4j.tunnel.connector.serve.FlowLog;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Who is streaming the log: one session at a time, so that nobody slows a connector down by
 * listening to it. A newer session of the same actor takes the place of the older; another actor's
 * is turned away. [C] 7.8
 *
 * <p>Safe for use by many threads.
 */
public final class LogStreams implements FlowLog {

  private final InstantSource wall;
  private final AtomicReference<@Nullable LogSession> streaming = new AtomicReference<>();

  /**
   * Nobody is, yet.
   *
   * @param wall the time of day, for the lines
   */
  public LogStreams(InstantSource wall) {
    this.wall = wall;
  }

  /** Takes the place, if it can be had. */
  boolean begin(LogSession session) {
    while (true) {
      var now = streaming.get();
      if (now == session) {
        return true;
      }
      if (now != null && !now.actor().equals(session.actor())) {
        return false;
      }
      if (streaming.compareAndSet(now, session)) {
        if (now != null) {
          now.supersede();
        }
        return true;
      }
    }
  }

  /** Gives the place up, if {@code session} has it. */
  void end(LogSession session) {
    streaming.compareAndSet(session, null);
  }

  @Override
  public boolean listening() {
    return streaming.get() != null;
  }

  @Override
  public void tell(Level level, Kind kind, String line) {
    var session = streaming.get();
    if (session != null
        && session.filters().pass(level, kind, ThreadLocalRandom.current().nextDouble())) {
      session.offer(json(level, kind, line));
    }
  }

  private String json(Level level, Kind kind, String line) {
    var log =
        Map.of(
            "time", wall.instant().truncatedTo(ChronoUnit.MILLIS).toString(),
            "level", LogFilters.word(level),
            "message", line,
            "event", kind.toString());
    return StatusJson.of(Map.of("type", "logs", "logs", List.of(log)));
  }
}
