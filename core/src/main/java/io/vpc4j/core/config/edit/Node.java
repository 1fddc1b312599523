package io.vpc4j.core.config.edit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value's place in the text.
 *
 * @param kind what it is
 * @param start its first character
 * @param end behind its last
 * @param entries what an object or array holds, in order; none of a scalar
 */
record Node(Kind kind, int start, int end, List<Entry> entries) {

  /** What matters here: whether there is something within. */
  enum Kind {
    OBJECT,
    ARRAY,
    SCALAR
  }

  /**
   * One element of an array, or member of an object.
   *
   * @param start where it begins: its key, or its value in an array
   * @param path its key, several where TOML has a dotted one; none in an array
   * @param value what it is set to
   * @param comma where the comma behind it stands; -1 if there is none
   */
  record Entry(int start, List<String> path, Node value, int comma) {

    /** Behind its value, or its comma if it has one. */
    int end() {
      return comma < 0 ? value.end : comma + 1;
    }
  }

  boolean isObject() {
    return kind == Kind.OBJECT;
  }

  boolean isArray() {
    return kind == Kind.ARRAY;
  }

  /** The member with just this key; null if there is none. The last one, should there be two. */
  @Nullable Entry member(List<String> path) {
    Entry found = null;
    for (var entry : entries) {
      if (entry.path.equals(path)) {
        found = entry;
      }
    }
    return found;
  }
}
