package io.vpc4j.integrationtests.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A PostgreSQL server of its own, in the service's namespace, asked from the user's. */
final class Postgres implements AutoCloseable {

  private static final Path INSTALLED = Path.of("/usr/lib/postgresql");

  private final Path programs;
  private final Hosts hosts;
  private final Path home;
  private final Process server;

  Postgres(Path programs, Hosts hosts) throws IOException {
    this.programs = programs;
    this.hosts = hosts;
    home = hosts.home("postgres");
    var data = home.resolve("data");
    var made =
        hosts.runAsNobody(
            hosts.service(),
            home,
            programs.resolve("initdb").toString(),
            "-D",
            data.toString(),
            "-U",
            "app",
            "-A",
            "trust",
            "--no-sync");
    if (made.exitCode() != 0) {
      throw new IOException(made.err());
    }
    Files.writeString(data.resolve("pg_hba.conf"), "host all app 10.0.5.0/24 trust\n");
    var log = hosts.folder.resolve("postgres.log");
    server =
        hosts.startAsNobody(
            hosts.service(),
            home,
            log,
            programs.resolve("postgres").toString(),
            "-D",
            data.toString(),
            "-k",
            home.toString(),
            "-c",
            "listen_addresses=10.0.5.42");
    Scene.untilLogged(log.toFile(), "ready to accept connections");
  }

  /** Where initdb and postgres lie; null if they are not installed. */
  static Path programs() throws IOException {
    if (!Files.isDirectory(INSTALLED)) {
      return null;
    }
    try (Stream<Path> versions = Files.list(INSTALLED)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .findFirst()
          .orElse(null);
    }
  }

  /** What psql prints, through port 5432 of the user's own machine. */
  String ask(String sql) throws IOException {
    var asked =
        hosts.runAsNobody(
            hosts.user(),
            home,
            programs.resolve("psql").toString(),
            "-h",
            "127.0.0.1",
            "-U",
            "app",
            "-d",
            "postgres",
            "-XAtc",
            sql);
    if (asked.exitCode() != 0) {
      throw new IOException(asked.err());
    }
    return asked.out();
  }

  static String md5(String text) {
    try {
      var digest = MessageDigest.getInstance("MD5").digest(text.getBytes(UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.destroy(); // SIGTERM: it waits for its clients, who are gone
    server.onExit().orTimeout(20, TimeUnit.SECONDS).join();
  }
}
