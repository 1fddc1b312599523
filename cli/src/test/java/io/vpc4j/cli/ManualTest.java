package io.vpc4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Help and manual say what the program has: nothing less, and nothing more. */
class ManualTest {

  private static final Pattern OPTION = Pattern.compile("`(--?[a-zA-Z][a-z0-9.-]*)`");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| *(\\d+) *\\|");

  private final Cli cli = new Cli(Path.of("unused"));

  static Set<String> names() {
    return commands().keySet();
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyCommandsHelpTeaches(String name) {
    var command = commands().get(name);
    var help = cli.plain((name + " --help").split(" "));

    assertThat(help.exitCode()).isZero();
    assertThat(help.out())
        .contains("Usage: vpc4j " + name, "Example", "  vpc4j " + name, "Exit codes");
    for (var option : command.getCommandSpec().options()) {
      assertThat(help.out()).contains(option.names());
      assertThat(String.join("", option.description())).as(option.longestName()).isNotBlank();
    }
    for (var parameter : command.getCommandSpec().positionalParameters()) {
      assertThat(help.out()).contains(parameter.paramLabel());
      assertThat(String.join("", parameter.description())).as(parameter.paramLabel()).isNotBlank();
    }
    if (!name.contains(" ")) {
      assertThat(cli.plain("help", name).out()).isEqualTo(help.out());
    }
  }

  @Test
  void withoutACommandItSaysWhereToBegin() {
    assertThat(cli.plain().out())
        .contains("Begin with 'vpc4j demo'")
        .contains(commands().keySet().stream().filter(name -> !name.contains(" ")).toList());
    assertThat(cli.plain("--version").out()).contains("vpc4j ", "java: ", "io: ", "quic: ");
    assertThat(cli.plain("frobnicate").exitCode()).isEqualTo(2);
  }

  @Test
  void theManualHasEveryOptionAndNoOther() throws IOException {
    var manual = Files.readString(Path.of(System.getProperty("basedir"), "../docs/cli.md"));
    var documented = optionsBySection(manual);
    var shared = documented.get("Which configuration, which binding");

    commands()
        .forEach(
            (name, command) -> {
              var own = new TreeSet<String>();
              command.getCommandSpec().options().stream()
                  .filter(option -> !option.usageHelp() && !option.versionHelp())
                  .forEach(option -> own.addAll(Arrays.asList(option.names())));
              var said = documented.getOrDefault("vpc4j " + name, new TreeSet<>());
              assertThat(said).as("options of %s in the manual", name).isSubsetOf(own);
              own.removeAll(said);
              assertThat(own).as("%s: not in the manual", name).isSubsetOf(shared);
            });
  }

  @Test
  void theManualHasEveryExitCodeAndNoOther() throws Exception {
    var manual = Files.readString(Path.of(System.getProperty("basedir"), "../docs/cli.md"));
    var said = new TreeSet<Integer>();
    var rows = ROW.matcher(manual.substring(manual.indexOf("## Exit codes")));
    while (rows.find()) {
      said.add(Integer.valueOf(rows.group(1)));
    }

    var known = new TreeSet<Integer>();
    for (var field : ExitCode.class.getDeclaredFields()) {
      if (field.getType() == int.class && Modifier.isFinal(field.getModifiers())) {
        known.add((Integer) field.get(null));
      }
    }
    known.add(130); // the virtual machine's own, on an interrupt
    known.add(143); // and on SIGTERM
    assertThat(said).isEqualTo(known);
  }

  /** What each section's tables have in their first column. */
  private static Map<String, Set<String>> optionsBySection(String manual) {
    var found = new TreeMap<String, Set<String>>();
    var section = "";
    for (var line : manual.lines().toList()) {
      if (line.startsWith("## ")) {
        section = line.substring(3);
        found.put(section, new TreeSet<>());
      } else if (line.startsWith("| `-")) {
        var options = OPTION.matcher(line.substring(0, line.indexOf('|', 1)));
        while (options.find()) {
          found.get(section).add(options.group(1));
        }
      }
    }
    return found;
  }

  private static Map<String, CommandLine> commands() {
    var streams =
        new Streams(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            OutputStream.nullOutputStream(),
            Set.of(),
            () -> 0);
    var commands = new TreeMap<String, CommandLine>();
    collect(Main.commandLine(streams), "", commands);
    return commands;
  }

  /** Commands of commands too, as {@code tunnel create}. */
  private static void collect(CommandLine of, String prefix, Map<String, CommandLine> commands) {
    of.getSubcommands()
        .forEach(
            (name, command) -> {
              if (!name.equals("help")) {
                commands.put(prefix + name, command);
                if (!name.equals("connector")) { // its commands share the flags that it lists
                  collect(command, prefix + name + " ", commands);
                }
              }
            });
  }
}
