package io.vpc4j.core.config.edit;

import io.vpc4j.core.config.edit.Node.Entry;
import io.vpc4j.core.config.edit.Node.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the statements of a TOML text begin and end, and the values in them. [TOML]
 *
 * <p>Only for a text that {@link io.vpc4j.core.config.ConfigDocument} has read: what is well formed
 * needs no checks, and its depth is bounded, so recursion is too.
 */
final class TomlSpans {

  /**
   * A header, or a key with its value.
   *
   * @param table the table it stands in; for a header, the one it opens
   * @param element whether it is a header in double brackets
   * @param key what is set, relative to {@code table}; none for a header
   * @param value what it is set to; none for a header
   * @param start its first character
   * @param end behind its last, a comment on the line not included
   */
  record Statement(
      List<String> table,
      boolean element,
      List<String> key,
      Optional<Node> value,
      int start,
      int end) {

    boolean isHeader() {
      return value.isEmpty();
    }

    /** The whole way to what is set, or opened. */
    List<String> path() {
      if (key.isEmpty()) {
        return table;
      }
      var path = new ArrayList<>(table);
      path.addAll(key);
      return path;
    }
  }

  private final Syntax syntax;
  private final String text;
  private int at;

  private TomlSpans(Syntax syntax) {
    this.syntax = syntax;
    this.text = syntax.text;
  }

  static List<Statement> statements(Syntax syntax) {
    var spans = new TomlSpans(syntax);
    var statements = new ArrayList<Statement>();
    List<String> table = List.of();
    for (spans.skip(); spans.at < spans.text.length(); spans.skip()) {
      int start = spans.at;
      if (spans.text.charAt(start) == '[') {
        boolean element = spans.text.startsWith("[[", start);
        spans.at += element ? 2 : 1;
        table = spans.path();
        spans.at += element ? 2 : 1;
        statements.add(new Statement(table, element, List.of(), Optional.empty(), start, spans.at));
      } else {
        var key = spans.path();
        spans.at++; // the equals sign
        spans.at = syntax.skipBlanks(spans.at);
        var value = spans.value();
        statements.add(new Statement(table, false, key, Optional.of(value), start, spans.at));
      }
    }
    return statements;
  }

  private void skip() {
    at = syntax.skipAll(at);
  }

  private List<String> path() {
    var parts = new ArrayList<String>(2);
    while (true) {
      at = syntax.skipBlanks(at);
      parts.add(keyPart());
      at = syntax.skipBlanks(at);
      if (text.charAt(at) != '.') {
        return List.copyOf(parts);
      }
      at++;
    }
  }

  private String keyPart() {
    char c = text.charAt(at);
    if (c == '"') {
      return basicString();
    }
    int start = at;
    if (c == '\'') {
      at = text.indexOf('\'', at + 1) + 1;
      return text.substring(start + 1, at - 1);
    }
    while (isBare(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isBare(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }

  private Node value() {
    int start = at;
    switch (text.charAt(at)) {
      case '[' -> {
        return container(Kind.ARRAY, ']');
      }
      case '{' -> {
        return container(Kind.OBJECT, '}');
      }
      case '"', '\'' -> string();
      default -> bare();
    }
    return new Node(Kind.SCALAR, start, at, List.of());
  }

  private Node container(Kind kind, char close) {
    int start = at++;
    var entries = new ArrayList<Entry>();
    skip();
    while (text.charAt(at) != close) {
      int entryStart = at;
      List<String> path = List.of();
      if (kind == Kind.OBJECT) {
        path = path();
        at++; // the equals sign
        at = syntax.skipBlanks(at);
      }
      var value = value();
      skip();
      int comma = -1;
      if (text.charAt(at) == ',') {
        comma = at++;
        skip();
      }
      entries.add(new Entry(entryStart, path, value, comma));
    }
    at++;
    return new Node(kind, start, at, List.copyOf(entries));
  }

  private void string() {
    char quote = text.charAt(at);
    if (text.startsWith(String.valueOf(quote).repeat(3), at)) {
      lines(quote);
    } else if (quote == '"') {
      basicString();
    } else {
      at = text.indexOf('\'', at + 1) + 1;
    }
  }

  /** A string of several lines; up to two more quotes than its three may stand at its end. */
  private void lines(char quote) {
    at += 3;
    while (true) {
      int quotes = 0;
      while (at + quotes < text.length() && text.charAt(at + quotes) == quote) {
        quotes++;
      }
      at += quotes;
      if (quotes >= 3) {
        return;
      }
      at += text.charAt(at) == '\\' && quote == '"' ? 2 : 1;
    }
  }

  private String basicString() {
    var out = new StringBuilder();
    at++;
    while (text.charAt(at) != '"') {
      char c = text.charAt(at++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escaped = text.charAt(at++);
      switch (escaped) {
        case 'b' -> out.append('\b');
        case 't' -> out.append('\t');
        case 'n' -> out.append('\n');
        case 'f' -> out.append('\f');
        case 'r' -> out.append('\r');
        case 'e' -> out.append('\u001B');
        case 'x' -> hexadecimal(2, out);
        case 'u' -> hexadecimal(4, out);
        case 'U' -> hexadecimal(8, out);
        default -> out.append(escaped);
      }
    }
    at++;
    return out.toString();
  }

  private void hexadecimal(int digits, StringBuilder out) {
    out.appendCodePoint(Integer.parseInt(text, at, at + digits, 16));
    at += digits;
  }

  /** A number, a date, true or false. A blank inside is a date's: {@code 1979-05-27 07:32:00}. */
  private void bare() {
    int start = at;
    word();
    boolean dated =
        at - start == 10
            && text.charAt(start + 4) == '-'
            && at + 1 < text.length()
            && text.charAt(at) == ' '
            && Character.isDigit(text.charAt(at + 1));
    if (dated) {
      at++;
      word();
    }
  }

  private void word() {
    while (at < text.length() && (isBare(text.charAt(at)) || "+.:".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
  }
}
