package io.vpc4j.core.config.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The directory's reference is right: its examples are read, and it names every field. */
class DirectoryDocsTest {

  private static final Path PAGE = Path.of("..", "docs", "directory.md");
  private static final Pattern EXAMPLE =
      Pattern.compile("```(jsonc|toml)\n(.*?)```", Pattern.DOTALL);

  @TempDir private Path folder;

  record Example(String language, String text) {
    @Override
    public String toString() {
      return language + " " + text.lines().skip(1).findFirst().orElse("").strip();
    }
  }

  static Stream<Example> examples() throws IOException {
    return EXAMPLE
        .matcher(Files.readString(PAGE))
        .results()
        .map(found -> new Example(found.group(1), found.group(2)));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void anExampleIsReadWithoutAProblem(Example example) {
    assertThat(read(example).problems()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void anExampleIsValidByTheSchema(Example example) {
    assertThat(JsonSchema.shipped().complaints(file(example).path())).isEmpty();
  }

  @Test
  void theFirstExampleSaysTheSameInBothFormats() throws IOException {
    var firstTwo = examples().limit(2).toList();

    assertThat(firstTwo).extracting(Example::language).containsExactly("jsonc", "toml");
    assertThat(read(firstTwo.get(0)).snapshot()).isEqualTo(read(firstTwo.get(1)).snapshot());
  }

  @Test
  void everyFieldIsOnThePage() throws IOException {
    var page = Files.readString(PAGE);
    var missing = new ArrayList<String>();
    for (var shape : Shape.values()) {
      for (var field : shape.fields()) {
        if (!Pattern.compile("[`.\"]" + Pattern.quote(field) + "[`\"]").matcher(page).find()) {
          missing.add(shape.schemaName() + "." + field);
        }
      }
    }

    assertThat(missing).isEmpty();
  }

  @Test
  void theDefaultsOfTheBoundsAreThoseOfTheCode() throws IOException {
    var defaults = new StringBuilder("{\"limits\": {");
    var rows =
        Pattern.compile("\\| `([a-z_]+)` \\| ([0-9]+)([a-z]*) \\|")
            .matcher(Files.readString(PAGE))
            .results()
            .filter(row -> Shape.LIMITS.fields().contains(row.group(1)))
            .map(
                row ->
                    '"'
                        + row.group(1)
                        + "\": "
                        + (row.group(3).isEmpty()
                            ? row.group(2)
                            : '"' + row.group(2) + row.group(3) + '"'))
            .toList();
    defaults.append(String.join(", ", rows)).append("}}");

    assertThat(rows).hasSameSizeAs(Shape.LIMITS.fields());
    assertThat(DirectoryFile.jsonc(folder).write(defaults.toString()).snapshot().limits())
        .hasValue(Limits.defaults());
  }

  private DirectoryReader.Result read(Example example) {
    return file(example)
        .read(
            Map.of(
                "OFFICE_TUNNEL_SECRET", DirectoryFile.KEY, "MESH_PRIVATE_KEY", DirectoryFile.KEY));
  }

  private DirectoryFile file(Example example) {
    var bundle = DirectoryFile.certificate();
    return new DirectoryFile(folder, "directory." + example.language())
        .beside("ca.pem", bundle.getCertificatePathPEM())
        .beside("client.pem", bundle.getCertificatePathPEM())
        .beside("client.key", bundle.getPrivateKeyPEM())
        .write(example.text());
  }
}
