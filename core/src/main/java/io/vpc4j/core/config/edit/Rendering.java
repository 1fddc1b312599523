package io.vpc4j.core.config.edit;

import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.JsonText;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** New values as text, in the dialect of the file. */
final class Rendering {

  /** An object longer than this is written over several lines. */
  private static final int MAX_LINE = 100;

  private static final Pattern BARE_KEY = Pattern.compile("[A-Za-z0-9_-]+");

  private final Dialect dialect;
  private final String lineEnd;
  private final String unit;

  Rendering(Dialect dialect, String lineEnd, String unit) {
    this.dialect = dialect;
    this.lineEnd = lineEnd;
    this.unit = unit;
  }

  /** How an object may be laid out. */
  enum Layout {
    /** On one line if it is short. */
    SHORTEST,
    /** A line for each member. */
    LINES
  }

  /** A member: its key and its value. */
  String member(List<String> path, Object value, String indent, Layout layout) {
    return key(path) + assignment() + value(value, indent, layout);
  }

  /**
   * A value.
   *
   * @param indent of the line it begins on
   */
  String value(Object value, String indent, Layout layout) {
    var inner = indent + unit;
    if (value instanceof List<?> list && list.stream().anyMatch(Map.class::isInstance)) {
      return list.stream()
          .map(element -> inner + value(element, inner, Layout.SHORTEST))
          .collect(Collectors.joining("," + lineEnd, "[" + lineEnd, lineEnd + indent + "]"));
    }
    var line = line(value);
    boolean breaks =
        value instanceof Map<?, ?> map
            && !map.isEmpty()
            && (layout == Layout.LINES
                || holdsObjects(map)
                || indent.length() + line.length() > MAX_LINE);
    if (!breaks) {
      return line;
    }
    return ((Map<?, ?>) value)
        .entrySet().stream()
            .map(
                entry ->
                    inner
                        + member(
                            List.of((String) entry.getKey()),
                            entry.getValue(),
                            inner,
                            Layout.SHORTEST))
            .collect(Collectors.joining("," + lineEnd, "{" + lineEnd, lineEnd + indent + "}"));
  }

  /** Whether there is a list of objects within, which is likely to grow. */
  private static boolean holdsObjects(Map<?, ?> map) {
    return map.values().stream()
        .anyMatch(
            value -> value instanceof List<?> l && l.stream().anyMatch(Map.class::isInstance));
  }

  private String assignment() {
    return dialect == Dialect.TOML ? " = " : ": ";
  }

  String key(List<String> path) {
    return path.stream()
        .map(
            part ->
                dialect == Dialect.TOML && BARE_KEY.matcher(part).matches() ? part : quote(part))
        .collect(Collectors.joining("."));
  }

  private String line(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.isEmpty()
          ? "{}"
          : map.entrySet().stream()
              .map(
                  entry ->
                      key(List.of((String) entry.getKey())) + assignment() + line(entry.getValue()))
              .collect(Collectors.joining(", ", "{ ", " }"));
    }
    if (value instanceof List<?> list) {
      return list.stream().map(this::line).collect(Collectors.joining(", ", "[", "]"));
    }
    return value instanceof String text ? quote(text) : String.valueOf(value);
  }

  /** JSON's string is TOML's basic one, save that TOML wants DEL escaped. [TOML] String */
  private String quote(String text) {
    var quoted = JsonText.quote(text);
    return dialect == Dialect.TOML ? quoted.replace("\u007F", "\\u007F") : quoted;
  }
}
