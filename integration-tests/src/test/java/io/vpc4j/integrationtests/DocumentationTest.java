package io.vpc4j.integrationtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documentation shows is what there is: it compiles, runs, and leads somewhere. */
class DocumentationTest {

  private static final Pattern JAVA = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern JSONC = Pattern.compile("(?s)```jsonc\n// (\\S+)\n(.*?)```");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

  /** The README's two files and its program, against a server that stands for the private one. */
  @Test
  void theReadmesProgramRuns(@TempDir Path folder) throws Exception {
    var readme = Project.text(Project.ROOT.resolve("README.md"));
    try (var net = new PrivateNet(folder)) {
      var port = net.answering("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\nhello from there");
      var files = JSONC.matcher(readme).results().toList();
      assertThat(files).extracting(file -> file.group(1)).contains("wrangler.jsonc");
      for (var file : files) {
        Files.writeString(
            folder.resolve(file.group(1)), file.group(2).replace("8080", String.valueOf(port)));
      }
      var program = JAVA.matcher(readme).results().findFirst().orElseThrow().group(1);
      var main = compiled(folder, program.replace("Path.of(\"", "Path.of(\"" + folder + "/"));

      assertThat(printed(main)).isEqualTo("hello from there" + System.lineSeparator());
    }
  }

  private static Class<?> compiled(Path folder, String statements) throws Exception {
    var source = folder.resolve("Program.java");
    Files.writeString(
        source,
        "import io.vpc4j.*; import java.nio.file.*;\n"
            + "public class Program { public static void main(String[] a) throws Exception {\n"
            + statements
            + "}}\n");
    var errors = new ByteArrayOutputStream();
    var status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                errors,
                errors,
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                source.toString());
    assertThat(status).as(errors.toString(StandardCharsets.UTF_8)).isZero();
    var loader = new URLClassLoader(new java.net.URL[] {folder.toUri().toURL()});
    return loader.loadClass("Program");
  }

  private static String printed(Class<?> main) throws Exception {
    var before = System.out;
    var out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      main.getMethod("main", String[].class).invoke(null, (Object) new String[0]);
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatTheGuidesQuoteIsCompiledAndRunElsewhere() {
    var tests =
        Project.sources("src/test/java").stream()
            .filter(file -> file.toString().contains("testkit"))
            .map(Project::text)
            .toList();
    for (var guide : List.of("docs/transports.md", "docs/testing.md")) {
      var quotes = blocks(guide);
      assertThat(quotes).as(guide).isNotEmpty();
      for (var quote : quotes) {
        assertThat(tests).as("%s quotes:\n%s", guide, quote).anyMatch(text -> text.contains(quote));
      }
    }
  }

  private static List<String> blocks(String file) {
    return JAVA.matcher(Project.text(Project.ROOT.resolve(file)))
        .results()
        .map((MatchResult block) -> block.group(1))
        .toList();
  }

  @Test
  void everyLinkLeadsToAFile() throws IOException {
    try (Stream<Path> top = Files.list(Project.ROOT);
        Stream<Path> docs = Files.walk(Project.ROOT.resolve("docs"))) {
      var pages = Stream.concat(top, docs).filter(page -> page.toString().endsWith(".md")).toList();
      assertThat(pages).hasSizeGreaterThan(5);
      for (var page : pages) {
        LINK.matcher(Project.text(page))
            .results()
            .map(link -> link.group(1))
            .forEach(
                link ->
                    assertThat(page.resolveSibling(URI.create(link).getPath()))
                        .as("%s links to %s", page, link)
                        .exists());
      }
    }
  }
}
