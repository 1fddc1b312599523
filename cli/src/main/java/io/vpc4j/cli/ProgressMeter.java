package io.vpc4j.cli;

import io.vpc4j.core.net.Ticker;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what passes and, once a transfer takes more than a second, shows it twice a second on one
 * line of the terminal.
 */
final class ProgressMeter implements AutoCloseable {

  private static final long FIRST_MS = 1_000;
  private static final long PERIOD_MS = 500;

  private final PrintWriter terminal;
  private final long totalOctets;
  private final Ticker ticker;
  private final long startNs;
  private final AtomicLong octets = new AtomicLong();
  private final ScheduledExecutorService timer;
  private volatile boolean shown;

  /**
   * Starts counting.
   *
   * @param totalOctets what is expected; -1 if not known
   */
  ProgressMeter(PrintWriter terminal, long totalOctets, Ticker ticker) {
    this.terminal = terminal;
    this.totalOctets = totalOctets;
    this.ticker = ticker;
    startNs = ticker.nowNs();
    timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              var thread = new Thread(task, "vpc4j-progress");
              thread.setDaemon(true);
              return thread;
            });
    timer.scheduleAtFixedRate(this::show, FIRST_MS, PERIOD_MS, TimeUnit.MILLISECONDS);
  }

  /** Writes to {@code out} and counts. */
  OutputStream counting(OutputStream out) {
    return new OutputStream() {
      @Override
      public void write(int octet) throws IOException {
        out.write(octet);
        octets.incrementAndGet();
      }

      @Override
      public void write(byte[] from, int offset, int length) throws IOException {
        out.write(from, offset, length);
        octets.addAndGet(length);
      }

      @Override
      public void flush() throws IOException {
        out.flush();
      }

      @Override
      public void close() throws IOException {
        out.close();
      }
    };
  }

  private void show() {
    shown = true;
    terminal.print("\r" + line(octets.get(), totalOctets, ticker.nowNs() - startNs) + "\u001b[K");
    terminal.flush();
  }

  /** {@code 12.3 MiB of 64.0 MiB (19%), 8.1 MiB/s}. */
  static String line(long octets, long totalOctets, long elapsedNs) {
    var perSecond = elapsedNs <= 0 ? 0 : octets * 1e9 / elapsedNs;
    var text = new StringBuilder(size((double) octets));
    if (totalOctets > 0) {
      text.append(" of ").append(size((double) totalOctets)).append(" (");
      text.append(100 * octets / totalOctets).append("%)");
    }
    return text.append(", ").append(size(perSecond)).append("/s").toString();
  }

  private static String size(double octets) {
    var units = new String[] {"B", "KiB", "MiB", "GiB", "TiB"};
    var value = octets;
    var unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }

  /** Stops; leaves the line with the last figure, if it was ever shown. */
  @Override
  public void close() {
    timer.shutdownNow();
    if (shown) {
      show();
      terminal.println();
      terminal.flush();
    }
  }
}
