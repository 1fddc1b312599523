package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoTimeoutException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.model.Filters;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import io.vpc4j.EntranceOptions;
import io.vpc4j.testkit.FreePort;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The MongoDB driver, against a server in this process that speaks its protocol. */
@Timeout(120)
class MongoTest {

  private static MongoServer server;
  private static int port;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    server = new MongoServer(new MemoryBackend().version(ServerVersion.MONGO_5_0));
    port = server.bind().getPort();
  }

  @AfterAll
  static void stop() {
    server.shutdownNow();
  }

  /** The driver's SOCKS5 passes names on: those that a replica set answers with as well. */
  @ParameterizedTest
  @EnumSource
  void byAnEntrance(Over over) throws Exception {
    try (var world = over.open(folder, port)) {
      var vpc = world.vpc();
      var host = world.host();
      var entrance = vpc.entrance("NET", EntranceOptions.defaults());
      var local = ((InetSocketAddress) entrance.address()).getPort();
      var settings =
          MongoClientSettings.builder()
              .applyConnectionString(new ConnectionString("mongodb://" + host + ":" + port))
              .applyToSocketSettings(
                  socket ->
                      socket.applyToProxySettings(proxy -> proxy.host("127.0.0.1").port(local)))
              .build();
      try (var client = MongoClients.create(settings)) {
        isUsable(client);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void byAForward(Over over) throws Exception {
    try (var world = over.open(folder, port)) {
      var forward = Door.FORWARD.in(world, port, EntranceOptions.defaults());
      var url = "mongodb://127.0.0.1:" + Door.port(forward) + "/?directConnection=true";
      try (var client = MongoClients.create(url)) {
        isUsable(client);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatIsNotThereIsSaid(Over over) throws Exception {
    var nobody = FreePort.next();
    try (var world = over.open(folder, nobody)) {
      var forward = Door.FORWARD.in(world, nobody, EntranceOptions.defaults());
      var url = "mongodb://127.0.0.1:" + Door.port(forward) + "/?serverSelectionTimeoutMS=300";
      try (var client = MongoClients.create(url)) {
        assertThatThrownBy(() -> client.listDatabaseNames().first())
            .isInstanceOf(MongoTimeoutException.class)
            .hasMessageContaining("Exception");
      }
    }
  }

  private static void isUsable(MongoClient client) {
    var things = client.getDatabase("app").getCollection("things");
    things.drop();
    var text = "0123456789".repeat(10_000);
    things.insertMany(
        IntStream.range(0, 50).mapToObj(i -> new Document("n", i).append("text", text)).toList());
    var found = things.find(Filters.gte("n", 10)).batchSize(7).into(new java.util.ArrayList<>());
    assertThat(found)
        .hasSize(40)
        .allSatisfy(each -> assertThat(each.getString("text")).isEqualTo(text));
    assertThat(client.listDatabaseNames().into(new java.util.ArrayList<>()))
        .containsAll(List.of("app"));
  }
}
