package io.vpc4j.core.config.edit;

import io.vpc4j.core.config.Dialect;
import java.util.List;
import java.util.Map;

/** The three edits there are, as splices of one text. */
interface Edits {

  /**
   * Adds an element to a list, which is made if it is not there.
   *
   * @param path the keys on the way to the list
   * @param element strings, numbers, lists and maps
   */
  List<Splice> append(List<String> path, Map<String, Object> element) throws CannotEditException;

  /** Takes an element of a list away. */
  List<Splice> remove(List<String> path, int index) throws CannotEditException;

  /** Sets a key, whether or not it is there. */
  List<Splice> set(List<String> path, Object value) throws CannotEditException;

  /** The edits of a text that has been read. */
  static Edits of(Dialect dialect, String text) {
    return dialect == Dialect.TOML ? new TomlEdits(text) : new JsoncEdits(text);
  }
}
