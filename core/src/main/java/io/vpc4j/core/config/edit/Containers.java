package io.vpc4j.core.config.edit;

import io.vpc4j.core.config.edit.Node.Entry;
import io.vpc4j.core.config.edit.Rendering.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * What changes in an object or array when something is added to it or taken away: commas, blanks,
 * line ends. The same for JSONC and for the inline values of TOML.
 *
 * <p>Something new goes behind the last entry and is laid out as that one is. What is taken away
 * takes its comma along, its lines if it has them to itself, and the comment at the end of its last
 * line; a comment on a line of its own stays, whoever it speaks of.
 */
final class Containers {

  private final Syntax syntax;
  private final String unit;

  Containers(Syntax syntax, String unit) {
    this.syntax = syntax;
    this.unit = unit;
  }

  /**
   * Adds an entry at the end.
   *
   * @param render its text, for the indentation of the line it begins on and a layout
   */
  List<Splice> add(Node container, BiFunction<String, Layout, String> render) {
    return container.entries().isEmpty()
        ? addFirst(container, render)
        : addBehind(container, container.entries(), render);
  }

  private List<Splice> addFirst(Node container, BiFunction<String, Layout, String> render) {
    int close = container.end() - 1;
    var outer = syntax.indentOf(container.start());
    var inner = outer + unit;
    if (syntax.hasLineEnd(container.start(), close)) {
      if (syntax.isFirstOnLine(close)) {
        int line = syntax.lineStart(close);
        return List.of(
            Splice.insert(line, inner + render.apply(inner, Layout.SHORTEST) + syntax.lineEnd()));
      }
      // Something like "/* over \n lines */ ]": what is new stands on a line of its own.
    }
    return List.of(
        Splice.insert(
            close,
            syntax.lineEnd()
                + inner
                + render.apply(inner, Layout.SHORTEST)
                + syntax.lineEnd()
                + outer));
  }

  private List<Splice> addBehind(
      Node container, List<Entry> entries, BiFunction<String, Layout, String> render) {
    var last = entries.get(entries.size() - 1);
    boolean trailing = last.comma() >= 0;
    var layout = layoutOf(last);
    var splices = new ArrayList<Splice>();
    if (!trailing) {
      splices.add(Splice.insert(last.value().end(), ","));
    }
    var tail = trailing ? "," : "";
    if (syntax.hasLineEnd(container.start(), entries.get(0).start())) {
      var indent =
          syntax.isFirstOnLine(last.start())
              ? syntax.indentOf(last.start())
              : syntax.indentOf(container.start()) + unit;
      int at = syntax.skipCommentsOnLine(last.end());
      splices.add(
          Splice.insert(at, syntax.lineEnd() + indent + render.apply(indent, layout) + tail));
    } else {
      var indent = syntax.indentOf(last.start());
      splices.add(Splice.insert(last.end(), " " + render.apply(indent, layout) + tail));
    }
    return splices;
  }

  /** An object over several lines has its like beside it. */
  private Layout layoutOf(Entry entry) {
    return entry.value().isObject() && syntax.hasLineEnd(entry.value().start(), entry.value().end())
        ? Layout.LINES
        : Layout.SHORTEST;
  }

  /** Takes an entry away. */
  List<Splice> remove(Node container, int index) {
    var entries = container.entries();
    var entry = entries.get(index);
    var splices = new ArrayList<Splice>();
    boolean last = index > 0 && index == entries.size() - 1;
    var range = last ? rangeOfLast(entry, entries.get(index - 1)) : range(entry);
    if (last && entry.comma() < 0) {
      int comma = entries.get(index - 1).comma();
      splices.add(Splice.delete(comma, comma + 1));
    }
    if (entries.size() == 1 && isBlankAround(container, range)) {
      return List.of(Splice.delete(container.start() + 1, container.end() - 1));
    }
    splices.add(range);
    return splices;
  }

  /**
   * Of the last entry, where the bracket or a comment follows on its line: back to the one before.
   */
  private Splice rangeOfLast(Entry entry, Entry before) {
    if (hasOwnLines(entry)) {
      return range(entry);
    }
    int from = syntax.skipClosedCommentsOnLine(before.end());
    return Splice.delete(
        syntax.text.substring(from, entry.start()).isBlank()
            ? from
            : syntax.blanksBefore(entry.start()),
        entry.end());
  }

  private Splice range(Entry entry) {
    if (hasOwnLines(entry)) {
      return Splice.delete(
          syntax.lineStart(entry.start()), syntax.nextLine(syntax.skipCommentsOnLine(entry.end())));
    }
    if (entry.comma() >= 0) {
      int next = syntax.skipBlanks(entry.end());
      return Splice.delete(entry.start(), next == syntax.lineEnd(next) ? entry.end() : next);
    }
    return Splice.delete(syntax.blanksBefore(entry.start()), entry.end());
  }

  private boolean hasOwnLines(Entry entry) {
    int behind = syntax.skipBlanks(syntax.skipCommentsOnLine(entry.end()));
    return syntax.isFirstOnLine(entry.start()) && behind == syntax.lineEnd(behind);
  }

  private boolean isBlankAround(Node container, Splice range) {
    var inside =
        syntax.text.substring(container.start() + 1, Math.max(range.from(), container.start() + 1))
            + syntax.text.substring(Math.min(range.to(), container.end() - 1), container.end() - 1);
    return inside.isBlank();
  }
}
