package io.vpc4j.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.pkitesting.CertificateBuilder;
import io.vpc4j.VpcException;
import io.vpc4j.core.netty.BindingChannels;
import io.vpc4j.testkit.FreePort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** Programs that are made of Netty, on channels of a binding's factory. */
@Timeout(120)
class NettyChannelsTest {

  private static final int PATIENCE_S = 30;

  private static EventLoopGroup loops;

  @TempDir Path folder;
  private final Servers servers = new Servers();

  @BeforeAll
  static void start() {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  }

  @AfterAll
  static void end() throws InterruptedException {
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  @AfterEach
  void stop() throws Exception {
    servers.close();
  }

  // ---- Netty

  private static Bootstrap netty(PrivateWorld world, EventLoopGroup loops, ChannelHandler handler) {
    var channels = BindingChannels.of(world.network());
    var bootstrap =
        new Bootstrap()
            .group(loops)
            .channelFactory(channels.channelFactory())
            .resolver(channels.resolver()) // the name goes to the far end as it is
            .handler(handler);
    return bootstrap;
  }

  @ParameterizedTest
  @EnumSource
  void netty(Over over) throws Exception {
    var port = servers.start(Servers::echo);
    try (var world = over.open(folder, port)) {
      var heard = new Transfer(5);
      // As programs have it: what is connected is a SocketChannel.
      var yours =
          new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
              channel.pipeline().addLast(heard);
            }
          };
      var connecting = netty(world, loops, yours).connect(world.host(), port);
      assertThat(connecting.await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
      var channel = (SocketChannel) connecting.sync().channel();
      assertThat(channel.remoteAddress().getHostString()).isEqualTo(world.host());
      assertThat(channel.remoteAddress().getPort()).isEqualTo(port);
      assertThat(channel.localAddress()).isNotNull();
      channel.writeAndFlush(Unpooled.copiedBuffer("hello", UTF_8));
      heard.all.get(PATIENCE_S, TimeUnit.SECONDS);
      channel.close().sync();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whereNobodyIs(Over over) throws Exception {
    var closed = FreePort.next();
    try (var world = over.open(folder, closed)) {
      var quiet = new ChannelInboundHandlerAdapter();
      var refused = netty(world, loops, quiet).connect(world.host(), closed);
      assertThat(refused.await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
      assertThat(refused.cause())
          .isInstanceOf(ConnectException.class)
          .hasCauseInstanceOf(VpcException.class);
      var nowhere = netty(world, loops, new Transfer(1)).connect("nobody.internal", closed);
      assertThat(nowhere.await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
      assertThat(nowhere.cause())
          .isInstanceOf(IOException.class)
          .hasCauseInstanceOf(VpcException.class);
      assertThat(nowhere.channel().closeFuture().await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theOutputEndsWhereTheTransportCanEndIt(Over over) throws Exception {
    var port = servers.start(Servers::echo);
    try (var world = over.open(folder, port)) {
      var heard = new Transfer(4);
      var channel =
          (SocketChannel)
              netty(world, loops, heard)
                  .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                  .connect(world.host(), port)
                  .sync()
                  .channel();
      channel.writeAndFlush(Unpooled.copiedBuffer("last", UTF_8));
      var ended = channel.shutdownOutput();
      assertThat(ended.await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
      heard.all.get(PATIENCE_S, TimeUnit.SECONDS);
      if (over.halfClose) {
        assertThat(ended.isSuccess()).isTrue();
        heard.inputEnd.get(PATIENCE_S, TimeUnit.SECONDS); // the echo ends with its input
      } else {
        assertThat(ended.cause()).isInstanceOf(SocketException.class);
        assertThat(channel.isOutputShutdown()).isFalse();
        assertThat(channel.isActive()).isTrue();
      }
      channel.close().sync();
    }
  }

  /** Counts what comes, and sends as much as it is told to, while the channel takes it. */
  private static final class Transfer extends ChannelInboundHandlerAdapter {
    private static final int PIECE = 64 * 1024;

    final CompletableFuture<Void> all = new CompletableFuture<>();
    final CompletableFuture<Void> inputEnd = new CompletableFuture<>();
    final CRC32 sent = new CRC32();
    final CRC32 came = new CRC32();
    private final long expected;
    private long octets;
    private long toSend;

    Transfer(long expected) {
      this.expected = expected;
    }

    Transfer sending(long count) {
      toSend = count;
      return this;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      send(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      send(context);
    }

    private void send(ChannelHandlerContext context) {
      while (toSend > 0 && context.channel().isWritable()) {
        var piece = new byte[(int) Math.min(toSend, PIECE)];
        for (var i = 0; i < piece.length; i += 8) {
          piece[i] = (byte) (toSend >> (i & 24));
        }
        sent.update(piece);
        toSend -= piece.length;
        context.writeAndFlush(context.alloc().buffer(piece.length).writeBytes(piece));
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var read = (ByteBuf) message;
      octets += read.readableBytes();
      for (var part : read.nioBuffers()) {
        came.update(part);
      }
      read.release();
      if (octets == expected) {
        all.complete(null);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        inputEnd.complete(null);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      all.completeExceptionally(cause);
      context.close();
    }
  }

  /** Over every transport, on a loop of the program's and on the transport's. */
  @ParameterizedTest
  @EnumSource
  void octetsBothWaysAtOnce(Over over) throws Exception {
    var octets = over == Over.LOOPBACK ? 64L << 20 : 4L << 20;
    var port = servers.start(Servers::echo);
    try (var world = over.open(folder, port)) {
      for (var group :
          new EventLoopGroup[] {loops, BindingChannels.of(world.network()).eventLoopGroup()}) {
        var transfer = new Transfer(octets).sending(octets);
        var channel = netty(world, group, transfer).connect(world.host(), port).sync().channel();
        transfer.all.get(60, TimeUnit.SECONDS);
        assertThat(transfer.came.getValue()).isEqualTo(transfer.sent.getValue());
        channel.close().sync();
      }
    }
  }

  @Test
  void shortConnectionsLeaveNothing() throws Exception {
    var port = servers.start(Servers::echo);
    try (var world = Over.LOOPBACK.open(folder, port)) {
      connectAgainAndAgain(world, port, 50); // classes, pools and threads that stay are there then
      var before = Held.now();
      connectAgainAndAgain(world, port, 1_000);
      var after = Held.awaitNoMoreThan(before);
      assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors());
      assertThat(after.heapOctets() - before.heapOctets()).isLessThan(8 << 20);
    }
  }

  private static void connectAgainAndAgain(PrivateWorld world, int port, int times)
      throws Exception {
    for (var i = 0; i < times; i += 10) {
      var over = new ArrayList<Channel>();
      for (var turn = i; turn < i + 10; turn++) {
        over.add(connectOnce(world, port, turn % 3));
      }
      for (var channel : over) {
        assertThat(channel.closeFuture().await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  /** Ends in all the ways there are: at once, once written, by a reset behind the answer. */
  private static Channel connectOnce(PrivateWorld world, int port, int way) throws Exception {
    var heard = new Transfer(3);
    var bootstrap = netty(world, loops, heard);
    if (way == 2) {
      bootstrap.option(ChannelOption.SO_LINGER, 0);
    }
    var channel = bootstrap.connect(world.host(), port).sync().channel();
    var written = channel.writeAndFlush(Unpooled.copiedBuffer("abc", UTF_8));
    switch (way) {
      case 0 -> channel.close();
      case 1 -> written.addListener(ChannelFutureListener.CLOSE);
      default -> heard.all.thenRun(channel::close);
    }
    return channel;
  }

  // ---- gRPC

  private static ManagedChannel grpc(PrivateWorld world, String host, int port) {
    var channels = BindingChannels.of(world.network());
    var channel =
        NettyChannelBuilder.forAddress(InetSocketAddress.createUnresolved(host, port))
            .channelFactory(channels.channelFactory())
            .eventLoopGroup(channels.eventLoopGroup()) // or one of the program's own
            .usePlaintext()
            .build();
    return channel;
  }

  @ParameterizedTest
  @EnumSource
  void grpc(Over over) throws Exception {
    try (var greeter = new Greeter();
        var world = over.open(folder, greeter.port())) {
      var channel = grpc(world, world.host(), greeter.port());
      Greeter.greetAndCount(channel);
      channel.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);

      var nobody = grpc(world, "nobody.internal", greeter.port());
      Greeter.isUnavailable(nobody);
      nobody.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);
    }
  }

  /** TLS, ALPN and HTTP/2 of Netty's own, on the channel. */
  @ParameterizedTest
  @EnumSource
  void grpcOverTls(Over over) throws Exception {
    var certificate =
        new CertificateBuilder()
            .subject("CN=server")
            .addSanDnsName("db.internal")
            .addSanDnsName("db.mesh")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    try (var greeter = new Greeter(certificate);
        var world = over.open(folder, greeter.port())) {
      var channels = BindingChannels.of(world.network());
      var to = InetSocketAddress.createUnresolved(world.host(), greeter.port());
      var channel =
          NettyChannelBuilder.forAddress(to)
              .channelFactory(channels.channelFactory())
              .eventLoopGroup(loops)
              .sslContext(
                  GrpcSslContexts.forClient().trustManager(certificate.getCertificate()).build())
              .build();
      Greeter.greetAndCount(channel);
      channel.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);
    }
  }

  // ---- Reactor Netty

  private static HttpClient reactor(PrivateWorld world) {
    var channels = BindingChannels.of(world.network());
    var ofTheBinding =
        new LoopResources() {
          @Override
          public EventLoopGroup onServer(boolean useNative) {
            return channels.eventLoopGroup();
          }

          @Override
          public <C extends Channel> C onChannel(Class<C> kind, EventLoopGroup group) {
            return kind.cast(channels.channelFactory().newChannel());
          }
        };
    var client =
        HttpClient.create(ConnectionProvider.newConnection())
            .runOn(ofTheBinding)
            .resolver(channels.resolver());
    return client;
  }

  @ParameterizedTest
  @EnumSource
  void reactorNetty(Over over) throws Exception {
    var port =
        servers.start(
            socket -> {
              socket.getInputStream().readNBytes(16);
              var head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
              socket.getOutputStream().write((head + "hello").getBytes(UTF_8));
            });
    try (var world = over.open(folder, port)) {
      var answer =
          reactor(world)
              .get()
              .uri("http://" + world.host() + ":" + port + "/")
              .responseContent()
              .aggregate()
              .asString()
              .toFuture()
              .get(PATIENCE_S, TimeUnit.SECONDS);
      assertThat(answer).isEqualTo("hello");
    }
  }
}
