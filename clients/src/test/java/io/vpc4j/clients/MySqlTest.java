package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.EntranceOptions;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The drivers of MariaDB and of MySQL through a binding, against a real MariaDB. */
@Timeout(120)
class MySqlTest {

  private static LocalProgram server;
  private static int port;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    port = FreePort.next();
    server =
        LocalServers.mariaDb(
            port,
            "CREATE DATABASE app;",
            "CREATE USER app@'127.0.0.1' IDENTIFIED BY 'word';",
            "GRANT ALL ON app.* TO app@'127.0.0.1';");
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

  @ParameterizedTest
  @EnumSource
  void mariaDbByAClassInTheUrl(Over over) throws Exception {
    try (var world = over.open(folder, port)) {
      SharedVpc.use(world.vpc());
      var url =
          "jdbc:mariadb://"
              + world.host()
              + ":"
              + port
              + "/app?user=app&password=word&socketFactory=io.vpc4j.clients.VpcSocketFactory";
      try (var connection = DriverManager.getConnection(url)) {
        isUsable(connection);
      }
      assertThatThrownBy(() -> DriverManager.getConnection(url.replace("=word", "=sword")).close())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("Access denied");
    }
  }

  /** Connector/J knows SOCKS, with names that the far end resolves. */
  @ParameterizedTest
  @EnumSource
  void mySqlByAnEntrance(Over over) throws Exception {
    try (var world = over.open(folder, port)) {
      var vpc = world.vpc();
      var target = world.host() + ":" + port;
      var entrance = vpc.entrance("NET", EntranceOptions.defaults());
      var local = ((InetSocketAddress) entrance.address()).getPort();
      var url =
          ("jdbc:mysql://" + target + "/app?user=app&password=word")
              + ("&socksProxyHost=127.0.0.1&socksProxyPort=" + local)
              + "&socksProxyRemoteDns=true";
      try (var connection = DriverManager.getConnection(url)) {
        isUsable(connection);
        aStatementIsCancelled(connection);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void bothByAForward(Over over) throws Exception {
    try (var world = over.open(folder, port)) {
      var forward = Door.FORWARD.in(world, port, EntranceOptions.defaults());
      for (var driver : new String[] {"mariadb", "mysql"}) {
        var url = "jdbc:" + driver + "://127.0.0.1:" + Door.port(forward) + "/app";
        try (var connection = DriverManager.getConnection(url, "app", "word")) {
          isUsable(connection);
        }
      }
    }
  }

  private static void isUsable(Connection connection) throws SQLException {
    var blob = new byte[1_000_000];
    new Random(3).nextBytes(blob);
    try (var statement = connection.createStatement()) {
      assertThat(statement.execute("create temporary table t(a int primary key, b longblob)"))
          .isFalse();
      try (var insert = connection.prepareStatement("insert into t values (?, ?)")) {
        insert.setInt(1, 1);
        insert.setBytes(2, blob);
        assertThat(insert.executeUpdate()).isEqualTo(1);
      }
      try (var rows = statement.executeQuery("select a, b from t")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isEqualTo(1);
        assertThat(rows.getBytes(2)).isEqualTo(blob);
        assertThat(rows.next()).isFalse();
      }
    }
  }

  /** Cancelling takes a second connection ({@code KILL QUERY}), and the first can be used. */
  private static void aStatementIsCancelled(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      assertThatThrownBy(
              () -> statement.executeQuery("select count(*) from t x, t y where sleep(60) = 0"))
          .isInstanceOf(SQLException.class);
    }
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery("select count(*) from t")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getInt(1)).isEqualTo(1);
    }
  }
}
