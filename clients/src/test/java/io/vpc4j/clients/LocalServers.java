package io.vpc4j.clients;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The real servers that clients are tested with, each on a port of 127.0.0.1. Where one is not
 * installed the test that asks for it is not run, and says so.
 */
final class LocalServers {

  private LocalServers() {}

  /** What is put into a server's folder before it starts. */
  @FunctionalInterface
  interface Preparation {
    void prepare(Path data) throws Exception;
  }

  /** A PostgreSQL with a user {@code app}, who needs no password. */
  static LocalProgram postgres(int port, Preparation preparation, String... settings)
      throws Exception {
    var programs = postgresPrograms();
    assumeTrue(
        programs != null,
        "NOT RUN: no PostgreSQL below /usr/lib/postgresql or on the path; its clients are not shown to work");
    var server = new LocalProgram("postgres");
    var data = server.folder.resolve("data").toString();
    server.run(
        programs.resolve("initdb").toString(),
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "app",
        "-E",
        "UTF8",
        "--no-sync");
    preparation.prepare(Path.of(data));
    var command = new ArrayList<>(List.of(programs.resolve("postgres").toString(), "-D", data));
    command.addAll(List.of("-h", "127.0.0.1", "-p", String.valueOf(port), "-k", "", "-F"));
    command.addAll(List.of(settings));
    server.start("ready to accept connections", command.toArray(String[]::new));
    return server;
  }

  private static Path postgresPrograms() throws IOException {
    var debian = Path.of("/usr/lib/postgresql");
    if (Files.isDirectory(debian)) {
      try (var versions = Files.list(debian)) {
        var newest = versions.max(Comparator.naturalOrder()).map(each -> each.resolve("bin"));
        if (newest.isPresent() && Files.isExecutable(newest.get().resolve("postgres"))) {
          return newest.get();
        }
      }
    }
    return LocalProgram.find("postgres").map(Path::getParent).orElse(null);
  }

  /** A Redis that keeps nothing. */
  static LocalProgram redis(int port) throws Exception {
    var program = LocalProgram.find("redis-server");
    assumeTrue(
        program.isPresent(),
        "NOT RUN: no redis-server on the path; its clients are not shown to work");
    var server = new LocalProgram("redis");
    server.start(
        "Ready to accept connections",
        program.get().toString(),
        "--port",
        String.valueOf(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        server.folder.toString());
    return server;
  }

  /** A MariaDB that has what {@code statements} make, besides its own. */
  static LocalProgram mariaDb(int port, String... statements) throws Exception {
    var sbin = Path.of("/usr/sbin");
    var program = LocalProgram.find("mariadbd", sbin);
    var install = LocalProgram.find("mariadb-install-db", sbin);
    assumeTrue(
        program.isPresent() && install.isPresent(),
        "NOT RUN: no mariadbd on the path or in /usr/sbin; the drivers of MySQL and MariaDB are not shown to work");
    var server = new LocalProgram("mariadb");
    var data = "--datadir=" + server.folder.resolve("data");
    var temporary = "--tmpdir=" + server.folder;
    server.run(
        install.get().toString(),
        "--no-defaults",
        data,
        temporary,
        "--skip-test-db",
        "--skip-name-resolve");
    var first = server.folder.resolve("first.sql");
    Files.write(first, List.of(statements));
    server.start(
        "ready for connections",
        program.get().toString(),
        "--no-defaults",
        data,
        temporary,
        "--bind-address=127.0.0.1",
        "--port=" + port,
        "--socket=" + server.folder.resolve("socket"),
        "--pid-file=" + server.folder.resolve("pid"),
        "--init-file=" + first,
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-fast-shutdown=2");
    return server;
  }

  /**
   * A Kafka broker that is its own controller, calls itself {@code advertised} and makes what
   * topics it is asked for.
   */
  static LocalProgram kafka(String advertised, int port, int controllerPort) throws Exception {
    var server = new LocalProgram("kafka");
    var settings = server.folder.resolve("server.properties");
    Files.write(
        settings,
        List.of(
            "node.id=1",
            "process.roles=broker,controller",
            "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort,
            "advertised.listeners=PLAINTEXT://" + advertised + ":" + port,
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names=CONTROLLER",
            "controller.quorum.bootstrap.servers=127.0.0.1:" + controllerPort,
            "log.dirs=" + server.folder.resolve("data"),
            "offsets.topic.num.partitions=1",
            "offsets.topic.replication.factor=1",
            "group.initial.rebalance.delay.ms=0",
            "num.network.threads=1",
            "num.io.threads=2"));
    var file = settings.toString();
    var cluster = "AAAAAAAAAAEAAAAAAAAAAg"; // any 16 octets
    server.runJava("kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c", file);
    server.startJava("Kafka Server started", "kafka.Kafka", file);
    return server;
  }
}
