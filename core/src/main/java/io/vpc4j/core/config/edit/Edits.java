package io.vpc4j.core.config.edit;

import io.vpc4j.core.config.Dialect;
import java.util.List;

/** The edits there are, as splices of one text. */
interface Edits {

  /**
   * Adds an element to a list, which is made if it is not there.
   *
   * @param path the keys on the way to the list
   * @param element a string, a number, a list or a map
   */
  List<Splice> append(List<String> path, Object element) throws CannotEditException;

  /** Takes an element of a list away. */
  List<Splice> remove(List<String> path, int index) throws CannotEditException;

  /** Sets a key, whether or not it is there. */
  List<Splice> set(List<String> path, Object value) throws CannotEditException;

  /** The edits of an element of a list, which is an object. */
  ElementEdits element(List<String> path, int index) throws CannotEditException;

  /** The edits of a text that has been read. */
  static Edits of(Dialect dialect, String text) {
    return dialect == Dialect.TOML ? new TomlEdits(text) : new JsoncEdits(text);
  }
}
