package io.vpc4j.core.config.edit;

import io.vpc4j.core.config.edit.TomlSpans.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Of an element under a header in double brackets.
 *
 * @param header its header
 * @param body the statements right under it
 * @param below the headers further down that speak of the same element
 */
record TableMembers(
    Statement header,
    List<Statement> body,
    List<Statement> below,
    Syntax syntax,
    Rendering rendering)
    implements Members {

  private @Nullable Statement statement(String field) {
    for (var statement : body) {
      if (statement.key().equals(List.of(field))) {
        return statement;
      }
    }
    return null;
  }

  @Override
  public @Nullable Node value(String field) {
    var found = statement(field);
    return found == null ? null : found.value().orElseThrow();
  }

  @Override
  public List<Splice> add(String field, Object value) throws CannotEditException {
    for (var statement : body) {
      if (statement.key().get(0).equals(field)) {
        throw isTable(statement, field);
      }
    }
    for (var statement : below) {
      if (statement.table().get(header.table().size()).equals(field)) {
        throw isTable(statement, field);
      }
    }
    var last = body.isEmpty() ? header : body.get(body.size() - 1);
    var indent = syntax.indentOf(last.start());
    return List.of(
        Splice.insert(
            syntax.skipCommentsOnLine(last.end()),
            syntax.lineEnd()
                + indent
                + rendering.member(List.of(field), value, indent, Rendering.Layout.SHORTEST)));
  }

  private static CannotEditException isTable(Statement statement, String field) {
    return new CannotEditException(statement.start(), "\"" + field + "\" is a table");
  }

  @Override
  public List<Splice> remove(String field) throws CannotEditException {
    var found = statement(field);
    if (found == null) {
      throw isTable(header, field);
    }
    return List.of(Splice.delete(syntax.lineStart(found.start()), syntax.nextLine(found.end())));
  }
}
