package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.HttpConnectProxiedSocketAddress;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
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
  private Server grpc;

  @AfterEach
  void stop() throws Exception {
    servers.close();
    if (grpc != null) {
      grpc.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);
    }
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

  private static final MethodDescriptor<String, String> GREET =
      MethodDescriptor.<String, String>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("test.Greeter/Greet")
          .setRequestMarshaller(new Text())
          .setResponseMarshaller(new Text())
          .build();

  private static final MethodDescriptor<String, String> COUNT =
      MethodDescriptor.<String, String>newBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .setFullMethodName("test.Greeter/Count")
          .setRequestMarshaller(new Text())
          .setResponseMarshaller(new Text())
          .build();

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private int greeter() throws IOException {
    var service =
        ServerServiceDefinition.builder("test.Greeter")
            .addMethod(
                GREET,
                ServerCalls.asyncUnaryCall(
                    (name, answer) -> {
                      answer.onNext("hello " + name);
                      answer.onCompleted();
                    }))
            .addMethod(
                COUNT,
                ServerCalls.asyncServerStreamingCall(
                    (upTo, answer) -> {
                      for (var i = 0; i < Integer.parseInt(upTo); i++) {
                        answer.onNext("number " + i);
                      }
                      answer.onCompleted();
                    }))
            .build();
    grpc =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(service)
            .build()
            .start();
    return grpc.getPort();
  }

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
    var port = greeter();
    try (var world = over.open(folder, port);
        var entrance = world.vpc().entrance("NET", EntranceOptions.defaults())) {
      var channel = grpc(entrance, world.host(), port);
      for (var name : new String[] {"you", "and you"}) {
        var answer = ClientCalls.blockingUnaryCall(channel, GREET, CallOptions.DEFAULT, name);
        assertThat(answer).isEqualTo("hello " + name);
      }
      var numbers =
          ClientCalls.blockingServerStreamingCall(channel, COUNT, CallOptions.DEFAULT, "5000");
      var count = 0;
      while (numbers.hasNext()) {
        assertThat(numbers.next()).isEqualTo("number " + count++);
      }
      assertThat(count).isEqualTo(5_000);
      channel.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);

      var nobody = grpc(entrance, "nobody.internal", port);
      assertThatThrownBy(
              () -> ClientCalls.blockingUnaryCall(nobody, GREET, CallOptions.DEFAULT, "x"))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
      nobody.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);
    }
  }
}
