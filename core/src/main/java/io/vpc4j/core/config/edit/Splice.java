package io.vpc4j.core.config.edit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Some characters of a text, and what stands there instead.
 *
 * @param from the first that goes
 * @param to behind the last that goes; {@code from} for an insertion
 * @param text what comes
 */
record Splice(int from, int to, String text) {

  static Splice insert(int at, String text) {
    return new Splice(at, at, text);
  }

  static Splice delete(int from, int to) {
    return new Splice(from, to, "");
  }

  /** The text with all of them done; they must not overlap. Those at one place come in order. */
  static String apply(String text, List<Splice> splices) {
    var ordered = new ArrayList<>(splices);
    ordered.sort(Comparator.comparingInt(Splice::from)); // stable
    var out = new StringBuilder(text.length() + 256);
    int at = 0;
    for (var splice : ordered) {
      if (splice.from < at || splice.to < splice.from) {
        throw new IllegalArgumentException("splices overlap at " + splice.from);
      }
      out.append(text, at, splice.from).append(splice.text);
      at = splice.to;
    }
    return out.append(text, at, text.length()).toString();
  }
}
