package io.vpc4j.core.config.directory;

import io.vpc4j.Problem;
import io.vpc4j.Problem.Origin;
import io.vpc4j.Problem.Severity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * What is wrong with one file, found so far. Keeps the first {@link #MAX_LISTED} and counts the
 * rest, so that a file of nothing but mistakes costs no more than one with many.
 */
final class Problems {

  /** More are counted and not listed. */
  static final int MAX_LISTED = 100;

  private static final Comparator<Problem> BY_PLACE =
      Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column);

  private final String file;
  private final List<Problem> listed = new ArrayList<>();
  private int unlisted;
  private int errors;

  Problems(String file) {
    this.file = file;
  }

  /** Notes a problem; {@code line} and {@code column} from 1, or 0 if not known. */
  void add(Severity severity, int line, int column, String scope, String message) {
    if (severity == Severity.ERROR) {
      errors++;
    }
    if (isFull()) {
      unlisted++;
    } else {
      listed.add(new Problem(severity, Origin.VPC4J, file, line, column, scope, message));
    }
  }

  /** Whether another problem would only be counted, and its message is not worth making. */
  boolean isFull() {
    return listed.size() >= MAX_LISTED;
  }

  /** A guess for a message, unless nobody will read it. */
  String hint(String word, Collection<String> known) {
    return isFull() ? "" : Guess.hint(word, known);
  }

  boolean hasErrors() {
    return errors > 0;
  }

  /** All, in the order of the file; last, if need be, how many more there are. */
  List<Problem> inOrder() {
    var all = new ArrayList<>(listed);
    all.sort(BY_PLACE);
    if (unlisted > 0) {
      // Among those not listed may be the only errors: then this line is what refuses the file.
      all.add(
          new Problem(
              errors > 0 ? Severity.ERROR : Severity.WARNING,
              Origin.VPC4J,
              file,
              0,
              0,
              "",
              "and " + unlisted + " more problems"));
    }
    return List.copyOf(all);
  }
}
