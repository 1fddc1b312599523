package io.vpc4j.core.config.wrangler;

import io.vpc4j.Problem;
import io.vpc4j.core.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;

/**
 * Errors and warnings, in a tree: what is said of a part of the file comes behind what is said of
 * the whole, under the part's name.
 *
 * <p>At most {@value #MAX_FINDINGS} of each kind per tree are kept; the verdict stays right.
 */
final class Diagnostics {

  /** A file of nothing but errors must not become a hundred times its size in messages. */
  static final int MAX_FINDINGS = 10_000;

  private record Finding(String message, Place place) {}

  private static final class Count {
    private int errors;
    private int warnings;
  }

  private final String description;
  private final Count count;
  private final List<Finding> errors = new ArrayList<>();
  private final List<Finding> warnings = new ArrayList<>();
  private final List<Diagnostics> children = new ArrayList<>();

  private Diagnostics(String description, Count count) {
    this.description = description;
    this.count = count;
  }

  static Diagnostics root() {
    return new Diagnostics("", new Count());
  }

  /** One for a part; it counts only when {@link #add added}. */
  Diagnostics part(String partDescription) {
    return new Diagnostics(partDescription, count);
  }

  /** One whose findings nobody will see. */
  static Diagnostics discarded() {
    return root();
  }

  void add(Diagnostics part) {
    if (!part.errors.isEmpty() || !part.warnings.isEmpty() || !part.children.isEmpty()) {
      children.add(part);
    }
  }

  void error(String message, Place place) {
    if (count.errors++ < MAX_FINDINGS) {
      errors.add(new Finding(message, place));
    }
  }

  void error(String message, ConfigValue at) {
    error(message, Place.of(at));
  }

  void warn(String message, Place place) {
    if (count.warnings++ < MAX_FINDINGS) {
      warnings.add(new Finding(message, place));
    }
  }

  void warn(String message, ConfigValue at) {
    warn(message, Place.of(at));
  }

  boolean hasErrors() {
    return !errors.isEmpty() || children.stream().anyMatch(Diagnostics::hasErrors);
  }

  /** Whether some were not kept. */
  boolean isCutShort() {
    return Math.max(count.errors, count.warnings) > MAX_FINDINGS;
  }

  /** All of one kind, in order. */
  List<Problem> problems(Problem.Severity severity, String fileName) {
    var problems = new ArrayList<Problem>();
    collect(severity, fileName, problems);
    return problems;
  }

  private void collect(Problem.Severity severity, String fileName, List<Problem> into) {
    for (Finding finding : severity == Problem.Severity.ERROR ? errors : warnings) {
      into.add(
          new Problem(
              severity,
              Problem.Origin.WRANGLER,
              fileName,
              finding.place.line(),
              finding.place.column(),
              description,
              finding.message));
    }
    for (Diagnostics child : children) {
      child.collect(severity, fileName, into);
    }
  }
}
