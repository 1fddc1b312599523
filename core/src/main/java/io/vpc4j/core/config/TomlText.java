package io.vpc4j.core.config;

/** A TOML text and the place the reader has come to. [TOML] Spec: Comments, Whitespace, Newlines */
final class TomlText {

  /** What {@link #peek} answers behind the end. */
  static final int END = -1;

  private final String fileName;
  private final String text;
  private int at;
  private int line = 1;
  private int lineStart;

  TomlText(String fileName, String text) {
    this.fileName = fileName;
    this.text = text;
  }

  boolean atEnd() {
    return at == text.length();
  }

  int peek() {
    return peek(0);
  }

  int peek(int ahead) {
    return at + ahead < text.length() ? text.charAt(at + ahead) : END;
  }

  boolean startsWith(String prefix) {
    return text.startsWith(prefix, at);
  }

  int offset() {
    return at;
  }

  String since(int from) {
    return text.substring(from, at);
  }

  int line() {
    return line;
  }

  int column() {
    return at - lineStart + 1;
  }

  /** Goes on within the line. */
  void skip(int count) {
    at += count;
  }

  boolean skipIf(int c) {
    if (peek() != c) {
      return false;
    }
    at++;
    return true;
  }

  /** LF or CRLF; a lone CR is no line end. */
  boolean skipLineEnd() {
    int length = peek() == '\n' ? 1 : peek() == '\r' && peek(1) == '\n' ? 2 : 0;
    if (length == 0) {
      return false;
    }
    at += length;
    line++;
    lineStart = at;
    return true;
  }

  void skipBlanks() {
    while (peek() == ' ' || peek() == '\t') {
      at++;
    }
  }

  /** A comment, up to its line end. */
  void skipComment() throws ConfigDocumentException {
    if (peek() != '#') {
      return;
    }
    at++;
    while (!atEnd() && peek() != '\n' && !(peek() == '\r' && peek(1) == '\n')) {
      if (isControl(peek())) {
        throw fault("control characters are not allowed in comments");
      }
      at++;
    }
  }

  void skipBlanksAndLines() throws ConfigDocumentException {
    do {
      skipBlanks();
      skipComment();
    } while (skipLineEnd());
  }

  /** Not allowed anywhere in a document; the tab is. */
  static boolean isControl(int c) {
    return (c >= 0 && c < ' ' && c != '\t') || c == 0x7F;
  }

  /** Something is wrong here. */
  ConfigDocumentException fault(String what) {
    return fault(line(), column(), what);
  }

  ConfigDocumentException fault(int line, int column, String what) {
    return new ConfigDocumentException(fileName, line, column, "Invalid TOML document: " + what);
  }
}
