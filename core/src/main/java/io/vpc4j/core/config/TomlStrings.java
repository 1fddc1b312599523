package io.vpc4j.core.config;

/** The four kinds of TOML string. [TOML] String */
final class TomlStrings {

  private final TomlText in;

  TomlStrings(TomlText in) {
    this.in = in;
  }

  /** Any of the four. */
  String any() throws ConfigDocumentException {
    if (in.startsWith("\"\"\"") || in.startsWith("'''")) {
      return lines();
    }
    return line();
  }

  /** A string of one line, as a key may be. */
  String line() throws ConfigDocumentException {
    int quote = in.peek();
    in.skip(1);
    var out = new StringBuilder();
    while (!in.skipIf(quote)) {
      int c = in.peek();
      if (c == '\n' || (c == '\r' && in.peek(1) == '\n')) {
        throw in.fault("newlines are not allowed in strings");
      }
      character(c, quote, out);
    }
    return out.toString();
  }

  private String lines() throws ConfigDocumentException {
    int quote = in.peek();
    in.skip(3);
    in.skipLineEnd(); // one right behind the opening is not part of the string
    var out = new StringBuilder();
    while (true) {
      int quotes = 0;
      while (in.peek(quotes) == quote) {
        quotes++;
      }
      if (quotes > 5) {
        throw in.fault("too many quotes");
      }
      in.skip(quotes);
      if (quotes >= 3) { // up to two more quotes than the delimiter belong to the string
        return out.append(String.valueOf((char) quote).repeat(quotes - 3)).toString();
      }
      out.append(String.valueOf((char) quote).repeat(quotes));
      int c = in.peek();
      int from = in.offset();
      if (in.skipLineEnd()) {
        out.append(in.since(from));
      } else if (c == '\\' && quote == '"' && isLineContinued()) {
        in.skip(1);
        in.skipBlanks();
        do {
          in.skipBlanks();
        } while (in.skipLineEnd());
      } else {
        character(c, quote, out);
      }
    }
  }

  /** A backslash with nothing but blanks between it and the line's end. */
  private boolean isLineContinued() {
    int ahead = 1;
    while (in.peek(ahead) == ' ' || in.peek(ahead) == '\t') {
      ahead++;
    }
    return in.peek(ahead) == '\n' || (in.peek(ahead) == '\r' && in.peek(ahead + 1) == '\n');
  }

  private void character(int c, int quote, StringBuilder out) throws ConfigDocumentException {
    if (c == TomlText.END) {
      throw in.fault("unfinished string");
    }
    if (TomlText.isControl(c)) {
      throw in.fault("control characters are not allowed in strings");
    }
    if (c == '\\' && quote == '"') {
      escape(out);
    } else {
      out.append((char) c);
      in.skip(1);
    }
  }

  private void escape(StringBuilder out) throws ConfigDocumentException {
    int c = in.peek(1);
    switch (c) {
      case 'b' -> out.append('\b');
      case 't' -> out.append('\t');
      case 'n' -> out.append('\n');
      case 'f' -> out.append('\f');
      case 'r' -> out.append('\r');
      case 'e' -> out.append('\u001B');
      case '"', '\\' -> out.append((char) c);
      case 'x' -> hexadecimal(2, out);
      case 'u' -> hexadecimal(4, out);
      case 'U' -> hexadecimal(8, out);
      default -> throw in.fault("unrecognised escape sequence");
    }
    in.skip(2);
  }

  private void hexadecimal(int digits, StringBuilder out) throws ConfigDocumentException {
    int codePoint = 0;
    for (int i = 0; i < digits; i++) {
      int digit = in.peek(2 + i) < 0x80 ? Character.digit(in.peek(2 + i), 16) : -1;
      if (digit < 0 || codePoint > Character.MAX_CODE_POINT) {
        throw in.fault("invalid unicode escape");
      }
      codePoint = (codePoint << 4) | digit;
    }
    if (codePoint > Character.MAX_CODE_POINT
        || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE)) {
      throw in.fault("invalid unicode escape");
    }
    out.appendCodePoint(codePoint);
    in.skip(digits);
  }
}
