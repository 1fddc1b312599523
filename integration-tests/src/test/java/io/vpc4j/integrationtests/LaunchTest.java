package io.vpc4j.integrationtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;

/**
 * Starts the command as a user's JVM does, on the module path, with the launcher's own flags.
 *
 * <p>Test runners put jars that no module requires on the class path, so that native libraries are
 * found in tests and missed in programs. Only a start shows it.
 */
class LaunchTest {

  private static final long DEADLINE_SECONDS = 60;
  private static final Path FLAGS = Project.ROOT.resolve("cli/launcher/java.args");

  @TempDir Path temporary;

  @Test
  @EnabledOnOs(value = LINUX, architectures = "amd64")
  void theNativeLibrariesAreFoundOnTheModulePath() throws Exception {
    assertThat(vpc4j(List.of("@" + FLAGS), "--version")).contains("io: epoll");
  }

  /** Should this fail one day, the flags are no longer needed: strike them, and this test. */
  @Test
  void withoutTheLaunchersFlagsTheyWouldNotBe() throws Exception {
    assertThat(vpc4j(List.of(), "--version")).contains("io: nio");
  }

  @Test
  void theLoopbackTransportIsFoundThoughNobodyRequiresIt() throws Exception {
    var resolved = vpc4j(List.of("@" + FLAGS, "--show-module-resolution"), "--version");

    assertThat(resolved.lines())
        .anyMatch(line -> line.startsWith("io.vpc4j.core binds io.vpc4j.transport.loopback "));
  }

  /** Runs the command; what it printed, on both streams. */
  private String vpc4j(List<String> flags, String... arguments)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-p", modulePath(), "-m", "io.vpc4j.cli/io.vpc4j.cli.Main"));
    command.addAll(List.of(arguments));
    var printed = temporary.resolve("printed").toFile();

    var process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(printed).start();
    try {
      assertThat(process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)).as("ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    var text = Project.text(printed.toPath());
    assertThat(process.exitValue()).as(text).isZero();
    return text;
  }

  /** The command's own module path, as its build wrote it down. */
  private static String modulePath() {
    return Project.ROOT.resolve("cli/target/classes")
        + File.pathSeparator
        + Project.text(Project.ROOT.resolve("cli/target/module-path.txt")).strip();
  }
}
