package io.vpc4j.core.config.directory;

/**
 * How deep a TOML file goes, found without going there: brackets outside strings and comments, and
 * the dots of a key.
 *
 * <p>It need not understand the file. Where the text is not TOML it may count too much or too
 * little; what it must not do is let the depth that the parser would see pass the bound.
 */
final class TomlDepth {

  private final String text;
  private final int max;
  private int at;
  private int line = 1;

  private TomlDepth(String text, int max) {
    this.text = text;
    this.max = max;
  }

  /** The first line that goes deeper than {@code max}; 0 if none does. */
  static int lineDeeperThan(String text, int max) {
    return new TomlDepth(text, max).walk();
  }

  private int walk() {
    var depth = 0;
    var dots = 0;
    while (at < text.length()) {
      var c = text.charAt(at);
      switch (c) {
        case '#' -> skipTo('\n');
        case '"', '\'' -> skipString(c);
        case '[', '{' -> {
          depth++;
          dots = 0;
          at++;
        }
        case ']', '}' -> {
          depth = Math.max(0, depth - 1);
          at++;
        }
        case '.' -> {
          dots++;
          at++;
        }
        case '=', ',' -> {
          dots = 0;
          at++;
        }
        case '\n' -> {
          line++;
          dots = 0;
          at++;
        }
        default -> at++;
      }
      if (depth > max || dots > max) {
        return line;
      }
    }
    return 0;
  }

  private void skipTo(char end) {
    while (at < text.length() && text.charAt(at) != end) {
      at++;
    }
  }

  private void skipString(char quote) {
    var three = String.valueOf(quote).repeat(3);
    if (text.startsWith(three, at)) {
      at += 3;
      while (at < text.length() && !text.startsWith(three, at)) {
        skipCharacter(quote);
      }
      at = Math.min(text.length(), at + 3);
      return;
    }
    at++;
    while (at < text.length() && text.charAt(at) != quote && text.charAt(at) != '\n') {
      skipCharacter(quote);
    }
    if (at < text.length() && text.charAt(at) == quote) {
      at++;
    }
  }

  /** One character, or the two of an escape, which a literal string has none of. */
  private void skipCharacter(char quote) {
    if (quote == '"' && text.charAt(at) == '\\' && at + 1 < text.length()) {
      at++;
    }
    if (text.charAt(at) == '\n') {
      line++;
    }
    at++;
  }
}
