package io.vpc4j.core.config.edit;

import io.vpc4j.core.config.Dialect;
import java.util.LinkedHashMap;
import java.util.List;

/** Edits of a JSONC text. */
final class JsoncEdits implements Edits {

  private final Node root;
  private final Syntax syntax;
  private final Containers containers;
  private final Rendering rendering;

  JsoncEdits(String text) {
    syntax = new Syntax(text, Syntax.Comments.SLASHES);
    root = JsoncSpans.root(syntax);
    var unit = syntax.indentUnit(root);
    containers = new Containers(syntax, unit);
    rendering = new Rendering(Dialect.JSONC, syntax.lineEnd(), unit);
  }

  @Override
  public List<Splice> append(List<String> path, Object element) throws CannotEditException {
    var found = walk(path);
    if (found.depth() < path.size()) {
      return addMember(found, path, List.of(element));
    }
    if (!found.node().isArray()) {
      throw new CannotEditException(
          found.node().start(), "\"" + String.join(".", path) + "\" must be an array");
    }
    return containers.add(
        found.node(), (indent, layout) -> rendering.value(element, indent, layout));
  }

  @Override
  public List<Splice> remove(List<String> path, int index) {
    try {
      return containers.remove(walk(path).node(), index);
    } catch (CannotEditException e) {
      throw new IllegalArgumentException("nothing to remove at " + path, e);
    }
  }

  @Override
  public List<Splice> set(List<String> path, Object value) throws CannotEditException {
    var found = walk(path);
    if (found.depth() < path.size()) {
      return addMember(found, path, value);
    }
    var node = found.node();
    var text = rendering.value(value, syntax.indentOf(node.start()), Rendering.Layout.SHORTEST);
    return List.of(new Splice(node.start(), node.end(), text));
  }

  @Override
  public ElementEdits element(List<String> path, int index) throws CannotEditException {
    var element = walk(path).node().entries().get(index).value();
    return new ElementEdits(
        new ObjectMembers(element, containers, rendering), syntax, containers, rendering);
  }

  /** How far a path leads: to this node, after so many of its keys. */
  private record Found(Node node, int depth) {}

  private Found walk(List<String> path) throws CannotEditException {
    var node = root;
    for (int depth = 0; depth < path.size(); depth++) {
      if (!node.isObject()) {
        throw new CannotEditException(
            node.start(), "\"" + String.join(".", path.subList(0, depth)) + "\" must be an object");
      }
      var member = node.member(List.of(path.get(depth)));
      if (member == null) {
        return new Found(node, depth);
      }
      node = member.value();
    }
    return new Found(node, path.size());
  }

  /** Adds what of {@code path} is not there yet, with the value at its end. */
  private List<Splice> addMember(Found found, List<String> path, Object value) {
    var nested = nested(path.subList(found.depth() + 1, path.size()), value);
    var key = List.of(path.get(found.depth()));
    return containers.add(
        found.node(), (indent, layout) -> rendering.member(key, nested, indent, layout));
  }

  static Object nested(List<String> path, Object value) {
    var nested = value;
    for (int i = path.size() - 1; i >= 0; i--) {
      var outer = new LinkedHashMap<String, Object>();
      outer.put(path.get(i), nested);
      nested = outer;
    }
    return nested;
  }
}
