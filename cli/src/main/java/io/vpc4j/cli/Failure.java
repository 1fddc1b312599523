package io.vpc4j.cli;

/** Ends a command with a sentence for people and a number for scripts. */
final class Failure extends Exception {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  Failure(int exitCode, String sentence) {
    super(sentence);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
