package io.vpc4j.core.config.edit;

/** How a text is laid out, and what is a blank or a comment in it. */
final class Syntax {

  private static final String DEFAULT_INDENT = "  ";

  /** What a comment begins with. */
  enum Comments {
    /** {@code //} and {@code /* *}{@code /}. */
    SLASHES,
    /** {@code #}. */
    HASH
  }

  final String text;
  private final Comments comments;

  Syntax(String text, Comments comments) {
    this.text = text;
    this.comments = comments;
  }

  /** CRLF if the first line ends so, else LF. */
  String lineEnd() {
    int first = text.indexOf('\n');
    return first > 0 && text.charAt(first - 1) == '\r' ? "\r\n" : "\n";
  }

  int lineStart(int at) {
    return text.lastIndexOf('\n', at - 1) + 1;
  }

  /** Behind the line's last character, before its line end. */
  int lineEnd(int at) {
    int end = text.indexOf('\n', at);
    if (end < 0) {
      return text.length();
    }
    return end > at && text.charAt(end - 1) == '\r' ? end - 1 : end;
  }

  /** Behind the line end; the text's end on the last line. */
  int nextLine(int at) {
    int end = text.indexOf('\n', at);
    return end < 0 ? text.length() : end + 1;
  }

  /** The blanks that the line holding {@code at} begins with. */
  String indentOf(int at) {
    int start = lineStart(at);
    return text.substring(start, skipBlanks(start));
  }

  /** Whether nothing but blanks stands before {@code at} on its line. */
  boolean isFirstOnLine(int at) {
    return skipBlanks(lineStart(at)) >= at;
  }

  /** One step of indentation: what the first member of the root has more than the root. */
  String indentUnit(Node root) {
    if (root.entries().isEmpty() || !isFirstOnLine(root.entries().get(0).start())) {
      return DEFAULT_INDENT;
    }
    var outer = indentOf(root.start());
    var inner = indentOf(root.entries().get(0).start());
    return inner.length() > outer.length() && inner.startsWith(outer)
        ? inner.substring(outer.length())
        : DEFAULT_INDENT;
  }

  boolean hasLineEnd(int from, int to) {
    int end = text.indexOf('\n', from);
    return end >= 0 && end < to;
  }

  int skipBlanks(int at) {
    int next = at;
    while (next < text.length() && isBlank(text.charAt(next))) {
      next++;
    }
    return next;
  }

  int blanksBefore(int at) {
    int first = at;
    while (first > 0 && isBlank(text.charAt(first - 1))) {
      first--;
    }
    return first;
  }

  static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  /** Behind blanks, line ends and comments. */
  int skipAll(int from) {
    int at = from;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (isBlank(c) || c == '\n' || c == '\r') {
        at++;
        continue;
      }
      int behind = behindComment(at);
      if (behind == at) {
        return at;
      }
      at = behind;
    }
    return at;
  }

  /** Behind the comments of this line that end on it; {@code from} if there are none. */
  int skipCommentsOnLine(int from) {
    int end = lineEnd(from);
    int at = from;
    while (true) {
      int start = skipBlanks(at);
      int behind = behindComment(start);
      if (behind == start || behind > end) {
        return at;
      }
      at = behind;
    }
  }

  /** As {@link #skipCommentsOnLine}, of those alone that something may follow on the line. */
  int skipClosedCommentsOnLine(int from) {
    int at = from;
    while (comments == Comments.SLASHES && text.startsWith("/*", skipBlanks(at))) {
      int behind = behindComment(skipBlanks(at));
      if (behind > lineEnd(from)) {
        return at;
      }
      at = behind;
    }
    return at;
  }

  /** Behind the comment that begins here, its line end not included; {@code at} if none does. */
  int behindComment(int at) {
    if (comments == Comments.HASH) {
      return at < text.length() && text.charAt(at) == '#' ? lineEnd(at) : at;
    }
    if (text.startsWith("//", at)) {
      // As the reader has it, a lone CR ends such a comment too.
      int end = lineEnd(at);
      int lone = text.indexOf('\r', at);
      return lone >= 0 && lone < end ? lone : end;
    }
    if (text.startsWith("/*", at)) {
      int close = text.indexOf("*/", at + 2);
      return close < 0 ? text.length() : close + 2;
    }
    return at;
  }
}
