package io.vpc4j.cli;

/** Whether somebody is watching. */
final class Terminal {

  private Terminal() {}

  /**
   * Whether the standard error goes to a terminal. Java cannot tell; the launcher can, and does.
   */
  static boolean isStderr() {
    return Boolean.getBoolean("io.vpc4j.cli.stderrTerminal");
  }
}
