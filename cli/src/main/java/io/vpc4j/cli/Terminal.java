package io.vpc4j.cli;

import java.util.EnumSet;
import java.util.Set;

/** The standard streams that somebody may be watching. */
enum Terminal {
  STDOUT("io.vpc4j.cli.stdoutTerminal", true),
  STDERR("io.vpc4j.cli.stderrTerminal", false);

  private final String property;
  private final boolean untold;

  Terminal(String property, boolean untold) {
    this.property = property;
    this.untold = untold;
  }

  /**
   * Those of this process that are terminals. Java cannot tell; the launcher can, and does. Without
   * it stdout is taken for one and stderr is not, so that nothing is drawn that nobody wants.
   */
  static Set<Terminal> watched() {
    var watched = EnumSet.noneOf(Terminal.class);
    for (var each : values()) {
      if (Boolean.parseBoolean(System.getProperty(each.property, String.valueOf(each.untold)))) {
        watched.add(each);
      }
    }
    return watched;
  }
}
