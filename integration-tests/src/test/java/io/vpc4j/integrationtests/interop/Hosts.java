package io.vpc4j.integrationtests.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Machines, as network namespaces: a user's at 10.99.0.1 and 10.99.1.1, a WireGuard host at
 * 10.99.0.2 and 10.0.5.1, a service's at 10.0.5.42, which knows nothing of the mesh and has no
 * route to it, and a second host at 10.99.1.2. Closing takes everything away.
 */
final class Hosts implements AutoCloseable {

  private static final long COMMAND_SECONDS = 90;
  private static final Path COMMAND = Path.of(System.getProperty("basedir")).resolveSibling("cli");

  /** What a command left behind. */
  record Result(int exitCode, String out, String err) {}

  final Path folder;
  private final String name;
  private final List<Process> processes = new ArrayList<>();
  private final List<String> path = new ArrayList<>();
  private final List<String> all;

  /** Skips the test, and says what is missing, where a right or a program is. */
  static void orAbort() {
    for (var command :
        List.of(
            List.of("unshare", "-n", "true"),
            List.of("ip", "-V"),
            List.of("nginx", "-v"),
            List.of("nft", "-v"),
            List.of("curl", "-V"),
            List.of("wg", "--version"),
            List.of("setpriv", "--version"),
            List.of("wireguard-go", "--version"),
            List.of("test", "-c", "/dev/net/tun"))) {
      try {
        must(command.toArray(String[]::new));
      } catch (IOException e) {
        abort("NOT RUN: " + String.join(" ", command) + " fails: " + e.getMessage());
      }
    }
  }

  Hosts(String name, Path folder) throws IOException {
    this.name = name;
    this.folder = folder;
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    all = List.of(user(), gate(), service(), second());
    remove(); // what a killed run left
    for (var host : all) {
      must("ip", "netns", "add", host);
      in(host, "ip", "link", "set", "lo", "up");
    }
    cable(user(), "10.99.0.1/24", gate(), "10.99.0.2/24", "0");
    cable(gate(), "10.0.5.1/24", service(), "10.0.5.42/24", "1");
    cable(user(), "10.99.1.1/24", second(), "10.99.1.2/24", "2");
    copyCommand();
  }

  String user() {
    return name + "u";
  }

  String gate() {
    return name + "g";
  }

  String service() {
    return name + "s";
  }

  String second() {
    return name + "t";
  }

  private void cable(String one, String oneAddress, String other, String otherAddress, String id)
      throws IOException {
    var ends = List.of(name + id + "a", name + id + "b");
    must(
        "ip",
        "link",
        "add",
        ends.get(0),
        "netns",
        one,
        "type",
        "veth",
        "peer",
        "name",
        ends.get(1),
        "netns",
        other);
    in(one, "ip", "addr", "add", oneAddress, "dev", ends.get(0));
    in(other, "ip", "addr", "add", otherAddress, "dev", ends.get(1));
    in(one, "ip", "link", "set", ends.get(0), "up");
    in(other, "ip", "link", "set", ends.get(1), "up");
  }

  // ---- the command, where an ordinary user can read it

