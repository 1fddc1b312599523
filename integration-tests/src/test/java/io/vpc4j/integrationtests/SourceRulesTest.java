package io.vpc4j.integrationtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
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
    var packages =
        Project.sources("src/main/java").stream()
            .filter(file -> !file.endsWith("module-info.java"))
            .map(Path::getParent)
            .distinct()
            .toList();

    assertThat(packages).hasSizeGreaterThan(8);
    assertThat(packages)
        .as("a package without a package-info is a room without a door-plate")
        .allMatch(folder -> isDocumented(folder.resolve("package-info.java")));
  }

  @Test
  void everyModuleSaysWhatItIsFor() {
    assertThat(Project.folders())
        .filteredOn(folder -> !folder.endsWith("benchmarks")) // JMH runs from the class path alone
        .as("a module's descriptor says what the module is for and what does not belong")
        .allMatch(folder -> isDocumented(folder.resolve("src/main/java/module-info.java")));
  }

  @Test
  void noFileIsTooLongToReadInOneGo() {
    assertThat(List.of("src/main/java", "src/test/java"))
        .flatMap(Project::sources)
        .as("more than %d lines is two concerns in one file", MAX_LINES)
        .allMatch(file -> Project.text(file).lines().count() <= MAX_LINES);
  }

  @Test
  void noTestSleepsRetriesMocksOrIsSwitchedOff() {
    assertThat(Project.sources("src/test/java"))
        .as("a test waits for a condition or owns the clock; it passes or it fails")
        .noneMatch(file -> DISHONEST.matcher(Project.text(file)).find());
  }

  @Test
  void providersAreNamedInDescriptorsOnly() {
    assertThat(Project.folders())
        .as("a second list of providers is a second truth")
        .noneMatch(folder -> Files.exists(folder.resolve("src/main/resources/META-INF/services")));
  }

  private static boolean isDocumented(Path file) {
    return Files.exists(file) && Project.text(file).contains("/**");
  }
}
