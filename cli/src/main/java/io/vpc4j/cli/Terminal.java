package io.vpc4j.cli;

/** Whether somebody is watching. */
final class Terminal {

  private Terminal() {}

  /**
   * Whether the standard error goes to a terminal. The launcher knows and says so; without it, a
   * console means that everything is one.
   */
  static boolean isStderr() {
    var told = System.getProperty("io.vpc4j.cli.stderrTerminal");
    return told != null ? Boolean.parseBoolean(told) : System.console() != null;
  }
}
