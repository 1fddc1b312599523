package io.vpc4j.cli;

/** What a command logs, on stderr. */
final class Logging {

  private static final String LEVEL = "org.slf4j.simpleLogger.log.io.vpc4j";
  private static final String TIME = "org.slf4j.simpleLogger.showDateTime";
  private static final String FORMAT = "org.slf4j.simpleLogger.dateTimeFormat";

  private Logging() {}

  /**
   * One line, with the time, for each event that a person would want. To be called before anything
   * has a logger; what the user set comes first.
   */
  static void events() {
    set(LEVEL, "info");
    set(TIME, "true");
    set(FORMAT, "yyyy-MM-dd HH:mm:ss.SSS");
  }

  private static void set(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
