package io.vpc4j.core.config.edit;

import io.vpc4j.core.config.Dialect;
import io.vpc4j.core.config.edit.Node.Entry;
import io.vpc4j.core.config.edit.TomlSpans.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Edits of a TOML text, which can say one thing in several ways: an element of a list is a {@code
 * [[list]]} of its own where the file has such, else a member of its array; a key goes to its
 * table, wherever that is: under its header, in braces, or in dotted keys. [TOML] Table, Array of
 * Tables, Inline Table
 */
final class TomlEdits implements Edits {

  private final Syntax syntax;
  private final List<Statement> statements;
  private final Containers containers;
  private final Rendering rendering;

  TomlEdits(String text) {
    syntax = new Syntax(text, Syntax.Comments.HASH);
    statements = TomlSpans.statements(syntax);
    var unit = "  ";
    containers = new Containers(syntax, unit);
    rendering = new Rendering(Dialect.TOML, syntax.lineEnd(), unit);
  }

  // ---- append

  @Override
  public List<Splice> append(List<String> path, Object element) throws CannotEditException {
    refuseLists(path);
    var value = valueAt(path);
    if (value != null) {
      if (value.rest.isEmpty() && value.node.isArray()) {
        return containers.add(
            value.node, (indent, layout) -> rendering.value(element, indent, layout));
      }
      return addWithin(value, path, List.of(element));
    }
    if (!(element instanceof Map<?, ?> members)) {
      return setScalar(path, List.of(element));
    }
    var elements = elements(path);
    int at =
        elements.isEmpty() ? endOfRelated(path) : endOfElement(elements.get(elements.size() - 1));
    return List.of(table("[[" + rendering.key(path) + "]]", members, at));
  }

  /** A header and what is under it, as a block of its own behind {@code at}. */
  private Splice table(String header, Map<?, ?> members, int at) {
    var end = syntax.lineEnd();
    var out = new StringBuilder();
    if (at > 0) {
      out.append(syntax.text.charAt(at - 1) == '\n' ? end : end + end);
    }
    out.append(header).append(end);
    members.forEach(
        (key, value) ->
            out.append(
                    rendering.member(List.of((String) key), value, "", Rendering.Layout.SHORTEST))
                .append(end));
    return Splice.insert(at, out.toString());
  }

  // ---- remove

  @Override
  public List<Splice> remove(List<String> path, int index) {
    var value = valueAt(path);
    if (value != null) {
      return containers.remove(value.node, index);
    }
    int header = elements(path).get(index);
    var splices = new ArrayList<Splice>();
    for (int i = header; i < statements.size() && (i == header || !isElement(i, path)); i++) {
      if (statements.get(i).isHeader() && startsWith(statements.get(i).table(), path)) {
        splices.add(removeTable(i));
      }
    }
    return splices;
  }

  /** A header, all under it up to the next one, and a blank line above it. */
  private Splice removeTable(int header) {
    int last = header;
    while (last + 1 < statements.size() && !statements.get(last + 1).isHeader()) {
      last++;
    }
    int from = syntax.lineStart(statements.get(header).start());
    int to = syntax.nextLine(statements.get(last).end());
    int above = from == 0 ? 0 : syntax.lineStart(from - 1);
    boolean blankAbove = above < from && syntax.text.substring(above, from).isBlank();
    // Only one that parts it from something else: not where the file, or a comment, begins.
    return Splice.delete(blankAbove ? above : from, to);
  }

  // ---- within an element

  @Override
  public ElementEdits element(List<String> path, int index) {
    var value = valueAt(path);
    if (value != null) {
      var element = value.node.entries().get(index).value();
      return new ElementEdits(
          new ObjectMembers(element, containers, rendering), syntax, containers, rendering);
    }
    int header = elements(path).get(index);
    var body = new ArrayList<Statement>();
    var below = new ArrayList<Statement>();
    for (int i = header + 1; i < statements.size() && !isElement(i, path); i++) {
      var statement = statements.get(i);
      if (!statement.isHeader() && below.isEmpty() && statement.table().equals(path)) {
        body.add(statement);
      } else if (statement.isHeader()) {
        if (!startsWith(statement.table(), path)) {
          break;
        }
        below.add(statement);
      }
    }
    return new ElementEdits(
        new TableMembers(statements.get(header), body, below, syntax, rendering),
        syntax,
        containers,
        rendering);
  }

