package io.vpc4j.integrationtests;

import static org.junit.platform.engine.discovery.ClassNameFilter.excludeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import java.nio.file.Path;
import java.util.Set;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs every test in a folder of classes from the class path, but for the classes that a pattern
 * matches, for a module whose tests bring libraries that are no named modules; exit code 0 only if
 * there were tests, and all of them passed or said why they could not run.
 */
public final class OnClassPath {

  private OnClassPath() {}

  /**
   * Runs the tests of one module.
   *
   * @param arguments the name of the module, and the folder of its compiled tests, and a regular
   *     expression for names of classes
   */
  public static void main(String[] arguments) {
    var tally = new Tally(Tally.Place.CLASS_PATH, arguments[0], System.out);
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClasspathRoots(Set.of(Path.of(arguments[1]))))
                .filters(excludeClassNamePatterns(arguments[2]))
                .build(),
            tally);
    System.exit(tally.finish() ? 0 : 1);
  }
}
