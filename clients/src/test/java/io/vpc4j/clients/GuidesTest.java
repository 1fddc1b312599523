package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the pages of docs/clients show is compiled and run by the tests beside this one. */
class GuidesTest {

  private static final Path ROOT = Path.of(System.getProperty("io.vpc4j.root"));
  private static final Pattern JAVA = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");

  @Test
  void everyBlockIsPartOfATest() throws IOException {
    var tests = texts(ROOT.resolve("clients/src/test/java"), ".java");
    var quotes = texts(ROOT.resolve("docs/clients"), ".md").stream().flatMap(GuidesTest::blocks);

    assertThat(quotes.toList())
        .hasSizeGreaterThan(5)
        .allSatisfy(quote -> assertThat(tests).anyMatch(test -> test.contains(quote)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs/clients/README.md", "README.md"})
  void everyTestThatATableNamesIsThere(String page) throws IOException {
    var tests = texts(ROOT, "Test.java");
    var named = TEST.matcher(Files.readString(ROOT.resolve(page))).results();

    assertThat(named.toList())
        .hasSizeGreaterThan(5)
        .allSatisfy(
            name -> assertThat(tests).as(name.group()).anyMatch(test -> has(test, name, "")));
  }

  @Test
  void whatATableSaysRunsOverEveryTransportDoes() throws IOException {
    var tests = texts(ROOT.resolve("clients"), "Test.java");
    var rows = Files.readString(ROOT.resolve("docs/clients/README.md")).lines();

    assertThat(rows.filter(row -> row.endsWith("| runs | runs | runs | runs |")).toList())
        .hasSizeGreaterThan(15)
        .allSatisfy(
            row ->
                assertThat(TEST.matcher(row).results().toList())
                    .as(row)
                    .isNotEmpty()
                    .allSatisfy(
                        name -> assertThat(tests).anyMatch(test -> has(test, name, "Over over"))));
  }

  /** Whether it is the class, and has the method, or some method, whose parameters begin so. */
  private static boolean has(String test, MatchResult name, String parameters) {
    var method = name.group(2) == null ? "(" : "void " + name.group(2) + "(";
    return test.contains("class " + name.group(1) + " ") && test.contains(method + parameters);
  }

  private static Stream<String> blocks(String page) {
    return JAVA.matcher(page).results().map(block -> block.group(1));
  }

  private static List<String> texts(Path folder, String ending) throws IOException {
    try (var files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(ending))
          .filter(file -> file.toString().contains("src/test") || ending.equals(".md"))
          .map(GuidesTest::text)
          .toList();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
