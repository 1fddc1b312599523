package io.vpc4j.core.netty;

import static io.vpc4j.core.netty.Program.done;
import static io.vpc4j.core.netty.Program.outcome;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Promise;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.net.EventLoops;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ConnectionPendingException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the oracle of {@link BindingChannelTwinTest} has no word for. */
@Timeout(60)
class BindingChannelTest {

  private static EventLoops transport;
  private static EventLoopGroup group;

  @BeforeAll
  static void start() {
    transport = EventLoops.open(EventLoops.best(), 1);
    group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  }

  @AfterAll
  static void stop() {
    transport.close();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(20, TimeUnit.SECONDS);
  }

  private static EventLoopGroup loops(boolean same) {
    return same ? transport.group() : group;
  }

  // ---- connecting

  private static Program dialling(Dials dials) throws Exception {
    return new Program(new Bootstrap().group(group).channelFactory(() -> new BindingChannel(dials)))
        .registered();
  }

  private static Throwable failure(Dials dials) throws Exception {
    try (var program = dialling(dials)) {
      var to = InetSocketAddress.createUnresolved("db.internal", 80);
      var cause = done(program.channel().connect(to)).cause();
      program.await("unregistered"); // and is closed
      return cause;
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {
        "CONNECTION_REFUSED",
        "CONNECTION_TIMEOUT",
        "DNS_ERROR",
        "DESTINATION_NOT_FOUND",
        "DESTINATION_UNAVAILABLE",
        "DESTINATION_IP_PROHIBITED"
      })
  void aDialFailsAsNettysOwnDo(ErrorCode code) throws Exception {
    var expected =
        switch (code) {
          case CONNECTION_REFUSED -> ConnectException.class;
          case CONNECTION_TIMEOUT -> ConnectTimeoutException.class;
          case DNS_ERROR, DESTINATION_NOT_FOUND -> UnknownHostException.class;
          case DESTINATION_UNAVAILABLE -> NoRouteToHostException.class;
          default -> SocketException.class;
        };
    var why = new VpcException(code, Stage.CONNECT, "why");

    var later = failure((host, port, timeout, handlers) -> group.next().newFailedFuture(why));
    var atOnce =
        failure(
            (host, port, timeout, handlers) -> {
              throw why;
            });

    assertThat(later).isExactlyInstanceOf(expected).hasMessageContaining("why").hasCause(why);
    assertThat(atOnce).isExactlyInstanceOf(expected).hasMessageContaining("why").hasCause(why);
  }

  @Test
  void theNameAndTheTimeoutGoToTheDial() throws Exception {
    var asked = new AtomicReference<String>();
    Dials dials =
        (host, port, timeout, handlers) -> {
          asked.set(host + " " + port + " " + timeout);
          return group.next().newFailedFuture(new IOException("enough"));
        };
    try (var program = dialling(dials)) {
      program.channel().config().setConnectTimeoutMillis(1_500);
      done(program.channel().connect(InetSocketAddress.createUnresolved("db.internal", 5432)));
      assertThat(asked.get()).isEqualTo("db.internal 5432 PT1.5S");
    }
    try (var program = dialling(dials)) {
      program.channel().config().setConnectTimeoutMillis(0);
      done(program.channel().connect(InetSocketAddress.createUnresolved("127.0.0.1", 1)));
      assertThat(asked.get()).isEqualTo("127.0.0.1 1 " + Duration.ofSeconds(30));
    }
  }

  /** A dial that nobody answers. */
  private static final class Unanswered implements Dials {
    final Promise<Channel> promise = transport.group().next().newPromise();

    @Override
    public io.netty.util.concurrent.Future<Channel> dial(
        String host, int port, Duration timeout, java.util.function.Supplier<ChannelHandler> h) {
      return promise;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theDialIsGivenUpWithTheFutureAndWithTheChannel(boolean byFuture) throws Exception {
    var unanswered = new Unanswered();
    try (var program = dialling(unanswered)) {
      var to = InetSocketAddress.createUnresolved("db.internal", 80);
      var connecting = program.channel().connect(to);
      assertThat(done(program.channel().connect(to)).cause())
          .isInstanceOf(ConnectionPendingException.class);
      if (byFuture) {
        assertThat(connecting.cancel(true)).isTrue();
      } else {
        program.channel().close();
        assertThat(done(connecting).cause()).isInstanceOf(ClosedChannelException.class);
      }
      program.await("unregistered");
      assertThat(unanswered.promise.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(unanswered.promise.isCancelled()).isTrue();
    }
  }

  @Test
  void addressesThatCannotBeAreRefused() throws Exception {
    Dials nobody =
        (host, port, timeout, handlers) -> {
          throw new AssertionError("dialled");
        };
    try (var program = dialling(nobody)) {
      assertThat(done(program.channel().connect(new LocalAddress("x"))).cause())
          .isInstanceOf(UnsupportedAddressTypeException.class);
    }
    try (var program = dialling(nobody)) {
      var bad = InetSocketAddress.createUnresolved("no such host/", 80);
      assertThat(done(program.channel().connect(bad)).cause())
          .isInstanceOf(UnknownHostException.class)
          .hasRootCauseInstanceOf(IllegalArgumentException.class);
    }
    try (var program = dialling(nobody)) {
      var from = new InetSocketAddress(InetAddress.getLoopbackAddress(), 77);
      var to = InetSocketAddress.createUnresolved("db.internal", 80);
      assertThat(done(program.channel().connect(to, from)).cause())
          .isInstanceOf(UnsupportedOperationException.class);
    }
    try (var program = dialling(nobody)) {
      assertThat(done(program.channel().bind(new InetSocketAddress(0))).cause())
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }

  // ---- back-pressure

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nobodyReadsSoNoMoreThanABoundIsTaken(boolean same) throws Exception {
    try (var peers = new Peers(transport);
        var program = new Program(peers.ours(loops(same))).connected(peers)) {
      program.peer().getOutputStream().write(1);
      program.awaitOctets(1);
      program.channel().config().setAutoRead(false);
      var total = 24 * 1024 * 1024;
      var sender = send(program, new byte[total]);
      program.channel().read();
      program.awaitMessages(2);

      // What is not asked for is not read: the sender's and the receiver's queues fill up.
      assertThat(sender.isDone()).as("24 MiB with nobody to take them").isFalse();
      assertThat(program.messages()).isEqualTo(2);

      program.channel().config().setAutoRead(true);
      program.awaitOctets(1 + total);
      sender.get(20, TimeUnit.SECONDS);
    }
  }

  private static CompletableFuture<Void> send(Program program, byte[] octets) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            program.peer().getOutputStream().write(octets);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        task -> new Thread(task, "peer").start());
  }

  /** Writes in pieces of any size, flushed now and then, while the channel takes them. */
  private static final class Writer extends ChannelInboundHandlerAdapter {
    private final byte[] octets;
    private final Random random;
    private int at;
    private int mostPending;

    Writer(byte[] octets, long seed) {
      this.octets = octets;
      random = new Random(seed);
    }

    void write(ChannelHandlerContext context) {
      while (at < octets.length && context.channel().isWritable()) {
        var size =
            Math.min(octets.length - at, 1 + random.nextInt(random.nextBoolean() ? 9 : 90_000));
        var piece = context.alloc().buffer(size).writeBytes(octets, at, size);
        at += size; // before the write, which may be told of writability, and call this
        context.write(piece);
        if (random.nextInt(4) == 0) {
          context.flush();
        }
        mostPending =
            (int)
                Math.max(
                    mostPending,
                    context.channel().unsafe().outboundBuffer().totalPendingWriteBytes());
      }
      context.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      write(context);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.fireChannelRead(((ByteBuf) message).touch());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void octetsBothWaysAtOnceInOrderAndBounded(boolean same) throws Exception {
    var seed = new Random().nextLong();
    var octets = new byte[8 * 1024 * 1024];
    new Random(seed).nextBytes(octets);
    try (var peers = new Peers(transport);
        var program = new Program(peers.ours(loops(same))).connected(peers)) {
      var writer = new Writer(octets, seed);
      program.channel().pipeline().addFirst("writer", writer);
      var context = program.channel().pipeline().context("writer");
      program.channel().eventLoop().execute(() -> writer.write(context));
      var sender = send(program, octets);

      var arrived = program.peer().getInputStream().readNBytes(octets.length);
      program.awaitOctets(octets.length);
      sender.get(20, TimeUnit.SECONDS);

      assertThat(Arrays.equals(arrived, octets)).as("seed %d", seed).isTrue();
      assertThat(program.octets()).isEqualTo(octets.length);
      assertThat(writer.mostPending).as("seed %d", seed).isLessThan(1_200 * 1024);
    }
  }

  // ---- ending

  @Test
  void aFileRegionIsRefused() throws Exception {
    try (var peers = new Peers(transport);
        var program = new Program(peers.ours(group)).connected(peers)) {
      var region = new DefaultFileRegion(new File("nowhere"), 0, 1);
      assertThat(done(program.channel().writeAndFlush(region)).cause())
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("ChunkedNioFile");
      assertThat(region.refCnt()).isZero();
      assertThat(outcome(program.write("x"))).isEqualTo("done");
    }
  }

  @Test
  void whatComesBehindAnEndOfInputOfOursIsDropped() throws Exception {
    try (var peers = new Peers(transport);
        var program = new Program(peers.ours(group)).connected(peers)) {
      assertThat(outcome(program.channel().shutdownInput())).isEqualTo("done");
      var sender = send(program, new byte[4 * 1024 * 1024]);
      sender.get(20, TimeUnit.SECONDS); // the far end can go on
      assertThat(program.octets()).isZero();
      assertThat(outcome(program.write("x"))).isEqualTo("done");
      assertThat(outcome(program.channel().shutdown())).isEqualTo("done");
      assertThat(program.channel().isShutdown()).isTrue();
    }
  }

  @Test
  void aLoopThatEndsClosesItsChannels() throws Exception {
    var own = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try (var peers = new Peers(transport);
        var program = new Program(peers.ours(own)).connected(peers)) {
      var unwritten = program.channel().write(Unpooled.copiedBuffer("not flushed", UTF_8));
      own.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(20, TimeUnit.SECONDS);
      assertThat(program.channel().isOpen()).isFalse();
      assertThat(unwritten.isSuccess()).isFalse();
      assertThat(program.events()).contains("inactive");
      assertThat(program.peer().getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aTransportWhoseLoopsEndIsAnEnd() throws Exception {
    var other = EventLoops.open(EventLoops.Io.NIO, 1);
    try (var peers = new Peers(other);
        var program = new Program(peers.ours(group)).connected(peers)) {
      other.close();
      program.await("unregistered");
      assertThat(outcome(program.write("x"))).isEqualTo("ClosedChannelException");
    }
  }

  @Test
  void aWriteThatFailsTellsWhyAndClosesTheChannel() throws Exception {
    try (var peers = new Peers(transport);
        var program =
            new Program(peers.ours(group).option(ChannelOption.AUTO_READ, false))
                .connected(peers)) {
      program.peer().setSoLinger(true, 0);
      program.peer().close(); // nobody reads, so nobody knows
      var writes = new java.util.ArrayList<io.netty.channel.ChannelFuture>();
      do {
        writes.add(done(program.write("x")));
      } while (program.channel().isOpen());
      assertThat(writes.get(writes.size() - 1).cause()).isInstanceOf(IOException.class);
      program.await("unregistered");
    }
  }

  @Test
  void loopsThatAreLentAreNotEndedByWhoBorrowsThem() {
    var lent = new LentLoops(transport.group());
    assertThatThrownBy(lent::shutdownGracefully).isInstanceOf(UnsupportedOperationException.class);
    assertThat(lent.isShuttingDown()).isFalse();
    assertThat(lent.next()).isSameAs(transport.group().next());
    assertThat(lent.iterator().next()).isSameAs(transport.group().next());
  }
}
