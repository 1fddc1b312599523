package io.vpc4j.core.config;

import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.BooleanValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import io.vpc4j.core.config.TomlTables.Table;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
    var place = place(table);
    tables.put(place.owner, place.key, value(place.owner.depth() + 1));
  }

  /** Where the value that comes goes: a table, and the key in it. */
  private record Place(Table owner, TomlTables.Key key) {}

  /** {@code a.b =}. */
  private Place place(Table table) throws ConfigDocumentException {
    var path = path();
    if (!in.skipIf('=')) {
      throw in.fault("incomplete key-value: cannot find end of key");
    }
    in.skipBlanks();
    var last = path.get(path.size() - 1);
    var owner = tables.walkDotted(table, path);
    tables.refuseSet(owner, last); // before the value, so that the key is what is blamed
    return new Place(owner, last);
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

  /** A value with all that is in it. The structures that are open lie beside the stack. */
  private ConfigValue value(int depth) throws ConfigDocumentException {
    var open = new ArrayDeque<Structure>();
    var done = begin(depth, open);
    while (true) {
      var innermost = open.peekLast();
      if (innermost == null) {
        return Objects.requireNonNull(done);
      }
      if (done != null) {
        innermost.take(done);
      }
      if (innermost.next()) {
        done = begin(innermost.depth(), open);
      } else {
        done = innermost.finish();
        open.removeLast();
      }
    }
  }

  /** A value that has nothing in it; null if one was opened that may have. */
  private @Nullable ConfigValue begin(int depth, Deque<Structure> open)
      throws ConfigDocumentException {
    int line = in.line();
    int column = in.column();
    budget.value(line, column);
    switch (in.peek()) {
      case '"', '\'' -> {
        return new StringValue(strings.any(), line, column);
      }
      case '[' -> open.add(new ArrayStructure(depth, line, column));
      case '{' -> open.add(new InlineTable(depth, line, column));
      default -> {
        var word = bareValue();
        return word.equals("true") || word.equals("false")
            ? new BooleanValue(word.equals("true"), line, column)
            : TomlScalars.read(in, word, line, column);
      }
    }
    budget.depth(depth, line, column);
    in.skip(1);
    return null;
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

  /** An array or an inline table whose end has not been read. */
  private abstract class Structure {
    private final char end;
    private final String expected;
    private boolean begun;

    Structure(char end, String expected) {
      this.end = end;
      this.expected = expected;
    }

    /** Goes to where the next value begins; false at the end. */
    boolean next() throws ConfigDocumentException {
      in.skipBlanksAndLines();
      if (begun) {
        if (in.skipIf(',')) {
          in.skipBlanksAndLines();
        } else if (in.peek() != end) {
          throw in.fault(in.atEnd() ? "cannot find end of structure" : expected);
        }
      }
      begun = true;
      return !in.skipIf(end);
    }

    /** How deep the value that comes is. */
    abstract int depth();

    abstract void take(ConfigValue value);

    abstract ConfigValue finish();
  }

  private final class ArrayStructure extends Structure {
    private final List<ConfigValue> elements = new ArrayList<>(4);
    private final int depth;
    private final int line;
    private final int column;

    ArrayStructure(int depth, int line, int column) {
      super(']', "expected comma or bracket");
      this.depth = depth;
      this.line = line;
      this.column = column;
    }

    @Override
    int depth() {
      return depth + 1;
    }

    @Override
    void take(ConfigValue value) {
      elements.add(value);
    }

    @Override
    ConfigValue finish() {
      return new ArrayValue(Collections.unmodifiableList(elements), line, column);
    }
  }

  /** Since 1.1 with line ends, comments and a comma at the end. [TOML] Inline Table */
  private final class InlineTable extends Structure {
    private final Table table;
    private Place place;

    InlineTable(int depth, int line, int column) {
      super('}', "expected comma or brace");
      table = tables.inline(depth, line, column);
      place = new Place(table, new TomlTables.Key("", line, column)); // until next()
    }

    @Override
    boolean next() throws ConfigDocumentException {
      if (!super.next()) {
        return false;
      }
      place = place(table);
      return true;
    }

    @Override
    int depth() {
      return place.owner.depth() + 1;
    }

    @Override
    void take(ConfigValue value) {
      tables.put(place.owner, place.key, value);
    }

    @Override
    ConfigValue finish() {
      return table.finish();
    }
  }
}
