package io.vpc4j.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

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
        .containsPattern("status  200 in \\d+[.,]\\d ms");
  }

  @Test
  void theDemosFilesCanBeKeptAndAreSound() {
    var kept = folder.resolve("kept");

    assertThat(cli.plain("demo", "--keep", kept.toString()).exitCode()).isZero();

    assertThat(kept.resolve("wrangler.jsonc")).exists();
    var check = cli.plain("check", kept.resolve("wrangler.jsonc").toString());
    assertThat(check.exitCode()).as(check.out()).isZero();
  }

  // ---- connect

  @Test
  void connectIsNetcat() throws IOException {
    cli.network(
        cli.server(
            socket -> {
              var said = socket.getInputStream().readAllBytes(); // to the half-close
              socket.getOutputStream().write("you said ".getBytes(UTF_8));
              socket.getOutputStream().write(said);
            }));
    cli.type("PING\r\n");

    assertThat(cli.run("connect", "10.0.1.50:80"))
        .isEqualTo(new Cli.Result(0, "you said PING\r\n", ""));
  }

  @Test
  void aProbeSaysNothing() throws IOException {
    cli.network(cli.server(socket -> {}));

    assertThat(cli.run("connect", "-z", "host.internal:80")).isEqualTo(new Cli.Result(0, "", ""));
    assertThat(cli.run("connect", "-z", "10.0.1.50:81").exitCode()).isEqualTo(7);
    assertThat(cli.run("connect", "-z", "no port").exitCode()).isEqualTo(2);
    assertThat(cli.run("connect", "-z").exitCode()).isEqualTo(2);
    assertThat(cli.run("connect", "-w", "0", "10.0.1.50:80").exitCode()).isEqualTo(2);
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

  // ---- check

  @Test
  void checkPrintsEveryProblemOfBothFiles() throws IOException {
    cli.network("\"ports\": {\"80\": \"x\"}, \"addresses\": [\"10.0.1.999\"]");
    var file = cli.write("wrangler.jsonc", "{\"vpc_networks\": [{\"binding\": \"A\"}]}");

    var result = cli.plain("check", file.toString());

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out())
        .contains("wrangler.jsonc", "directory.jsonc:1:")
        .containsPattern("\\d+ errors, \\d+ warnings");
  }

  @Test
  void checkJsonIsALineForEachFile() throws IOException {
    var good = cli.network(1);
    var bad = cli.write("bad.jsonc", "{\"vpc_networks\": [{}]}");

    var result = cli.plain("check", "--json", good.toString(), bad.toString());

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out().lines()).hasSize(2).allMatch(line -> line.startsWith("{"));
    assertThat(cli.plain("check", "--json").exitCode()).isEqualTo(2);
  }

  // ---- help

  @Test
  void everyCommandTeaches() {
    for (var command : Main.commandLine(Streams.standard()).getSubcommands().keySet()) {
      var result = cli.plain("help", command);

      assertThat(result.exitCode()).as(command).isZero();
      assertThat(result.out()).as(command).contains("Usage: vpc4j " + command);
    }
    assertThat(cli.plain().out()).contains("Begin with 'vpc4j demo'");
    assertThat(cli.plain("--version").out()).contains("java: ", "io: ");
  }

  @Test
  void everyOptionAndExitCodeIsInTheManual() throws IOException {
    var manual = Files.readString(Path.of(System.getProperty("basedir"), "../docs/cli.md"));

    Main.commandLine(Streams.standard())
        .getSubcommands()
        .forEach(
            (name, command) -> {
              assertThat(manual).contains("## vpc4j " + name);
              for (var option : command.getCommandSpec().options()) {
                assertThat(manual).as(name).contains("`" + option.longestName() + "`");
              }
            });
    for (var code : ExitCode.class.getDeclaredFields()) {
      assertThat(manual).contains(code.getName().isEmpty() ? "" : "| " + value(code) + " |");
    }
  }

  private static Object value(java.lang.reflect.Field field) {
    try {
      return field.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
