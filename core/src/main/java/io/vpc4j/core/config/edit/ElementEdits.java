package io.vpc4j.core.config.edit;

import java.util.List;

/** Edits of one element of a list, as splices of the text that it stands in. */
final class ElementEdits {

  private final Members members;
  private final Syntax syntax;
  private final Containers containers;
  private final Rendering rendering;

  ElementEdits(Members members, Syntax syntax, Containers containers, Rendering rendering) {
    this.members = members;
    this.syntax = syntax;
    this.containers = containers;
    this.rendering = rendering;
  }

  /** Sets a field, whether or not it is there. */
  List<Splice> set(String field, Object value) throws CannotEditException {
    var node = members.value(field);
    if (node == null) {
      return members.add(field, value);
    }
    var indent = syntax.indentOf(node.start());
    var text = rendering.value(value, indent, Rendering.Layout.SHORTEST);
    return List.of(new Splice(node.start(), node.end(), text));
  }

  /** Takes a field that is there away. */
  List<Splice> unset(String field) throws CannotEditException {
    return members.remove(field);
  }

  /** Adds to the list in a field, which is made if it is not there. */
  List<Splice> append(String field, Object value) throws CannotEditException {
    var node = members.value(field);
    if (node == null) {
      return members.add(field, List.of(value));
    }
    if (!node.isArray()) {
      throw new CannotEditException(node.start(), "\"" + field + "\" must be an array");
    }
    return containers.add(node, (indent, layout) -> rendering.value(value, indent, layout));
  }

  /** Takes an element of the list in a field away. */
  List<Splice> remove(String field, int index) throws CannotEditException {
    var node = members.value(field);
    if (node == null) {
      return members.remove(field); // it is not written as a list
    }
    return containers.remove(node, index);
  }
}
