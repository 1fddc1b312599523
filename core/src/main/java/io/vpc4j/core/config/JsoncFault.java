package io.vpc4j.core.config;

import java.util.Locale;

/**
 * What jsonc-parser would call a fault that Jackson found, and one thing Jackson finds that is
 * none.
 *
 * <p>Only words: the verdict has fallen before this class is asked. A message starts with the other
 * parser's code, so that what is known about the code helps here too.
 */
final class JsoncFault {

  /** What stood to come next when the fault was met. */
  enum Before {
    VALUE,
    KEY,
    MEMBER_VALUE,
    NEXT_MEMBER,
    NEXT_ELEMENT,
    END
  }

  /** The code of a word that is no JSON. */
  static final String SYMBOL = "InvalidSymbol";

  private JsoncFault() {}

  /** A code, a colon, and a sentence part. */
  static String describe(
      String text, int offset, Before before, boolean inArray, String jacksonMessage) {
    var hint = jacksonMessage.lines().findFirst().orElse("").toLowerCase(Locale.ROOT);
    if (offset >= text.length()) {
      return atEnd(before, inArray, hint);
    }
    char c = text.charAt(offset);
    if (hint.contains("unquoted character")) {
      return c == '\n' || c == '\r'
          ? "UnexpectedEndOfString: a string ends with its line"
          : "InvalidCharacter: a control character in a string must be escaped";
    }
    if (hint.contains("hex-digit")) {
      return "InvalidUnicode: \\u needs four hexadecimal digits";
    }
    if (hint.contains("character escape")) {
      return "InvalidEscapeCharacter: no such escape sequence";
    }
    if (hint.contains("leading zeroes")) {
      return "CommaExpected: a number must not begin with 0";
    }
    if (hint.contains("not followed by a digit")) {
      return "UnexpectedEndOfNumber: a digit must follow";
    }
    if (isSymbol(c) || hint.contains("numeric value") || hint.contains("non-standard token")) {
      return SYMBOL + ": " + JsonText.quote(symbolAt(text, offset)) + " is not JSON";
    }
    return misplaced(before, c);
  }

  private static String atEnd(Before before, boolean inArray, String hint) {
    if (hint.contains("comment")) {
      return "UnexpectedEndOfComment: a comment is not closed";
    }
    if (hint.contains("string") || hint.contains("character escape")) {
      return "UnexpectedEndOfString: a string is not closed";
    }
    if (inArray) {
      return "CloseBracketExpected: an array is not closed";
    }
    return switch (before) {
      case KEY, NEXT_MEMBER -> "CloseBraceExpected: an object is not closed";
      case MEMBER_VALUE, VALUE, NEXT_ELEMENT, END -> "ValueExpected: the document ends too early";
    };
  }

  private static String misplaced(Before before, char c) {
    var found = ", not " + JsonText.quote(String.valueOf(c));
    return switch (before) {
      case VALUE -> "ValueExpected: a value must stand here" + found;
      case KEY ->
          (c == ',' ? "ValueExpected" : "PropertyNameExpected")
              + ": a key in double quotes must stand here"
              + found;
      case MEMBER_VALUE -> "ValueExpected: a colon and a value must follow a key" + found;
      case NEXT_MEMBER ->
          c == ',' ? "PropertyNameExpected: two commas" : "CommaExpected: \",\" or \"}\"" + found;
      case NEXT_ELEMENT ->
          c == ',' ? "ValueExpected: two commas" : "CommaExpected: \",\" or \"]\"" + found;
      case END -> "EndOfFileExpected: something follows the document's one value";
    };
  }

  /** A character that can neither begin a value nor separate two. */
  private static boolean isSymbol(char c) {
    return "{}[]\",:0123456789".indexOf(c) < 0;
  }

  /** The word there, cut short. */
  private static String symbolAt(String text, int offset) {
    int from = startOfSymbol(text, offset);
    int to = offset;
    while (to < text.length() && to - from < 32 && Character.isLetterOrDigit(text.charAt(to))) {
      to++;
    }
    return text.substring(from, Math.max(to, from == offset ? offset + 1 : offset));
  }

  /** Where a word begins; Jackson points behind some of them. */
  static int startOfSymbol(String text, int offset) {
    int from = Math.min(offset, text.length());
    while (from > 0 && offset - from < 16 && isInWord(text.charAt(from - 1))) {
      from--;
    }
    return from;
  }

  private static boolean isInWord(char c) {
    return Character.isLetter(c) || c == '+' || c == '-';
  }

  /**
   * The text with control characters in comments made blanks: jsonc-parser does not look at them,
   * Jackson refuses them. Same length, so every position stays. Almost every text comes back as it
   * is.
   */
  static String withHarmlessComments(String text) {
    if (text.chars().noneMatch(JsoncFault::isControl)) {
      return text;
    }
    var out = new StringBuilder(text);
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        at = endOfString(text, at);
      } else if (c == '/' && text.startsWith("//", at)) {
        at = blank(out, at, endOfLine(text, at));
      } else if (c == '/' && text.startsWith("/*", at)) {
        int close = text.indexOf("*/", at + 2);
        at = blank(out, at, close < 0 ? text.length() : close);
      } else {
        at++;
      }
    }
    return out.toString();
  }

  private static int blank(StringBuilder out, int from, int to) {
    for (int i = from; i < to; i++) {
      if (isControl(out.charAt(i))) {
        out.setCharAt(i, ' ');
      }
    }
    return to;
  }

  private static boolean isControl(int c) {
    return c < ' ' && c != '\t' && c != '\n' && c != '\r';
  }

  private static int endOfString(String text, int from) {
    int at = from + 1;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return at;
      }
      if (c == '\\') {
        at++;
      }
    }
    return text.length();
  }

  private static int endOfLine(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
      at++;
    }
    return at;
  }
}