  private void copyCommand() throws IOException {
    var modules = Files.createDirectory(folder.resolve("modules"));
    var text = Files.readString(COMMAND.resolve("target/module-path.txt")).strip();
    var entries = new ArrayList<>(List.of(text.split(File.pathSeparator, -1)));
    entries.add(COMMAND.resolve("target/classes").toString());
    path.add(modules.toString());
    for (var entry : entries) {
      var from = Path.of(entry);
      if (Files.isDirectory(from)) {
        var to = modules.resolve(Integer.toString(path.size()));
        path.add(to.toString());
        copy(from, to);
      } else {
        Files.copy(from, modules.resolve(from.getFileName()));
      }
    }
    must("chmod", "-R", "a+rX", modules.toString());
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectory(to.resolve(from.relativize(folder).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(file, to.resolve(from.relativize(file).toString()));
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private List<String> asNobody(String host, List<String> command) {
    var all =
        new ArrayList<>(
            List.of(
                "ip",
                "netns",
                "exec",
                host,
                "setpriv",
                "--reuid=nobody",
                "--regid=nogroup",
                "--clear-groups",
                "--no-new-privs"));
    all.addAll(command);
    return all;
  }

  private List<String> vpc4j(String... arguments) {
    var all = new ArrayList<String>();
    all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    all.add("@" + COMMAND.resolve("launcher/java.args"));
    all.add("-XX:TieredStopAtLevel=1"); // it ends before more than that pays
    all.addAll(List.of("-p", String.join(File.pathSeparator, path)));
    all.addAll(List.of("-m", "io.vpc4j.cli/io.vpc4j.cli.Main"));
    all.addAll(List.of(arguments));
    return all;
  }

  /** Runs {@code vpc4j} as an ordinary user, in a folder of that user's. */
  Result vpc4j(String host, Path home, String... arguments) throws IOException {
    return run(home, asNobody(host, vpc4j(arguments)));
  }

  /** Starts {@code vpc4j} likewise; its output goes to {@code log}. */
  Process start(String host, Path home, Path log, String... arguments) throws IOException {
    var process =
        new ProcessBuilder(asNobody(host, vpc4j(arguments)))
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    processes.add(process);
    return process;
  }

  /** Starts any program as root. */
  Process startAsRoot(String host, Path log, String... command) throws IOException {
    var whole = new ArrayList<>(List.of("ip", "netns", "exec", host));
    whole.addAll(List.of(command));
    var process =
        new ProcessBuilder(whole).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    processes.add(process);
    return process;
  }

  /** Starts a program as an ordinary user, whose output is whoever reads it's. */
  Process pipeFrom(String host, Path home, String... command) throws IOException {
    var process =
        new ProcessBuilder(asNobody(host, List.of(command)))
            .directory(home.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    processes.add(process);
    return process;
  }

  /** A stock WireGuard host comes up, or goes down, as its file says. */
  void wgQuick(String host, String verb, Path file) throws IOException {
    in(
        host,
        "env",
        "WG_QUICK_USERSPACE_IMPLEMENTATION=wireguard-go",
        "wg-quick",
        verb,
        file.toString());
  }

  /** Starts any program as an ordinary user. */
  Process startAsNobody(String host, Path home, Path log, String... command) throws IOException {
    var process =
        new ProcessBuilder(asNobody(host, List.of(command)))
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    processes.add(process);
    return process;
  }

  Result runAsNobody(String host, Path home, String... command) throws IOException {
    return run(home, asNobody(host, List.of(command)));
  }

  /** A folder that belongs to the ordinary user. */
  Path home(String label) throws IOException {
    var home = Files.createDirectory(folder.resolve(label));
    must("chown", "nobody:nogroup", home.toString());
    return home;
  }

  // ---- commands

  /** Runs a command in a namespace, as root; what it said on both streams. */
  String in(String host, String... command) throws IOException {
    var all = new ArrayList<>(List.of("ip", "netns", "exec", host));
    all.addAll(List.of(command));
    return must(all.toArray(String[]::new));
  }

  static String must(String... command) throws IOException {
    var result = run(Path.of("/"), List.of(command));
    if (result.exitCode() != 0) {
      throw new IOException(String.join(" ", command) + ": " + result.out() + result.err());
    }
    return result.out() + result.err();
  }

  private static Result run(Path home, List<String> command) throws IOException {
    var out = Files.createTempFile("hosts", ".out");
    var err = Files.createTempFile("hosts", ".err");
    try {
      var process =
          new ProcessBuilder(command)
              .directory(home.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + " did not end");
      }
      return new Result(
          process.exitValue(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }

  private void remove() throws IOException {
    for (var host : all) {
      run(Path.of("/"), List.of("ip", "netns", "del", host)); // it may not be there
    }
  }

  @Override
  public void close() throws IOException {
    for (var process : processes) {
      process.destroy();
    }
    for (var process : processes) {
      process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
    remove();
  }
}
