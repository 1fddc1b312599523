package io.vpc4j.core.config;

import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.BooleanValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import io.vpc4j.core.config.TomlTables.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * TOML 1.1, one pass over the text. [TOML]
 *
 * <p>Our own, since the readers there are build a syntax tree first: measured, tomlj 1.2.0 takes
 * 235 MiB of heap for 0.9 MiB of routes and more than 500 MiB for 100,000 octets of numbers, which
 * no bound on the document makes good. It is the twin this class is tested against.
 *
 * <p>This class knows where values begin and end; {@link TomlStrings} what is in a string, {@link
 * TomlScalars} what a bare value is, {@link TomlTables} which table may be extended by whom.
 */
final class TomlReader {

  private final TomlText in;
  private final TomlStrings strings;
  private final TomlTables tables;
  private final ReadBudget budget;

  TomlReader(String fileName, String text) {
    this.in = new TomlText(fileName, text);
    this.strings = new TomlStrings(in);
    this.budget = new ReadBudget(fileName);
    this.tables = new TomlTables(in, budget);
  }

  /** The whole document: always a table, perhaps an empty one. */
  ConfigValue read() throws ConfigDocumentException {
    var table = tables.root();
    while (true) {
      in.skipBlanksAndLines();
      if (in.atEnd()) {
        return tables.finish();
      }
      if (in.peek() == '[') {
        table = header();
      } else {
        assignment(table);
      }
      in.skipBlanks();
      in.skipComment();
      if (!in.atEnd() && !in.skipLineEnd()) {
        throw in.fault("each key-value declaration must be followed by an end-of-line");
      }
    }
  }

  /** {@code [a.b]} or {@code [[a.b]]}. [TOML] Table, Array of Tables */
  private Table header() throws ConfigDocumentException {
    int line = in.line();
    int column = in.column();
    in.skip(1);
    boolean element = in.skipIf('[');
    in.skipBlanks();
    var path = path();
    if (!in.skipIf(']') || (element && !in.skipIf(']'))) {
      throw in.fault(
          element
              ? "expected end of table array declaration"
              : "expected end of table declaration");
    }
    return element ? tables.append(path, line, column) : tables.open(path, line, column);
  }

  /** {@code a.b = value}. [TOML] Key/Value Pair */
  private void assignment(Table table) throws ConfigDocumentException {
    var path = path();
    if (!in.skipIf('=')) {
      throw in.fault("incomplete key-value: cannot find end of key");
    }
    in.skipBlanks();
    var last = path.get(path.size() - 1);
    var owner = tables.walkDotted(table, path);
    tables.refuseSet(owner, last); // before the value, so that the key is what is blamed
    tables.put(owner, last, value(owner.depth() + 1));
  }

  /** The parts of a dotted key, and the blanks behind it. [TOML] Keys */
  private List<TomlTables.Key> path() throws ConfigDocumentException {
    var parts = new ArrayList<TomlTables.Key>(2);
    do {
      in.skipBlanks();
      int line = in.line();
      int column = in.column();
      budget.depth(parts.size() + 1, line, column);
      parts.add(new TomlTables.Key(keyPart(), line, column));
      in.skipBlanks();
    } while (in.skipIf('.'));
    return parts;
  }

  private String keyPart() throws ConfigDocumentException {
    int c = in.peek();
    if (c == '"' || c == '\'') {
      return strings.line();
    }
    int from = in.offset();
    while (isBare(in.peek())) {
      in.skip(1);
    }
    if (in.offset() == from) {
      throw in.fault(
          in.atEnd() || c == '.' || c == '=' || c == ']'
              ? "empty bare keys are not allowed"
              : "illegal character in key");
    }
    return in.since(from);
  }

  private static boolean isBare(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }

  private ConfigValue value(int depth) throws ConfigDocumentException {
    int line = in.line();
    int column = in.column();
    budget.value(line, column);
    switch (in.peek()) {
      case '"', '\'' -> {
        return new StringValue(strings.any(), line, column);
      }
      case '[' -> {
        return array(depth, line, column);
      }
      case '{' -> {
        return inlineTable(depth, line, column);
      }
      default -> {
        var word = bareValue();
        return word.equals("true") || word.equals("false")
            ? new BooleanValue(word.equals("true"), line, column)
            : TomlScalars.read(in, word, line, column);
      }
    }
  }

  /** A bare value, up to what ends one. A blank inside is a date's: {@code 1979-05-27 07:32:00}. */
  private String bareValue() throws ConfigDocumentException {
    int from = in.offset();
    while (isInBareValue(in.peek())) {
      in.skip(1);
    }
    if (in.offset() - from == 10
        && in.peek() == ' '
        && TomlScalars.isDate(in.since(from))
        && TomlScalars.isDigit(in.peek(1))) {
      in.skip(1);
      while (isInBareValue(in.peek())) {
        in.skip(1);
      }
    }
    if (in.offset() == from) {
      throw in.fault("invalid value");
    }
    return in.since(from);
  }

  private static boolean isInBareValue(int c) {
    return isBare(c) || c == '+' || c == '.' || c == ':';
  }

  private ConfigValue array(int depth, int line, int column) throws ConfigDocumentException {
    budget.depth(depth, line, column);
    in.skip(1);
    var elements = new ArrayList<ConfigValue>(4);
    in.skipBlanksAndLines();
    while (!in.skipIf(']')) {
      elements.add(value(depth + 1));
      in.skipBlanksAndLines();
      if (in.skipIf(',')) {
        in.skipBlanksAndLines();
      } else if (in.peek() != ']') {
        throw in.fault(in.atEnd() ? "cannot find end of structure" : "expected comma or bracket");
      }
    }
    return new ArrayValue(Collections.unmodifiableList(elements), line, column);
  }

  /** Since 1.1 with line ends, comments and a comma at the end. [TOML] Inline Table */
  private ConfigValue inlineTable(int depth, int line, int column) throws ConfigDocumentException {
    budget.depth(depth, line, column);
    in.skip(1);
    var table = tables.inline(depth, line, column);
    in.skipBlanksAndLines();
    while (!in.skipIf('}')) {
      assignment(table);
      in.skipBlanksAndLines();
      if (in.skipIf(',')) {
        in.skipBlanksAndLines();
      } else if (in.peek() != '}') {
        throw in.fault(in.atEnd() ? "cannot find end of structure" : "expected comma or brace");
      }
    }
    return table.finish();
  }
}
