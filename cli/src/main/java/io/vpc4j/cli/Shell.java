package io.vpc4j.cli;

import java.util.regex.Pattern;

/** Words for a command line that is to be pasted into a shell. */
final class Shell {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private Shell() {}

  /** The word, quoted if it has to be. POSIX shell, 2.2.2 */
  static String word(Object text) {
    var word = text.toString();
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
