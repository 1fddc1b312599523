package io.vpc4j.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A status tree for people. Goes by its shape alone, so that a part may say more tomorrow: a list
 * of maps is a table, a map is a section, the rest are lines.
 */
final class StatusText {

  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  private StatusText() {}

  /** A process: a headline, then its parts. */
  static void print(Map<String, Object> status, PrintWriter out) {
    out.println(
        "vpc4j "
            + cell("vpc4j", status.get("vpc4j"))
            + ", pid "
            + cell("pid", status.get("pid"))
            + ", up "
            + cell("uptime_seconds", status.get("uptime_seconds"))
            + (Boolean.TRUE.equals(status.get("ready")) ? ", ready" : ", not ready"));
    if (status.get("parts") instanceof Map<?, ?> parts) {
      parts.forEach((name, part) -> section(String.valueOf(name), part, "", out));
    }
  }

  private static void section(String name, Object part, String indent, PrintWriter out) {
    if (!(part instanceof Map<?, ?> map)) {
      return;
    }
    out.println();
    var summary = map.get("summary");
    out.println(indent + words(name) + (summary == null ? "" : ": " + cell("summary", summary)));
    var inner = indent + "  ";
    int width =
        map.keySet().stream().mapToInt(key -> String.valueOf(key).length()).max().orElse(0) + 2;
    map.forEach(
        (key, value) -> {
          if (!isNested(value) && !key.equals("summary") && !key.equals("ready")) {
            var label = words(String.valueOf(key));
            out.println(
                inner
                    + label
                    + " ".repeat(Math.max(1, width - label.length()))
                    + cell(String.valueOf(key), value));
          }
        });
    map.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?>) {
            section(String.valueOf(key), value, inner, out);
          } else if (value instanceof List<?> list && isNested(value)) {
            table(String.valueOf(key), list, inner, out);
          }
        });
  }

  private static boolean isNested(Object value) {
    return value instanceof Map<?, ?>
        || (value instanceof List<?> list && list.stream().anyMatch(Map.class::isInstance));
  }

  private static void table(String name, List<?> rows, String indent, PrintWriter out) {
    var columns = new LinkedHashSet<String>();
    for (var row : rows) {
      if (row instanceof Map<?, ?> map) {
        map.keySet().forEach(key -> columns.add(String.valueOf(key)));
      }
    }
    var table =
        new Table(columns.stream().map(key -> words(key).toUpperCase(Locale.ROOT)).toList());
    for (var row : rows) {
      if (row instanceof Map<?, ?> map) {
        var cells = new ArrayList<String>();
        columns.forEach(
            column -> cells.add(map.containsKey(column) ? cell(column, map.get(column)) : "-"));
        table.row(cells);
      }
    }
    out.println();
    out.println(indent + words(name));
    table.print(out, indent + "  ");
  }

  /** A name without its unit, which the value shows. */
  private static String words(String key) {
    return key.replaceAll("_(octets|seconds)$", "").replace('_', ' ');
  }

  /** A value as people read it; the name's end says the unit. */
  static String cell(String key, @org.jspecify.annotations.Nullable Object value) {
    if (value == null) {
      return "?";
    }
    if (value instanceof List<?> list) {
      return list.isEmpty()
          ? "none"
          : String.join(", ", list.stream().map(each -> cell("", each)).toList());
    }
    if (value instanceof Number number && key.endsWith("_octets")) {
      return octets(number.doubleValue());
    }
    if (value instanceof Number number && key.endsWith("_seconds")) {
      return duration(Duration.ofSeconds(number.longValue()));
    }
    return Table.shown(String.valueOf(value));
  }

  private static String octets(double count) {
    int unit = 0;
    var rest = count;
    while (rest >= 1024 && unit + 1 < UNITS.length) {
      rest /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", rest, UNITS[unit]);
  }

  private static String duration(Duration time) {
    if (time.toHours() >= 48) {
      return time.toDays() + " d " + time.toHoursPart() + " h";
    }
    return time.toHours() > 0
        ? time.toHours() + " h " + time.toMinutesPart() + " min"
        : time.toMinutes() > 0
            ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
            : time.toSeconds() + " s";
  }
}