  // ---- set

  @Override
  public List<Splice> set(List<String> path, Object value) throws CannotEditException {
    refuseLists(path);
    var found = valueAt(path);
    if (found != null) {
      return found.rest.isEmpty()
          ? List.of(
              new Splice(
                  found.node.start(),
                  found.node.end(),
                  rendering.value(
                      value, syntax.indentOf(found.node.start()), Rendering.Layout.SHORTEST)))
          : addWithin(found, path, value);
    }
    for (var statement : statements) {
      if (startsWith(statement.path(), path)) {
        throw new CannotEditException(
            statement.start(), "\"" + String.join(".", path) + "\" is a table");
      }
    }
    if (value instanceof Map<?, ?> members) {
      return List.of(table("[" + rendering.key(path) + "]", members, endOfRelated(path)));
    }
    return setScalar(path, value);
  }

  private List<Splice> setScalar(List<String> path, Object value) {
    var parent = path.subList(0, path.size() - 1);
    var sibling = sibling(parent);
    if (sibling != null) {
      var key = path.subList(sibling.table().size(), path.size());
      var indent = syntax.isFirstOnLine(sibling.start()) ? syntax.indentOf(sibling.start()) : "";
      int at = syntax.skipCommentsOnLine(sibling.end());
      return List.of(
          Splice.insert(
              at,
              syntax.lineEnd()
                  + indent
                  + rendering.member(key, value, indent, Rendering.Layout.SHORTEST)));
    }
    if (!parent.isEmpty()) {
      return List.of(
          table(
              "[" + rendering.key(parent) + "]",
              Map.of(path.get(path.size() - 1), value),
              endOfRelated(parent)));
    }
    var line = rendering.member(path, value, "", Rendering.Layout.SHORTEST) + syntax.lineEnd();
    if (statements.isEmpty()) {
      var text = syntax.text;
      var before = text.isEmpty() || text.endsWith("\n") ? "" : syntax.lineEnd();
      return List.of(Splice.insert(text.length(), before + line));
    }
    // Before the first header, and before the comment that speaks of it.
    int at = startOfComment(statements.get(0).start());
    return List.of(Splice.insert(at, line + syntax.lineEnd()));
  }

  /**
   * The statement behind which a key of {@code parent} belongs: the last key right under its
   * header, the header itself, or the last dotted key that goes through it; null if there is none.
   */
  private @Nullable Statement sibling(List<String> parent) {
    Statement found = null;
    for (var statement : statements) {
      boolean own =
          statement.isHeader()
              ? !statement.element() && statement.table().equals(parent)
              : statement.table().size() <= parent.size()
                  && startsWith(statement.path(), parent)
                  && statement.path().size() > parent.size()
                  && isPlain(statement.table());
      boolean headed = found != null && found.table().equals(parent);
      if (own && (!headed || statement.table().equals(parent))) {
        found = statement;
      }
    }
    return found;
  }

  /** Whether a table is not one of many. */
  private boolean isPlain(List<String> table) {
    return statements.stream().noneMatch(each -> each.element() && startsWith(table, each.table()));
  }

  /** A header below a list would speak of its last element. [TOML] Array of Tables */
  private void refuseLists(List<String> path) throws CannotEditException {
    for (var statement : statements) {
      if (statement.element()
          && startsWith(path, statement.table())
          && path.size() > statement.table().size()) {
        throw new CannotEditException(
            statement.start(), "\"" + String.join(".", statement.table()) + "\" must be a table");
      }
    }
  }

