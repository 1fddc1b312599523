package io.vpc4j.core.config.wrangler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.core.config.ConfigDocumentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WranglerFilesTest {

  @TempDir Path top;
  private Path inner;

  @BeforeEach
  void makeFolders() throws IOException {
    inner = Files.createDirectories(top.resolve("a").resolve("b"));
  }

  private Path write(Path folder, String name, String text) throws IOException {
    var file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private WranglerFiles.Found found(boolean redirect) throws ConfigDocumentException {
    return WranglerFiles.find(inner, redirect);
  }

  @Test
  void aParentsJsonBeatsThisFoldersJsonc() throws Exception {
    write(inner, "wrangler.jsonc", "{}");
    write(inner, "wrangler.toml", "");
    var json = write(top, "wrangler.json", "{}");
    assertThat(found(false).config()).contains(json);
  }

  @Test
  void jsoncComesBeforeToml() throws Exception {
    write(inner, "wrangler.toml", "");
    var jsonc = write(top.resolve("a"), "wrangler.jsonc", "{}");
    assertThat(found(false).config()).contains(jsonc);
  }

  @Test
  void theNearestOfOneKindIsTaken() throws Exception {
    write(top, "wrangler.toml", "");
    var near = write(inner, "wrangler.toml", "");
    assertThat(found(false).config()).contains(near);
  }

  @Test
  void aFolderOfThatNameAndAnotherCaseArePassedOver() throws Exception {
    Files.createDirectory(inner.resolve("wrangler.json"));
    write(inner, "Wrangler.jsonc", "{}");
    var toml = write(top, "wrangler.toml", "");
    assertThat(found(false).config()).contains(toml);
  }

  @Test
  void noFileIsAnEmptyConfiguration() throws Exception {
    // Folders above the temporary one are not ours to look into; a file there is found as well.
    var found =
        new WranglerFiles.Found(Optional.empty(), Optional.empty(), Optional.empty(), false);
    var config = WranglerReader.of(Map.of()).read(found);
    assertThat(config.ok()).isTrue();
    assertThat(config.networks()).isEmpty();
  }

  @Test
  void aFileThatCannotBeReadIsAFatalProblem() {
    var config = WranglerReader.of(Map.of()).read(top.resolve("missing.jsonc"));
    assertThat(config.verdict().fatal().orElseThrow().problem().message())
        .startsWith("Could not read file: ");
    assertThat(WranglerReader.of(Map.of()).read(top.resolve("missing.txt")).ok()).isTrue();
  }

  @Test
  void aRedirectCountsOnlyWhenAskedFor() throws Exception {
    var user = write(top.resolve("a"), "wrangler.jsonc", "{}");
    var built = write(top.resolve("a"), "dist/wrangler.json", "{\"targetEnvironment\":\"p\"}");
    var deploy =
        write(
            top.resolve("a"),
            ".wrangler/deploy/config.json",
            "{ /* made */ \"configPath\": \"../../dist/wrangler.json\", }");
    assertThat(found(false).config()).contains(user);
    var found = found(true);
    assertThat(found.config()).contains(built);
    assertThat(found.userConfig()).contains(user);
    assertThat(found.deployConfig()).contains(deploy);
    assertThat(found.redirected()).isTrue();
  }

  @Test
  void aRedirectedFileMayNotHaveEnvironmentsAndHasOneTarget() throws Exception {
    var found =
        new WranglerFiles.Found(
            Optional.of(
                write(
                    top,
                    "built.json",
                    "{\"name\":\"w-p\",\"topLevelName\":\"w\",\"targetEnvironment\":\"p\","
                        + "\"definedEnvironments\":[\"p\",\"q\"],\"legacy_env\":true,\"env\":{\"p\":{}}}")),
            Optional.of(top.resolve("wrangler.json")),
            Optional.empty(),
            true);
    var reader = WranglerReader.of(Map.of());
    var config = reader.environment("p").read(found);
    assertThat(config.verdict().errors()).hasSize(1);
    assertThat(config.verdict().errors().get(0).message())
        .startsWith("Redirected configurations cannot include environments")
        .contains("\n\t- p\n");
    var meta = config.verdict().normalised().orElseThrow();
    assertThat(meta.topLevelName()).isEqualTo("\"w\"");
    assertThat(meta.name()).isEqualTo("\"w-p\"");
    assertThat(meta.targetEnvironment()).contains("p");
    assertThat(meta.definedEnvironments()).containsExactly("p", "q");
    var other = reader.environment("q").read(found).verdict().fatal().orElseThrow();
    assertThat(other.problem().message())
        .startsWith("You have specified the environment \"q\" via the `--env/-e` CLI argument.");
    var variable = WranglerReader.of(Map.of("CLOUDFLARE_ENV", "q")).read(found);
    assertThat(variable.verdict().fatal().orElseThrow().problem().message())
        .contains("via the CLOUDFLARE_ENV environment variable");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"configPath\":\"\"}",
        "{\"configPath\":5}",
        "null",
        "{",
        "[]",
        "{\"configPath\":\"../../nowhere.json\"}",
        "{\"configPath\":\"\\u0000\"}"
      })
  void aRedirectThatLeadsNowhereIsAnError(String text) throws Exception {
    write(inner, "wrangler.jsonc", "{}");
    write(inner, ".wrangler/deploy/config.json", text);
    assertThatThrownBy(() -> found(true))
        .isInstanceOf(ConfigDocumentException.class)
        .hasMessageContaining("deploy configuration");
  }

  @Test
  void aRedirectInAnotherFolderThanTheUsersFileIsAnError() throws Exception {
    write(inner, "wrangler.jsonc", "{}");
    write(top, "dist.json", "{}");
    write(top, ".wrangler/deploy/config.json", "{\"configPath\":\"../../dist.json\"}");
    assertThatThrownBy(() -> found(true))
        .isInstanceOf(ConfigDocumentException.class)
        .hasMessageContaining("do not share the same base path");
  }
}
