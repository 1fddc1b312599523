package io.vpc4j.mesh.interop;

import io.vpc4j.mesh.wireguard.interop.Namespaces;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL server at 127.0.0.1:5432 of a namespace, and psql in another. */
final class PostgresHere implements AutoCloseable {

  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");

  private final Namespaces net;
  private final Path programs;
  private final Process server;

  /** Makes a cluster in {@code folder} and starts it in {@code namespace}. */
  PostgresHere(Namespaces net, String namespace, Path folder, Path programs) throws IOException {
    this.net = net;
    this.programs = programs;
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    var home = Files.createDirectory(folder.resolve("postgres"));
    Namespaces.run("chown", "nobody", home.toString());
    var data = home.resolve("data").toString();
    run(namespace, asNobody("initdb", "-D", data, "-U", "app", "-A", "trust", "--no-sync"));
    server =
        net.start(
            namespace,
            asNobody("postgres", "-D", data, "-k", home.toString(), "-h", "127.0.0.1", "-F"));
    untilReady(server.inputReader());
  }

  /** The server refuses to run as root. */
  private List<String> asNobody(String program, String... arguments) {
    var command =
        new ArrayList<>(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static void untilReady(BufferedReader log) throws IOException {
    var said = new StringBuilder();
    for (var line = log.readLine(); line != null; line = log.readLine()) {
      said.append(line).append('\n');
      if (line.contains("ready to accept connections")) {
        return;
      }
    }
    throw new IOException("PostgreSQL did not start: " + said);
  }

  /** Where initdb, postgres and psql lie; null if they are not installed. */
  static @Nullable Path programs() throws IOException {
    if (!Files.isDirectory(INSTALLED)) {
      return null;
    }
    try (var versions = Files.list(INSTALLED)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .findFirst()
          .orElse(null);
    }
  }

  /** What psql prints that runs in {@code namespace} and calls {@code host}. */
  String ask(String namespace, String host, String sql) throws IOException {
    var psql = programs.resolve("psql").toString();
    return run(namespace, List.of(psql, "-h", host, "-U", "app", "-d", "postgres", "-XAtc", sql));
  }

  /** As patient as with any program that a test starts. */
  private String run(String namespace, List<String> command) throws IOException {
    var process = net.start(namespace, command);
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.destroy();
    server.onExit().join(); // it is killed at the latest when its time is over
  }
}
