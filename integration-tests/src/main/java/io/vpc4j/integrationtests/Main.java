package io.vpc4j.integrationtests;

import static org.junit.platform.engine.discovery.ClassNameFilter.excludeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectModule;

import java.io.PrintStream;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs every test of the module named by the first argument, but for the classes that the pattern
 * in the second matches; exit code 0 only if the path held modules alone, there were tests, and all
 * of them ran and passed.
 */
public final class Main {

  private static final PrintStream OUT = System.out;

  private Main() {}

  /**
   * Runs the tests of one module.
   *
   * @param arguments the module's name and a regular expression for names of classes
   */
  public static void main(String[] arguments) {
    System.exit(run(arguments[0], arguments[1]) ? 0 : 1);
  }

  private static boolean run(String module, String without) {
    var faults = ModulePath.faults();
    if (!faults.isEmpty()) {
      faults.forEach(fault -> OUT.println("[ERROR] " + fault));
      return false;
    }
    for (var automatic : ModulePath.automaticModules()) {
      OUT.printf(
          "[INFO] automatic: %s, because %s%n",
          automatic, ModulePath.UNAVOIDABLE_AUTOMATIC_MODULES.get(automatic));
    }

    var tally = new Tally(Tally.Place.MODULE_PATH, module, OUT);
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectModule(module))
                .filters(excludeClassNamePatterns(without))
                .build(),
            tally);
    return tally.finish();
  }
}
