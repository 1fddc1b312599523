package io.vpc4j.mesh.wireguard.conf;

/**
 * What is wrong, and where.
 *
 * @param line from 1
 * @param message a sentence; never a secret
 */
public record ConfProblem(int line, String message) {

  /** {@code line 3: ...}. */
  @Override
  public String toString() {
    return "line " + line + ": " + message;
  }
}
