package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

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

  @Test
  void everyTestThatATableNamesIsThere() throws IOException {
    var tests = texts(ROOT, "Test.java");
    var named = TEST.matcher(Files.readString(ROOT.resolve("docs/clients/README.md"))).results();

    assertThat(named.toList())
        .hasSizeGreaterThan(5)
        .allSatisfy(
            name ->
                assertThat(tests)
                    .as(name.group())
                    .anyMatch(
                        test ->
                            test.contains("class " + name.group(1) + " ")
                                && (name.group(2) == null
                                    || test.contains("void " + name.group(2) + "("))));
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
