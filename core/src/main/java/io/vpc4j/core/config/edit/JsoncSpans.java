package io.vpc4j.core.config.edit;

import io.vpc4j.core.config.edit.Node.Entry;
import io.vpc4j.core.config.edit.Node.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the values of a JSONC text begin and end.
 *
 * <p>Only for a text that {@link io.vpc4j.core.config.ConfigDocument} has read: what is well formed
 * needs no checks, and its depth is bounded, so recursion is too.
 */
final class JsoncSpans {

  private final Syntax syntax;
  private final String text;
  private int at;

  private JsoncSpans(Syntax syntax) {
    this.syntax = syntax;
    this.text = syntax.text;
  }

  /** The document's one value. */
  static Node root(Syntax syntax) {
    var spans = new JsoncSpans(syntax);
    spans.skip();
    return spans.value();
  }

  private void skip() {
    at = syntax.skipAll(at);
  }

  private Node value() {
    return switch (text.charAt(at)) {
      case '{' -> container(Kind.OBJECT, '}');
      case '[' -> container(Kind.ARRAY, ']');
      case '"' -> {
        int start = at;
        string();
        yield new Node(Kind.SCALAR, start, at, List.of());
      }
      default -> {
        int start = at;
        while (at < text.length() && !isEndOfWord(text.charAt(at))) {
          at++;
        }
        yield new Node(Kind.SCALAR, start, at, List.of());
      }
    };
  }

  private static boolean isEndOfWord(char c) {
    return c <= ' ' || c == ',' || c == ']' || c == '}' || c == '/';
  }

  private Node container(Kind kind, char close) {
    int start = at++;
    var entries = new ArrayList<Entry>();
    skip();
    while (text.charAt(at) != close) {
      int entryStart = at;
      List<String> path = List.of();
      if (kind == Kind.OBJECT) {
        path = List.of(string());
        skip();
        at++; // the colon
        skip();
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

  /** Goes behind a string; what it says. */
  private String string() {
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
        case 'u' -> {
          out.append((char) Integer.parseInt(text, at, at + 4, 16));
          at += 4;
        }
        default -> out.append(escaped);
      }
    }
    at++;
    return out.toString();
  }
}
