package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {

  private static final String ENVIRONMENTS =
      """
      {
        "name": "w",
        "vpc_networks": [{"binding": "A", "network_id": "cf1:network", "remote": true}],
        "env": {"staging": {"vpc_services": [{"binding": "API"}]}}
      }
      """;

  @TempDir private Path folder;
  private Cli cli;

  @BeforeEach
  void begin() {
    cli = new Cli(folder);
  }

  @Test
  void whatIsSoundIsExit0AndNamesWhatWasRead() throws IOException {
    var file = cli.network(80);

    var result = cli.plain("check", "-c", file.toString());

    assertThat(result.exitCode()).as(result.out()).isZero();
    assertThat(result.out())
        .startsWith("no problem found in ")
        .contains("wrangler.jsonc", "directory.jsonc")
        .hasLineCount(1);
  }

  @Test
  void everyProblemOfBothFilesIsPrintedWithItsPlace() throws IOException {
    cli.network("\"ports\": {\"80\": \"x\"}, \"addresses\": [\"10.0.1.999\"]");
    var file = cli.write("wrangler.jsonc", "{\"vpc_networks\": [{\"binding\": \"A\"}, {}]}");

    var result = cli.plain("check", file.toString());

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out().lines().filter(line -> line.contains("wrangler.jsonc"))).hasSize(3);
    assertThat(result.out())
        .containsPattern("directory\\.jsonc:1:\\d+: error: ")
        .endsWith("errors, 0 warnings\n");
  }

  @Test
  void aProblemOfTheDirectoryIsSaidOnceThoughTwoFilesUseIt() throws IOException {
    var file = cli.network("\"ports\": {\"80\": \"x\"}");
    var other = Files.copy(file, folder.resolve("other.jsonc"));

    var result = cli.plain("check", file.toString(), other.toString());

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).endsWith("1 error, 0 warnings\n").hasLineCount(2);
  }

  @Test
  void theDirectoryMayLieElsewhere() throws IOException {
    var file = cli.network(80);
    var directory = cli.write("elsewhere.jsonc", "{\"routez\": []}");

    var result = cli.plain("check", "--directory", directory.toString(), file.toString());

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).contains("elsewhere.jsonc:1:", "routez");
  }

  @Test
  void aWarningAloneIsExit0() throws IOException {
    var file = cli.network(80);

    var result = cli.plain("check", "-e", "nowhere", file.toString());

    assertThat(result.exitCode()).as(result.out()).isZero();
    assertThat(result.out()).contains("warning: ").endsWith("0 errors, 1 warning\n");
  }

  @Test
  void aNamedEnvironmentIsCheckedInPlaceOfTheTopLevel() throws IOException {
    var file = cli.write("wrangler.jsonc", ENVIRONMENTS).toString();

    assertThat(cli.plain("check", file).exitCode()).isZero();
    var staging = cli.plain("check", "-e", "staging", file);
    assertThat(staging.exitCode()).isEqualTo(1);
    assertThat(staging.out()).contains("env.staging.vpc_services[0]");
  }

  @Test
  void aFileThatIsNotThereIsAProblem() {
    var result = cli.plain("check", folder.resolve("nowhere.jsonc").toString());

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).contains("nowhere.jsonc", "1 error, 0 warnings");
  }

  // ---- --json

  @Test
  void jsonIsWranglersVerdictInTheShapeOfTheCorpusARunALine() throws IOException {
    var file = cli.write("wrangler.jsonc", ENVIRONMENTS).toString();

    var top = cli.plain("check", "--json", file);
    var staging = cli.plain("check", "--json", "-e", "staging", file);

    assertThat(top.exitCode()).isZero();
    assertThat(top.out())
        .isEqualTo(
            """
            {"env":null,"ok":true,"config":{"vpc_networks":[{"binding":"A","network_id":"cf1:network","remote":true}],\
            "vpc_services":[]},"errors":[],"warnings":[],\
            "meta":{"name":"w","topLevelName":"w","targetEnvironment":null,"definedEnvironments":["staging"]}}
            """);
    assertThat(staging.exitCode()).isEqualTo(1);
    assertThat(staging.out())
        .startsWith("{\"env\":\"staging\",\"ok\":false,\"config\":{\"vpc_networks\":[],")
        .contains("\"errors\":[{\"scope\":\"\\\"env.staging\\\" environment configuration\",")
        .hasLineCount(1);
  }

  @Test
  void jsonHasALineForEachFileInTheirOrder() throws IOException {
    var good = cli.network(1).toString();
    var broken = cli.write("broken.jsonc", "{").toString();
    var missing = folder.resolve("missing.toml").toString();

    var result = cli.plain("check", "--json", good, broken, missing);

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("\"ok\":true"),
            line -> assertThat(line).contains("\"ok\":false,\"config\":null", "\"fatal\":{"),
            line -> assertThat(line).contains("\"ok\":false", "missing.toml"));
    assertThat(result.err()).isEmpty();
  }

  @Test
  void jsonWantsAFile() {
    var result = cli.plain("check", "--json");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("FILE");
  }
}
