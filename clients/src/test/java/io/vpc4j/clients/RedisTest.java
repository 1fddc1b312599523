package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.VpcException;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.ConnectionFactory;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.providers.PooledConnectionProvider;

/** Jedis through a binding, against a real Redis. */
@Timeout(120)
class RedisTest {

  private static LocalProgram server;
  private static int port;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    port = FreePort.next();
    server = LocalServers.redis(port);
  }

  @AfterAll
  static void stop() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  private static JedisSocketFactory sockets(PrivateWorld world) {
    var binding = world.network();
    var host = world.host();
    JedisSocketFactory sockets =
        () -> {
          try {
            var socket = binding.socketFactory().createSocket();
            socket.connect(InetSocketAddress.createUnresolved(host, port), 2_000);
            socket.setSoTimeout(2_000);
            return socket;
          } catch (IOException e) {
            throw new JedisConnectionException(e);
          }
        };
    return sockets;
  }

  @ParameterizedTest
  @EnumSource
  void commandsAndLargeValuesPass(Over over) throws Exception {
    try (var world = over.open(folder, port);
        var jedis = new Jedis(sockets(world))) {
      jedis.flushAll();
      jedis.set("greeting", "hello");
      assertThat(jedis.get("greeting")).isEqualTo("hello");

      var blob = new byte[1_000_000];
      new Random(2).nextBytes(blob);
      jedis.set("blob".getBytes(java.nio.charset.StandardCharsets.UTF_8), blob);
      assertThat(jedis.get("blob".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
          .isEqualTo(blob);

      var pipeline = jedis.pipelined();
      for (var i = 0; i < 2_000; i++) {
        pipeline.incr("count");
      }
      pipeline.sync();
      assertThat(jedis.get("count")).isEqualTo("2000");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPoolIsSharedByThreads(Over over) throws Exception {
    try (var world = over.open(folder, port)) {
      var sockets = sockets(world);
      var config = DefaultJedisClientConfig.builder().build();
      var connections = new PooledConnectionProvider(new ConnectionFactory(sockets, config));
      try (var jedis = RedisClient.builder().connectionProvider(connections).build()) {
        jedis.del("shared");
        var workers = new CompletableFuture<?>[4];
        for (var i = 0; i < workers.length; i++) {
          workers[i] =
              CompletableFuture.runAsync(
                  () -> {
                    for (var j = 0; j < 100; j++) {
                      jedis.incr("shared");
                    }
                  },
                  task -> new Thread(task).start());
        }
        CompletableFuture.allOf(workers).get(60, TimeUnit.SECONDS);
        assertThat(jedis.get("shared")).isEqualTo("400");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSubscriberHearsWhatIsPublished(Over over) throws Exception {
    try (var world = over.open(folder, port);
        var publisher = new Jedis(sockets(world))) {
      var subscribed = new CompletableFuture<Void>();
      var heard = new CompletableFuture<String>();
      var ear =
          new JedisPubSub() {
            @Override
            public void onSubscribe(String channel, int count) {
              subscribed.complete(null);
            }

            @Override
            public void onMessage(String channel, String message) {
              heard.complete(message);
              unsubscribe();
            }
          };
      var thread =
          new Thread(
              () -> {
                try (var subscriber = new Jedis(sockets(world))) {
                  subscriber.subscribe(ear, "news");
                }
              });
      thread.setDaemon(true);
      thread.start();
      subscribed.get(30, TimeUnit.SECONDS);
      publisher.publish("news", "it works");
      assertThat(heard.get(30, TimeUnit.SECONDS)).isEqualTo("it works");
      thread.join(30_000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aServerThatIsNotThereIsSaid(Over over) throws Exception {
    var nobody = FreePort.next();
    try (var world = over.open(folder, nobody)) {
      JedisSocketFactory sockets =
          () -> {
            try {
              return world.network().socketFactory().createSocket(world.host(), nobody);
            } catch (IOException e) {
              throw new JedisConnectionException(e);
            }
          };
      assertThatThrownBy(
              () -> {
                try (var jedis = new Jedis(sockets)) {
                  jedis.ping();
                }
              })
          .isInstanceOf(JedisConnectionException.class)
          .hasRootCauseInstanceOf(Exception.class)
          .satisfies(e -> assertThat(e.getCause().getCause()).isInstanceOf(VpcException.class));
    }
  }
}
