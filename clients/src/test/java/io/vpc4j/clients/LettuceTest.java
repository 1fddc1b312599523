package io.vpc4j.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.resolver.NoopAddressResolverGroup;
import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lettuce through an entrance, against a real Redis. */
@Timeout(120)
class LettuceTest {

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

  @ParameterizedTest
  @EnumSource
  void manyCommandsAtOnceAndALargeValue(Over over) throws Exception {
    try (var world = over.open(folder, port);
        var entrance = world.vpc().entrance("NET", EntranceOptions.defaults())) {
      var resources = resources(entrance);
      var client = RedisClient.create(resources, RedisURI.create(world.host(), port));
      try (var connection = client.connect()) {
        var sync = connection.sync();
        sync.del("lettuce");
        var all = new ArrayList<CompletableFuture<Long>>();
        for (var i = 0; i < 1_000; i++) {
          all.add(connection.async().incr("lettuce").toCompletableFuture());
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        assertThat(sync.get("lettuce")).isEqualTo("1000");
        var large = "0123456789".repeat(50_000);
        sync.set("large", large);
        assertThat(sync.get("large")).isEqualTo(large);
      } finally {
        client.shutdown(0, 10, TimeUnit.SECONDS);
        resources.shutdown(0, 10, TimeUnit.SECONDS).get(30, TimeUnit.SECONDS);
      }
    }
  }

  private static ClientResources resources(Entrance entrance) {
    var resources =
        ClientResources.builder()
            .addressResolverGroup(NoopAddressResolverGroup.INSTANCE) // names go as they are
            .nettyCustomizer(
                new NettyCustomizer() {
                  @Override
                  public void afterChannelInitialized(Channel channel) {
                    channel.pipeline().addFirst(new Socks5ProxyHandler(entrance.address()));
                  }
                })
            .build();
    return resources;
  }
}
