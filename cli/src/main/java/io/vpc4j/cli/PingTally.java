package io.vpc4j.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How many echo requests came back, and how fast: what ping(8) says in the end. One thread's. */
final class PingTally {

  private int sent;
  private int received;
  private int errors;
  private double least = Double.POSITIVE_INFINITY;
  private double most;
  private double sum;
  private double squares;

  void onSent() {
    sent++;
  }

  void onReply(Duration roundTrip) {
    var millis = roundTrip.toNanos() / 1e6;
    received++;
    least = Math.min(least, millis);
    most = Math.max(most, millis);
    sum += millis;
    squares += millis * millis;
  }

  void onError() {
    errors++;
  }

  /** Whether anything came back. */
  boolean isAnswered() {
    return received > 0;
  }

  /** The last lines. */
  List<String> lines(String name, Duration took) {
    var lines = new ArrayList<String>();
    lines.add("--- " + name + " ping statistics ---");
    lines.add(
        sent
            + " packets transmitted, "
            + received
            + " received"
            + (errors == 0 ? "" : ", +" + errors + " errors")
            + ", "
            + (sent == 0 ? 0 : Math.round(100.0 * (sent - received) / sent))
            + "% packet loss, time "
            + took.toMillis()
            + "ms");
    if (received > 0) {
      var mean = sum / received;
      var deviation = Math.sqrt(Math.max(0, squares / received - mean * mean));
      lines.add(
          String.format(
              Locale.ROOT,
              "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms",
              least,
              mean,
              most,
              deviation));
    }
    return lines;
  }
}
