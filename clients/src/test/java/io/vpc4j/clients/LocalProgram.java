package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A real server, run for a test as an ordinary user in a folder of its own, and ended by it. */
final class LocalProgram implements AutoCloseable {

  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

  final Path folder;
  private final Path log;
  private Process process;

  LocalProgram(String name) throws IOException, InterruptedException {
    folder = Files.createTempDirectory(name);
    log = folder.resolve("log");
    if (ROOT) {
      finish(new ProcessBuilder("chown", "nobody", folder.toString()));
    }
  }

  /** A program on the path or in one of {@code folders}, the last of them first. */
  static Optional<Path> find(String name, Path... folders) {
    var path = Stream.of(System.getenv("PATH").split(":")).map(Path::of);
    return Stream.concat(Arrays.stream(folders), path)
        .map(folder -> folder.resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Runs a command to its end; it must succeed. */
  void run(String... command) throws IOException, InterruptedException {
    finish(asOrdinaryUser(command));
  }

  /**
   * Runs a class of the tests' class path to its end; it must succeed. As the user of the tests, in
   * whose home the class path may be.
   */
  void runJava(String mainClass, String... arguments) throws IOException, InterruptedException {
    finish(logged(java(mainClass, arguments)));
  }

  /** Starts a server in Java, as {@link #runJava}, and waits until its log has {@code ready}. */
  void startJava(String ready, String mainClass, String... arguments) throws IOException {
    start(ready, logged(java(mainClass, arguments)));
  }

  /** Starts the server, and waits until its log has {@code ready}. */
  void start(String ready, String... command) throws IOException {
    start(ready, asOrdinaryUser(command));
  }

  private void start(String ready, ProcessBuilder command) throws IOException {
    process = command.start();
    try {
      awaitWord(ready);
    } catch (RuntimeException | Error e) {
      end(); // nobody will close a server that was never handed out
      throw e;
    }
  }

  private void awaitWord(String ready) {
    var endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!text().contains(ready)) {
      assertThat(process.isAlive()).as(this::text).isTrue();
      assertThat(System.nanoTime() - endNs).as(this::text).isNegative();
      LockSupport.parkNanos(5_000_000);
    }
  }

  private ProcessBuilder asOrdinaryUser(String... command) {
    var all = new ArrayList<String>();
    if (ROOT) {
      all.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
    }
    all.addAll(List.of(command));
    return logged(all);
  }

  private static List<String> java(String mainClass, String... arguments) {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var all = new ArrayList<>(List.of(java, "-Xmx256m", "-XX:TieredStopAtLevel=1"));
    all.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
    all.add(mainClass);
    all.addAll(List.of(arguments));
    return all;
  }

  private ProcessBuilder logged(List<String> command) {
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().put("LC_ALL", "C");
    return builder;
  }

  private void finish(ProcessBuilder builder) throws IOException, InterruptedException {
    var running = builder.start();
    assertThat(running.waitFor(60, TimeUnit.SECONDS)).as(this::text).isTrue();
    assertThat(running.exitValue()).as(this::text).isZero();
  }

  private String text() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    end();
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private void end() {
    if (process != null) {
      var children = process.descendants().toList();
      process.destroyForcibly();
      children.forEach(ProcessHandle::destroyForcibly);
      process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
    }
  }
}
