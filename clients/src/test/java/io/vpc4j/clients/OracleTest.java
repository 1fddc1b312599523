package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.EntranceOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Oracle's thin driver, whose server cannot be had here: a scripted one hears its first words. */
@Timeout(120)
class OracleTest {

  private static final int TNS_CONNECT = 1;

  @TempDir Path folder;
  private final Servers servers = new Servers();
  private final CompletableFuture<Integer> firstPacket = new CompletableFuture<>();

  /** Hears the head of a packet: length, checksum, and at offset 4 its type; then it hangs up. */
  private int listen() throws IOException {
    return servers.start(
        socket -> {
          var head = socket.getInputStream().readNBytes(8);
          firstPacket.complete((int) head[4]);
        });
  }

  @AfterEach
  void stop() throws IOException {
    servers.close();
  }

  @ParameterizedTest
  @EnumSource
  void byAnEntrance(Over over) throws Exception {
    var port = listen();
    try (var world = over.open(folder, port)) {
      var vpc = world.vpc();
      var target = world.host() + ":" + port;
      var entrance = vpc.entrance("NET", EntranceOptions.defaults());
      var properties = new Properties();
      properties.put("oracle.net.socksProxyHost", "127.0.0.1");
      var local = ((InetSocketAddress) entrance.address()).getPort();
      properties.put("oracle.net.socksProxyPort", String.valueOf(local));
      properties.put("oracle.net.socksRemoteDNS", "true");
      fails("jdbc:oracle:thin:@//" + target + "/app", properties);
    }
  }

  @ParameterizedTest
  @EnumSource
  void byAForward(Over over) throws Exception {
    var port = listen();
    try (var world = over.open(folder, port)) {
      var forward = Door.FORWARD.in(world, port, EntranceOptions.defaults());
      fails("jdbc:oracle:thin:@//127.0.0.1:" + Door.port(forward) + "/app", new Properties());
    }
  }

  private void fails(String url, Properties properties) throws Exception {
    properties.put("user", "app");
    properties.put("password", "word");
    assertThatThrownBy(() -> DriverManager.getConnection(url, properties).close())
        .isInstanceOf(SQLException.class);
    assertThat(firstPacket.get(30, TimeUnit.SECONDS)).isEqualTo(TNS_CONNECT);
  }
}
