package io.vpc4j.core.config;

import io.vpc4j.Problem;

/** A document cannot be read at all: the first thing wrong with it, and where. */
public final class ConfigDocumentException extends Exception {

  private static final long serialVersionUID = 1L;

  private final String fileName;
  private final int line;
  private final int column;

  /**
   * The first thing wrong.
   *
   * @param fileName the file as it was named
   * @param line from 1; 0 if not known
   * @param column from 1, in UTF-16 units; 0 if not known
   * @param message what is wrong, without the place
   */
  public ConfigDocumentException(String fileName, int line, int column, String message) {
    super(message);
    this.fileName = fileName;
    this.line = line;
    this.column = column;
  }

  /** The file as it was named. */
  public String fileName() {
    return fileName;
  }

  /** From 1; 0 if not known. */
  public int line() {
    return line;
  }

  /** From 1, in UTF-16 units; 0 if not known. */
  public int column() {
    return column;
  }

  /** What is wrong, without the place; never null. */
  public String reason() {
    return String.valueOf(getMessage());
  }

  /** The same, as a problem of severity error. */
  public Problem problem(Problem.Origin origin) {
    return new Problem(Problem.Severity.ERROR, origin, fileName, line, column, "", reason());
  }
}
