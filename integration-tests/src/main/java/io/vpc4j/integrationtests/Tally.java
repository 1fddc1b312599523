package io.vpc4j.integrationtests;

import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Counts tests per class. On the module path it refuses one that is not a member of the module it
 * should be in, and one that did not run.
 */
final class Tally implements TestExecutionListener {

  /** Where the tests are. */
  enum Place {
    /** All of them in the module, and every one of them runs. */
    MODULE_PATH("the module path alone"),
    /** In no module; one that lacks what it needs of the machine says so. */
    CLASS_PATH("the class path");

    private final String words;

    Place(String words) {
      this.words = words;
    }
  }

  private static final class Counts {
    private int run;
    private int failed;
    private int skipped;
  }

  private final Place place;
  private final String module;
  private final PrintStream out;
  private final Map<String, Counts> byClass = new TreeMap<>();

  // Tests run one after another here, on one thread; Jupiter's parallel mode is not switched on.
  Tally(Place place, String module, PrintStream out) {
    this.place = place;
    this.module = module;
    this.out = out;
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (place == Place.CLASS_PATH && result.getStatus() == TestExecutionResult.Status.ABORTED) {
      executionSkipped(test, result.getThrowable().map(Throwable::getMessage).orElse(""));
      return;
    }
    var failed = result.getStatus() != TestExecutionResult.Status.SUCCESSFUL;
    if (!test.isTest() && !failed) {
      return;
    }
    var counts = countsOf(test);
    counts.run++;
    if (isElsewhere(test)) {
      counts.failed++;
      out.println("[ERROR] " + className(test) + " is not in module " + module);
    } else if (failed) {
      counts.failed++;
      out.println("[ERROR] " + className(test) + ": " + test.getDisplayName());
      result.getThrowable().ifPresent(thrown -> thrown.printStackTrace(out));
    }
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    countsOf(test).skipped++;
    out.println("[WARNING] skipped: " + test.getDisplayName() + ": " + reason);
  }

  /** Prints a line per class and the sum; whether there were tests and nothing failed. */
  boolean finish() {
    var all = new Counts();
    byClass.forEach(
        (name, counts) -> {
          out.println("[INFO] " + line(counts) + " -- in " + name);
          all.run += counts.run;
          all.failed += counts.failed;
          all.skipped += counts.skipped;
        });
    out.println("[INFO] " + line(all) + " -- in module " + module + ", on " + place.words);
    if (all.run == 0) {
      out.println("[ERROR] no test was found in module " + module);
    }
    return all.run > 0 && all.failed == 0;
  }

  private static String line(Counts counts) {
    return String.format(
        "Tests run: %d, Failures: %d, Skipped: %d", counts.run, counts.failed, counts.skipped);
  }

  private Counts countsOf(TestIdentifier test) {
    return byClass.computeIfAbsent(className(test), name -> new Counts());
  }

  private String className(TestIdentifier test) {
    return test.getSource()
        .flatMap(Tally::javaClass)
        .map(Class::getName)
        .orElseGet(test::getLegacyReportingName);
  }

  private static Optional<Class<?>> javaClass(TestSource source) {
    if (source instanceof MethodSource method) {
      return Optional.of(method.getJavaClass());
    }
    return source instanceof ClassSource type ? Optional.of(type.getJavaClass()) : Optional.empty();
  }

  private boolean isElsewhere(TestIdentifier test) {
    return place == Place.MODULE_PATH
        && test.getSource()
            .flatMap(Tally::javaClass)
            .filter(type -> !module.equals(type.getModule().getName()))
            .isPresent();
  }
}
