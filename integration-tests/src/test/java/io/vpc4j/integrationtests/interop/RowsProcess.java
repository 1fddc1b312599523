package io.vpc4j.integrationtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of rows: it prints a line for each, and is ended with all that it started. */
final class RowsProcess {

  private RowsProcess() {}

  /** The command of a Java program on this class path. */
  static List<String> java(Class<?> main, String... arguments) {
    return java(List.of(), main, arguments);
  }

  /** The same, with options of the machine's before the program. */
  static List<String> java(List<String> options, Class<?> main, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dio.netty.leakDetection.level=paranoid");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** What it printed, line by line; a leaked buffer is a failure. */
  static List<String> run(List<String> command, long deadlineSeconds)
      throws IOException, InterruptedException {
    var output = Files.createTempFile("interop", ".log");
    var process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (!process.waitFor(deadlineSeconds, TimeUnit.SECONDS)) {
        throw new IOException(
            "not done in " + deadlineSeconds + " s:\n" + Files.readString(output));
      }
      var printed = Files.readAllLines(output);
      assertThat(printed).as("no buffer is leaked").noneMatch(line -> line.contains("LEAK: "));
      return printed;
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
