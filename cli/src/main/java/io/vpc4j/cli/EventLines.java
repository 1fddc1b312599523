package io.vpc4j.cli;

import java.io.PrintWriter;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.slf4j.event.Level;

/** One line for each event, as {@code cloudflared} prints them: time, level, sentence. */
final class EventLines {

  private final PrintWriter out;
  private final Level least;

  /** Lines of {@code least} and above go to {@code out}. */
  EventLines(PrintWriter out, Level least) {
    this.out = out;
    this.least = least;
  }

  void print(Level level, String line) {
    if (level.toInt() >= least.toInt()) {
      var time = InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS);
      out.println(time + " " + level.name().substring(0, 3) + " " + line);
    }
  }

  void info(String line) {
    print(Level.INFO, line);
  }

  void warn(String line) {
    print(Level.WARN, line);
  }
}
