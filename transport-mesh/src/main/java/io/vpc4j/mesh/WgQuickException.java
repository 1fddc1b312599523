package io.vpc4j.mesh;

import java.util.List;

/** A {@code wg-quick} file that cannot be read; says everything that is wrong with it, by line. */
public final class WgQuickException extends Exception {

  private final List<String> problems;

  WgQuickException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** Each a sentence that begins with its line, such as {@code "line 3: ..."}; never a secret. */
  public List<String> problems() {
    return problems;
  }
}
