package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.HttpConnectProxiedSocketAddress;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.vpc4j.Entrance;
import io.vpc4j.EntranceOptions;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A Netty client and a gRPC client, which bring their own channels, through an entrance. */
@Timeout(120)
class NettyAndGrpcTest {

  @TempDir Path folder;
  private final Servers servers = new Servers();

  @AfterEach
  void stop() throws Exception {
    servers.close();
  }

  // ---- Netty

  private static Bootstrap netty(
      EventLoopGroup loops, Entrance entrance, ChannelInitializer<Channel> yours) {
    var bootstrap =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .disableResolver() // the name goes to the far end as it is
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Socks5ProxyHandler(entrance.address()), yours);
                  }
                });
    return bootstrap;
  }

  @ParameterizedTest
  @EnumSource
  void netty(Over over) throws Exception {
    var port = servers.start(Servers::echo);
    var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try (var world = over.open(folder, port);
        var entrance = world.vpc().entrance("NET", EntranceOptions.defaults())) {
      var heard = new CompletableFuture<String>();
      var yours =
          new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
              channel.pipeline().addLast(new Listening(heard));
            }
          };
      var to = InetSocketAddress.createUnresolved(world.host(), port);
      var channel = netty(loops, entrance, yours).connect(to).sync().channel();
      channel.writeAndFlush(Unpooled.copiedBuffer("hello", UTF_8));
      assertThat(heard.get(30, TimeUnit.SECONDS)).isEqualTo("hello");
      channel.close().sync();

      var nowhere = InetSocketAddress.createUnresolved("nobody.internal", port);
      var failing = netty(loops, entrance, yours).connect(nowhere).sync().channel();
      assertThat(failing.closeFuture().await(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  private static final class Listening extends SimpleChannelInboundHandler<ByteBuf> {
    private final CompletableFuture<String> heard;
    private final StringBuilder text = new StringBuilder();

    Listening(CompletableFuture<String> heard) {
      this.heard = heard;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf part) {
      if (text.append(part.toString(UTF_8)).length() == 5) {
        heard.complete(text.toString());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  // ---- gRPC

  private static ManagedChannel grpc(Entrance entrance, String host, int port) {
    var channel =
        NettyChannelBuilder.forAddress(host, port)
            .proxyDetector(
                target ->
                    HttpConnectProxiedSocketAddress.newBuilder()
                        .setTargetAddress((InetSocketAddress) target)
                        .setProxyAddress(entrance.address())
                        .build())
            .usePlaintext()
            .build();
    return channel;
  }

  @ParameterizedTest
  @EnumSource
  void grpc(Over over) throws Exception {
    try (var greeter = new Greeter();
        var world = over.open(folder, greeter.port());
        var entrance = world.vpc().entrance("NET", EntranceOptions.defaults())) {
      var channel = grpc(entrance, world.host(), greeter.port());
      Greeter.greetAndCount(channel);
      channel.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);

      var nobody = grpc(entrance, "nobody.internal", greeter.port());
      Greeter.isUnavailable(nobody);
      nobody.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);
    }
  }
}
