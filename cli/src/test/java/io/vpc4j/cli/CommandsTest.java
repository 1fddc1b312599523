package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class CommandsTest {

  @TempDir private Path folder;
  private Cli cli;

  @BeforeEach
  void begin() {
    cli = new Cli(folder);
  }

  @AfterEach
  void end() throws IOException {
    cli.close();
  }

  // ---- demo

  @Test
  void theDemoNeedsNothingAndSaysWhatToTryNext() {
    var result = cli.plain("demo");

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out())
        .contains("fetch   http://10.0.1.50/data", "fetch   http://status.internal:8080/")
        .contains("hello from a private address", "all is well", "Next:")
        .contains("A real edge listens on 127.0.0.1:", "route   tunnel ")
        .contains("A WireGuard node listens on UDP port ", "route   node:demo-node -> 10.0.5.1:")
        .containsPattern("status  200 in \\d+\\.\\d ms");
  }

  @Test
  void theDemosFilesCanBeKeptAndAreSound() {
    var kept = folder.resolve("kept");

    assertThat(cli.plain("demo", "--keep", kept.toString()).exitCode()).isZero();

    assertThat(kept.resolve("wrangler.jsonc")).exists();
    for (var part : List.of(kept, kept.resolve("tunnel"), kept.resolve("mesh"))) {
      var check = cli.plain("check", part.resolve("wrangler.jsonc").toString());
      assertThat(check.exitCode()).as(check.out()).isZero();
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsExit23() throws IOException {
    var file = cli.write("file", "");

    var result = cli.plain("demo", "--keep", file.resolve("below").toString());

    assertThat(result.exitCode()).isEqualTo(23);
    assertThat(result.err()).startsWith("vpc4j: ").hasLineCount(1);
  }

  // ---- explain

  @Test
  void explainTellsTheRouteAndDialsNothing() throws IOException {
    cli.network(1);

    var text = cli.run("explain", "http://10.0.1.50/data");
    var json = cli.run("explain", "--json", "http://10.0.1.50/data");

    assertThat(text.exitCode()).as(text.err()).isZero();
    assertThat(text.out()).contains("MY_VPC", "10.0.1.50:80", "local");
    assertThat(json.out()).startsWith("{").contains("\"MY_VPC\"").hasLineCount(1);
    assertThat(cli.run("explain", "nowhere").exitCode()).isEqualTo(3);
  }

  @Test
  void explainSaysWhyARequestWouldFailAndIsExit0() throws IOException {
    cli.network(1);

    var denied = cli.run("explain", "http://169.254.169.254/latest/");
    var real = cli.plain("explain", "--real", "-c", folder + "/wrangler.jsonc", "http://10.0.1.50");

    assertThat(denied.exitCode()).isZero();
    assertThat(denied.out()).contains("denied by", "destination_ip_prohibited");
    assertThat(real.exitCode()).isZero();
    assertThat(real.out()).contains("destination_not_found");
  }

  // ---- which configuration, which binding

  @Test
  void ofSeveralBindingsOneMustBeNamed() throws IOException {
    cli.network(1);
    cli.write(
        "wrangler.jsonc",
        "{\"vpc_networks\": [{\"binding\": \"A\", \"network_id\": \"cf1:network\"},"
            + " {\"binding\": \"B\", \"network_id\": \"cf1:network\"}]}");

    var unnamed = cli.run("explain", "http://10.0.1.50/");
    assertThat(unnamed.exitCode()).isEqualTo(2);
    assertThat(unnamed.err()).contains("-b NAME", "A, B");
    assertThat(cli.run("explain", "-b", "B", "http://10.0.1.50/").out()).contains("binding      B");
    assertThat(cli.run("explain", "-b", "C", "http://10.0.1.50/").err()).contains("A, B");
  }

  @Test
  void aConfigurationWithoutBindingsIsAUsageError() throws IOException {
    cli.write("wrangler.jsonc", "{\"name\": \"w\"}");

    var result = cli.run("explain", "http://10.0.1.50/");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).contains("no vpc_networks and no vpc_services binding");
  }

  @Test
  void realAndSimulatedExcludeEachOther() throws IOException {
    cli.network(1);

    assertThat(cli.run("explain", "--real", "http://10.0.1.50/").exitCode()).isEqualTo(2);
  }

  @Test
  void anEnvironmentAndADirectoryCanBeNamed() throws IOException {
    cli.network(1);
    cli.write(
        "wrangler.jsonc",
        "{\"env\": {\"staging\": {\"vpc_networks\": [{\"binding\": \"S\","
            + " \"network_id\": \"cf1:network\"}]}}}");
    var policy =
        cli.write("other.jsonc", "{\"bindings\": {\"S\": {\"policy\": {\"default\": \"deny\"}}}}");

    var result =
        cli.run("explain", "-e", "staging", "--directory", policy.toString(), "http://10.0.1.50/");

    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(result.out()).contains("binding      S", "denied by");
  }

  // ---- stdout

  @ParameterizedTest
  @ValueSource(strings = {"demo", "check", "explain", "help"})
  void aStdoutThatCannotBeWrittenIsExit23(String command) throws IOException {
    var file = cli.network(1).toString();
    cli.stdout = new ClosedPipe();

    var code =
        switch (command) {
          case "check" -> cli.plain("check", file).exitCode();
          case "explain" -> cli.run("explain", "http://10.0.1.50/").exitCode();
          default -> cli.plain(command).exitCode();
        };

    assertThat(code).isEqualTo(23);
  }
}