  // ---- where things are

  /**
   * A value that a key is set to, and what of the path lies within it.
   *
   * @param rest the keys that it does not have
   */
  private record Value(Node node, List<String> rest) {}

  /** The value that holds, or could hold, {@code path}; null if no key leads there. */
  private @Nullable Value valueAt(List<String> path) {
    for (var statement : statements) {
      if (statement.value().isPresent()
          && startsWith(path, statement.path())
          && isPlain(statement.table())) {
        var node = statement.value().orElseThrow();
        return within(node, path.subList(statement.path().size(), path.size()));
      }
    }
    return null;
  }

  private static Value within(Node from, List<String> path) {
    var node = from;
    var rest = path;
    while (!rest.isEmpty()) {
      Entry next = null;
      for (var entry : node.entries()) {
        if (!entry.path().isEmpty() && startsWith(rest, entry.path())) {
          next = entry;
        }
      }
      if (next == null) {
        break;
      }
      node = next.value();
      rest = rest.subList(next.path().size(), rest.size());
    }
    return new Value(node, rest);
  }

  private List<Splice> addWithin(Value value, List<String> path, Object added)
      throws CannotEditException {
    if (value.rest.isEmpty()) {
      throw new CannotEditException(
          value.node.start(), "\"" + String.join(".", path) + "\" must be an array");
    }
    if (!value.node.isObject()) {
      var known = path.subList(0, path.size() - value.rest.size());
      throw new CannotEditException(
          value.node.start(), "\"" + String.join(".", known) + "\" must be a table");
    }
    return containers.add(
        value.node, (indent, layout) -> rendering.member(value.rest, added, indent, layout));
  }

  /** The statements that are {@code [[path]]}. */
  private List<Integer> elements(List<String> path) {
    var found = new ArrayList<Integer>();
    for (int i = 0; i < statements.size(); i++) {
      if (isElement(i, path)) {
        found.add(i);
      }
    }
    return found;
  }

  private boolean isElement(int statement, List<String> path) {
    var it = statements.get(statement);
    return it.isHeader() && it.element() && it.table().equals(path);
  }

  /** Behind the line of the last statement that belongs to the element with this header. */
  private int endOfElement(int header) {
    var path = statements.get(header).table();
    int last = header;
    for (int i = header + 1; i < statements.size(); i++) {
      var statement = statements.get(i);
      if (statement.isHeader() && !startsWith(statement.table(), path)) {
        break;
      }
      last = i;
    }
    return behind(statements.get(last));
  }

  /** Behind all that is said of the path's first key; the text's end if nothing is. */
  private int endOfRelated(List<String> path) {
    int last = -1;
    for (int i = 0; i < statements.size(); i++) {
      var table = statements.get(i).table();
      if (!table.isEmpty() && table.get(0).equals(path.get(0))) {
        last = i;
      }
    }
    return last < 0 ? syntax.text.length() : behind(statements.get(last));
  }

  /** Behind a statement's line, and behind comment lines that follow at once and end there. */
  private int behind(Statement statement) {
    int line = syntax.nextLine(statement.end());
    int at = line;
    while (syntax.text.startsWith("#", syntax.skipBlanks(at))) {
      at = syntax.nextLine(at);
    }
    int next = syntax.skipBlanks(at);
    // A comment right above something else speaks of that.
    return next == syntax.lineEnd(next) ? at : line;
  }

  /** Where the comment lines right above begin; the line itself if there are none. */
  private int startOfComment(int at) {
    int start = syntax.lineStart(at);
    while (start > 0) {
      int above = syntax.lineStart(start - 1);
      if (!syntax.text.startsWith("#", syntax.skipBlanks(above))) {
        break;
      }
      start = above;
    }
    return start;
  }

  private static boolean startsWith(List<String> path, List<String> prefix) {
    return path.size() >= prefix.size() && path.subList(0, prefix.size()).equals(prefix);
  }
}
