package io.vpc4j.testkit;

import java.util.Random;

/**
 * Randomness that can be had again: the seed is fixed unless the system property {@code vpc4j.seed}
 * names another, and every failure says which it was.
 */
public final class Seeds {

  /** The system property that replaces the seed. */
  public static final String PROPERTY = "vpc4j.seed";

  /** A test that draws from {@link Random}. */
  @FunctionalInterface
  public interface Check {
    /** Fails by throwing. */
    void run(Random random) throws Exception;
  }

  private Seeds() {}

  /**
   * Runs {@code check} {@code times} times, each with a seed that follows from {@code seed}.
   *
   * @throws AssertionError what {@code check} threw, with the seed that makes it throw at once
   */
  public static void forEach(long seed, int times, Check check) {
    var given = Long.getLong(PROPERTY);
    for (var i = 0; i < (given == null ? times : 1); i++) {
      var each = given == null ? seed + i : given;
      try {
        check.run(new Random(each));
      } catch (Exception | AssertionError e) {
        throw new AssertionError("with -D" + PROPERTY + "=" + each + ": " + e.getMessage(), e);
      }
    }
  }
}
