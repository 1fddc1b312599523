package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.vpc4j.EntranceOptions;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;

/** pgjdbc through a binding, against a real PostgreSQL. */
@Timeout(120)
class PostgresTest {

  private static final Pattern ONE_LINE =
      Pattern.compile("jdbc:postgresql://db\\.internal/\\S+socketFactoryArg=(\\w+)");

  private static LocalProgram server;
  private static int port;
  private static String certificate;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    port = FreePort.next();
    server = LocalServers.postgres(port, PostgresTest::writeKeys, "-c", "ssl=on");
  }

  private static void writeKeys(Path data) throws Exception {
    var bundle =
        new CertificateBuilder()
            .subject("CN=db")
            .addSanDnsName("db.internal")
            .addSanDnsName("db.mesh")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    certificate = bundle.getCertificatePEM();
    Files.writeString(data.resolve("server.crt"), certificate);
    var key = data.resolve("server.key");
    Files.writeString(key, bundle.getPrivateKeyPEM());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Files.setOwner(key, Files.getOwner(data));
  }

  @AfterAll
  static void stop() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  @AfterEach
  void forget() {
    SharedVpc.forget();
  }

  private static String url(PrivateWorld world) {
    return "jdbc:postgresql://"
        + world.host()
        + ":"
        + port
        + "/postgres?user=app&socketFactory=io.vpc4j.clients.VpcSocketFactory&socketFactoryArg=NET";
  }

  @ParameterizedTest
  @EnumSource
  void statementsAndLargeValuesPass(Over over) throws Exception {
    try (var world = opened(over);
        var connection = DriverManager.getConnection(url(world))) {
      assertThat(number(connection, "select 40 + 2")).isEqualTo(42);

      var blob = new byte[2_000_000];
      new Random(1).nextBytes(blob);
      try (var statement = connection.prepareStatement("select ?::bytea, length(?::bytea)")) {
        statement.setBytes(1, blob);
        statement.setBytes(2, blob);
        var row = statement.executeQuery();
        assertThat(row.next()).isTrue();
        assertThat(row.getBytes(1)).isEqualTo(blob);
        assertThat(row.getInt(2)).isEqualTo(blob.length);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void rowsAreFetchedInPortionsAndCopiedIn(Over over) throws Exception {
    try (var world = opened(over);
        var connection = DriverManager.getConnection(url(world))) {
      connection.setAutoCommit(false);
      try (var statement = connection.createStatement()) {
        statement.execute("create temp table t(a int, b text)");
        var lines = new StringBuilder();
        for (var i = 0; i < 50_000; i++) {
          lines.append(i).append("\tline ").append(i).append('\n');
        }
        var copied =
            connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy t from stdin", new StringReader(lines.toString()));
        assertThat(copied).isEqualTo(50_000);
        statement.setFetchSize(1_000);
        var rows = statement.executeQuery("select a from t order by a");
        var count = 0;
        while (rows.next()) {
          assertThat(rows.getInt(1)).isEqualTo(count++);
        }
        assertThat(count).isEqualTo(50_000);
      }
    }
  }

  /** Cancelling opens a second connection, and what it leaves can be used. */
  @ParameterizedTest
  @EnumSource
  void aStatementIsCancelled(Over over) throws Exception {
    try (var world = opened(over);
        var connection = DriverManager.getConnection(url(world));
        var statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      assertThatThrownBy(() -> statement.execute("select pg_sleep(60)"))
          .isInstanceOfSatisfying(
              PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
      assertThat(number(connection, "select 1")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatHangsUpIsNoticed(Over over) throws Exception {
    try (var world = opened(over);
        var victim = DriverManager.getConnection(url(world));
        var other = DriverManager.getConnection(url(world))) {
      var pid = number(victim, "select pg_backend_pid()");
      var waiting = new CompletableFuture<String>();
      var thread =
          new Thread(
              () -> {
                try {
                  number(victim, "select 1 from pg_sleep(60)");
                  waiting.complete("an answer");
                } catch (SQLException e) {
                  waiting.complete(e.getSQLState());
                }
              });
      thread.setDaemon(true);
      thread.start();
      while (number(
              other, "select count(*)::int from pg_stat_activity where wait_event = 'PgSleep'")
          == 0) {
        Thread.onSpinWait();
      }
      assertThat(number(other, "select pg_terminate_backend(" + pid + ")::int")).isEqualTo(1);
      assertThat(waiting.get(30, TimeUnit.SECONDS)).isIn("57P01", "08006");
    }
  }

  @ParameterizedTest
  @EnumSource
  void theDriversOwnTlsGoesThrough(Over over) throws Exception {
    var trusted = folder.resolve("root.crt");
    Files.writeString(trusted, certificate, UTF_8);
    try (var world = opened(over);
        var connection =
            DriverManager.getConnection(
                url(world) + "&sslmode=verify-full&sslrootcert=" + trusted)) {
      assertThat(
              number(connection, "select ssl::int from pg_stat_ssl where pid = pg_backend_pid()"))
          .isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theForwardNeedsNothingOfTheDriver(Over over) throws Exception {
    try (var world = over.open(folder, port)) {
      var vpc = world.vpc();
      var target = world.host() + ":" + port;
      var forward = vpc.forward("NET", target, EntranceOptions.defaults());
      var local = ((InetSocketAddress) forward.address()).getPort();
      var url = "jdbc:postgresql://127.0.0.1:" + local + "/postgres?user=app";
      try (var connection = DriverManager.getConnection(url)) {
        assertThat(number(connection, "select 7")).isEqualTo(7);
      }
    }
  }

  /** The one line of the guides, in a program and process of its own; it ends by itself. */
  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/clients/databases.md"})
  void anExistingProgramNeedsTheOneLine(String page) throws Exception {
    var guide = Files.readString(Path.of(System.getProperty("io.vpc4j.root")).resolve(page));
    var line = ONE_LINE.matcher(guide);
    assertThat(line.find()).as("%s has the line", page).isTrue();
    writeConfiguration(line.group(1));
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var output = folder.resolve("output").toFile();
    var process =
        new ProcessBuilder(
                java,
                "-cp",
                System.getProperty("java.class.path"),
                "-Djdk.net.hosts.file=" + System.getProperty("jdk.net.hosts.file"),
                ExistingProgram.class.getName(),
                line.group(),
                "select current_user || ' has ' || 6 * 7")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(output.toPath())).contains("app has 42");
    assertThat(process.exitValue()).isZero();
  }

  /** Where the files are elsewhere, a property says where. */
  @Test
  void aPropertyNamesTheConfiguration() throws Exception {
    writeConfiguration("NET");
    System.setProperty(SharedVpc.CONFIG, folder.resolve("wrangler.jsonc").toString());
    try (var connection =
        DriverManager.getConnection(
            "jdbc:postgresql://db.internal/postgres?user=app"
                + "&socketFactory=io.vpc4j.clients.VpcSocketFactory&socketFactoryArg=NET")) {
      assertThat(number(connection, "select 1")).isEqualTo(1);
    } finally {
      System.clearProperty(SharedVpc.CONFIG);
      SharedVpc.get().close();
    }
  }

  private void writeConfiguration(String binding) throws IOException {
    Files.writeString(
        folder.resolve("wrangler.jsonc"),
        """
        {"vpc_networks": [{"binding": "%s", "tunnel_id": "550e8400-e29b-41d4-a716-446655440000"}]}
        """
            .formatted(binding));
    Files.writeString(
        folder.resolve("directory.jsonc"),
        """
        {"loopback": {"hosts": [
          {"name": "db.internal", "addresses": ["10.0.1.50"], "ports": {"5432": %d}}]}}
        """
            .formatted(port));
  }

  private PrivateWorld opened(Over over) throws Exception {
    var world = over.open(folder, port);
    SharedVpc.use(world.vpc());
    return world;
  }

  private static int number(Connection connection, String query) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      assertThat(rows.next()).isTrue();
      return rows.getInt(1);
    }
  }
}
