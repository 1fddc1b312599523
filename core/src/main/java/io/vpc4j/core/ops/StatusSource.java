package io.vpc4j.core.ops;

import java.util.List;
import java.util.Map;

/**
 * A part of a process that can say how it stands.
 *
 * <p>All methods are called on an event loop, any number of times, and must not block: they read
 * counters, and no more. Nothing they give may be a secret.
 */
public interface StatusSource {

  /** What it is, in a word: {@code edge}, {@code mesh}; unique in its process. */
  String name();

  /** Whether it can do its work now. */
  boolean ready();

  /** Why it is ready, or not, in a line for people. */
  String summary();

  /**
   * Its figures.
   *
   * <p>Families of one name are shown as one; they must agree in type and help.
   */
  List<MetricFamily> metrics();

  /**
   * All there is to say, as a tree: maps with names as keys, lists, strings, numbers and Booleans.
   * Names are in snake case; a list of maps is shown to people as a table.
   */
  Map<String, Object> details();
}
