package io.vpc4j.tunnel.connector.config;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which paths a rule is for: those in which an expression is found, anywhere unless it is anchored.
 *
 * <p>A path comes from strangers and an expression may be one that takes for ever on the right
 * path, so a match may look at {@value #MAX_STEPS} characters and no more.
 */
public final class PathPattern {

  private static final int MAX_STEPS = 1_000_000;

  private final Pattern pattern;

  private PathPattern(Pattern pattern) {
    this.pattern = pattern;
  }

  static PathPattern parse(String text, String place) throws ConfigException {
    try {
      return new PathPattern(Pattern.compile(text));
    } catch (PatternSyntaxException e) {
      throw new ConfigException(
          place, "path \"" + text + "\" is no regular expression: " + e.getDescription());
    }
  }

  /**
   * Whether the expression is found in {@code path}.
   *
   * @throws TooManySteps if that could not be told in bounded time
   */
  boolean matches(String path) {
    return pattern.matcher(new Counted(path, 0, path.length(), new AtomicInteger())).find();
  }

  @Override
  public String toString() {
    return pattern.pattern();
  }

  /** An expression of the configuration takes too long on this path. */
  public static final class TooManySteps extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManySteps() {
      super("a path expression of the configuration takes too long", null, false, false);
    }
  }

  /** Text that counts how often it is looked at. */
  private record Counted(String text, int from, int to, AtomicInteger steps)
      implements CharSequence {
    @Override
    public int length() {
      return to - from;
    }

    @Override
    public char charAt(int index) {
      if (steps.incrementAndGet() > MAX_STEPS) {
        throw new TooManySteps();
      }
      return text.charAt(from + index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Counted(text, from + start, from + end, steps);
    }

    @Override
    public String toString() {
      return text.substring(from, to);
    }
  }
}
