package io.vpc4j.integrationtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor.Provides;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the text of a source must hold to, where the class file no longer tells. */
class SourceRulesTest {

  private static final int MAX_LINES = 600;

  /** What a test may not do. */
  private static final Pattern DISHONEST =
      Pattern.compile(
          "@(?:Disabled|Ignore|Retry\\w*|RepeatedIf\\w*)\\b|Thread\\.sleep\\(|org\\.mockito");

  @Test
  void everyPackageSaysWhatLivesInIt() {
    assertThat(Project.sources("src/main/java"))
        .filteredOn(file -> !file.endsWith("module-info.java"))
        .extracting(Path::getParent)
        .filteredOn(folder -> !isDocumented(folder.resolve("package-info.java")))
        .as("a package without a package-info is a room without a door-plate")
        .isEmpty();
  }

  @Test
  void everyModuleSaysWhatItIsFor() {
    assertThat(Project.folders())
        .filteredOn(folder -> !folder.endsWith("benchmarks")) // JMH runs from the class path alone
        .filteredOn(folder -> !isDocumented(folder.resolve("src/main/java/module-info.java")))
        .as("a module's descriptor says what the module is for and what does not belong")
        .isEmpty();
  }

  @Test
  void noFileIsTooLongToReadInOneGo() {
    assertThat(List.of("src/main/java", "src/test/java"))
        .flatMap(Project::sources)
        .filteredOn(file -> Project.text(file).lines().count() > MAX_LINES)
        .as("more than %d lines is two concerns in one file", MAX_LINES)
        .isEmpty();
  }

  @Test
  void noTestSleepsRetriesMocksOrIsSwitchedOff() {
    assertThat(Project.sources("src/test/java"))
        .isNotEmpty()
        .filteredOn(file -> DISHONEST.matcher(Project.text(file)).find())
        .as("a test waits for a condition or owns the clock; it passes or it fails")
        .isEmpty();
  }

  @Test
  void everyModuleHasTestsOfItsOwn() {
    assertThat(Project.published())
        .filteredOn(folder -> !Files.isDirectory(folder.resolve("src/test/java")))
        .as("the gate on coverage passes over a module that ran no test, in silence")
        .isEmpty();
  }

  @Test
  void theClassPathFindsTheSameProvidersAsTheModulePath() {
    assertThat(Project.published())
        .filteredOn(folder -> Files.exists(folder.resolve("target/classes/module-info.class")))
        .isNotEmpty()
        .allSatisfy(
            folder ->
                assertThat(servicesFiles(folder))
                    .as("META-INF/services of %s, beside module-info's provides", folder)
                    .isEqualTo(provided(folder)));
  }

  private static Map<String, List<String>> provided(Path folder) {
    return ModuleFinder.of(folder.resolve("target/classes")).findAll().stream()
        .flatMap(module -> module.descriptor().provides().stream())
        .collect(Collectors.toMap(Provides::service, Provides::providers));
  }

  private static Map<String, List<String>> servicesFiles(Path folder) {
    var services = folder.resolve("target/classes/META-INF/services");
    if (!Files.isDirectory(services)) {
      return Map.of();
    }
    try (var files = Files.list(services)) {
      return files.collect(
          Collectors.toMap(
              file -> file.getFileName().toString(), file -> Project.text(file).lines().toList()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isDocumented(Path file) {
    return Files.exists(file) && Project.text(file).contains("/**");
  }
}
