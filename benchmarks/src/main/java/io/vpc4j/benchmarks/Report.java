package io.vpc4j.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks as JMH's own main does, with the allocation profiler, and renders what came as
 * the tables of {@code benchmarks/README.md}.
 *
 * <p>Takes JMH's arguments. A table has a row for each benchmark and set of parameters but {@code
 * client}, and a column for each client: the score, its ratio to ours (where all are ours, to the
 * direct way), and octets allocated per operation.
 */
public final class Report {

  private static final String OURS = "vpc4j";
  private static final String DIRECT = "direct";

  private Report() {}

  /** Runs and prints. */
  public static void main(String[] arguments) throws Exception {
    var options =
        new OptionsBuilder()
            .parent(new CommandLineOptions(arguments))
            .addProfiler(GCProfiler.class)
            .build();
    System.out.println(render(new Runner(options).run()));
  }

  private static String render(Collection<RunResult> results) {
    var rows = new LinkedHashMap<String, Map<String, RunResult>>();
    var clients = new ArrayList<String>();
    for (var result : results) {
      var client = result.getParams().getParam("client");
      var column = client == null ? "score" : client;
      if (!clients.contains(column)) {
        clients.add(column);
      }
      rows.computeIfAbsent(rowName(result), name -> new TreeMap<>()).put(column, result);
    }
    var text = new StringBuilder();
    text.append("JDK ").append(System.getProperty("java.version"));
    text.append(", ").append(Runtime.getRuntime().availableProcessors()).append(" processors\n\n");
    text.append("| row | ").append(String.join(" | ", clients)).append(" |\n|---|");
    text.append("---|".repeat(clients.size())).append('\n');
    rows.forEach((name, cells) -> text.append(row(name, clients, cells)));
    return text.toString();
  }

  private static String rowName(RunResult result) {
    var benchmark = result.getParams().getBenchmark();
    var name = new StringBuilder(benchmark.substring(benchmark.lastIndexOf('.') + 1));
    for (var key : result.getParams().getParamsKeys()) {
      if (!key.equals("client")) {
        name.append(' ').append(result.getParams().getParam(key).toLowerCase(Locale.ROOT));
      }
    }
    return name.toString();
  }

  private static String row(String name, List<String> clients, Map<String, RunResult> cells) {
    var first = cells.containsKey(OURS) ? cells.get(OURS) : cells.get(DIRECT);
    var text = new StringBuilder("| ").append(name).append(" |");
    for (var client : clients) {
      var result = cells.get(client);
      text.append(result == null ? " – |" : cell(result, first));
    }
    return text.append('\n').toString();
  }

  private static String cell(RunResult result, @Nullable RunResult first) {
    var primary = result.getPrimaryResult();
    var text = new StringBuilder(" ").append(number(primary.getScore()));
    text.append(" ±")
        .append(number(primary.getScoreError()))
        .append(' ')
        .append(primary.getScoreUnit());
    if (first != null && first != result) {
      text.append(
          String.format(
              Locale.ROOT, " (%.2f)", primary.getScore() / first.getPrimaryResult().getScore()));
    }
    var allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
    if (allocated == null) {
      allocated = result.getSecondaryResults().get("·gc.alloc.rate.norm");
    }
    if (allocated != null) {
      text.append(", ").append(number(allocated.getScore())).append(" B");
    }
    return text.append(" |").toString();
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "?";
    }
    return value >= 100
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.3g", value);
  }
}
