package io.vpc4j.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows under headings, for people: columns as wide as what is in them. */
final class Table {

  private final List<List<String>> rows = new ArrayList<>();
  private final int columns;

  Table(String... headings) {
    columns = headings.length;
    rows.add(List.of(headings));
  }

  Table(List<String> headings) {
    this(headings.toArray(String[]::new));
  }

  /** One more row; as many cells as there are headings. */
  Table row(List<String> cells) {
    if (cells.size() != columns) {
      throw new IllegalArgumentException(cells.size() + " cells, not " + columns);
    }
    rows.add(cells.stream().map(Table::shown).toList());
    return this;
  }

  Table row(String... cells) {
    return row(List.of(cells));
  }

  /** A terminal's control characters come from files and from far ends, and are not obeyed. */
  static String shown(String text) {
    return text.codePoints().anyMatch(Character::isISOControl)
        ? text.replaceAll("\\p{Cntrl}", "?")
        : text;
  }

  void print(PrintWriter out, String indent) {
    var widths = new int[columns];
    for (var row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (var row : rows) {
      var line = new StringBuilder(indent);
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i));
        if (i + 1 < columns) {
          line.append(" ".repeat(widths[i] - row.get(i).length() + 2));
        }
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
