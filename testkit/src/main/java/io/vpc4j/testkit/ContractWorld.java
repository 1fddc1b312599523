package io.vpc4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.Future;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.Lookup;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.Transport;
import io.vpc4j.core.spi.Transport.Capability;
import io.vpc4j.core.spi.TransportContext;
import io.vpc4j.core.spi.TransportProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the tests of a contract stand on: a network set up for each, a transport opened in it, and
 * the steps that they have in common. Extend {@link TransportContract}.
 */
public abstract class ContractWorld {

  /** Of every wait. */
  protected static final int PATIENCE_SECONDS = 60;

  /**
   * Something to dial.
   *
   * @param address behind the hop
   * @param port behind the hop
   */
  public record Target(IpAddress address, int port) {

    /** {@code 10.0.1.50} and so on. */
    public static Target of(String address, int port) {
      return new Target(IpAddress.require(address), port);
    }
  }

  /**
   * A network set up for one test.
   *
   * @param provider the transport's, new
   * @param directory what it finds in {@link TransportContext#directory}
   * @param hop one that it carries
   * @param target leads to the far end
   * @param name resolves to the target's address
   * @param refused is reached, and has nobody who listens
   * @param unknown an address the network does not have
   * @param unknownName a name the network does not have
   * @param silent never answers; empty if such a one cannot be arranged
   */
  public record Arrangement(
      TransportProvider provider,
      DirectorySnapshot directory,
      NextHop hop,
      Target target,
      String name,
      Target refused,
      Target unknown,
      String unknownName,
      Optional<Target> silent) {}

  final EventLoops loops = EventLoops.open(EventLoops.best(), 2);
  final Ticker ticker = Ticker.system();

  @SuppressWarnings("NullAway.Init") // in begin
  FarEnd farEnd;

  @SuppressWarnings("NullAway.Init")
  Arrangement world;

  @SuppressWarnings("NullAway.Init")
  Transport transport;

  /**
   * Sets a network up.
   *
   * @param farEndPort of {@link #farEndAddress}: what {@link Arrangement#target} is to lead to
   * @param closedPort of the same address: nobody listens there
   */
  protected abstract Arrangement arrange(int farEndPort, int closedPort) throws Exception;

  /**
   * Where the far end listens, an address of this host: 127.0.0.1, unless the network leads to
   * another one.
   */
  protected InetAddress farEndAddress() throws IOException {
    return InetAddress.getLoopbackAddress();
  }

  /**
   * Connects from the other side of the network to a port that the transport listens on. A
   * transport with {@link Capability#LISTEN} has its test override this.
   *
   * @param handler of the other side's channel
   */
  protected Future<Channel> dialBack(int port, ChannelHandler handler) {
    throw new UnsupportedOperationException("a transport that listens is called by its test");
  }

  /** Called after each test, once the transport is closed: frees what {@link #arrange} made. */
  protected void dismantle() throws Exception {}

  @BeforeEach
  final void begin() throws Exception {
    farEnd = new FarEnd(farEndAddress());
    world = arrange(farEnd.port(), closedPort());
    transport =
        world
            .provider()
            .open(
                new TransportContext(
                    Directory.fixed(world.directory()),
                    loops,
                    PooledByteBufAllocator.DEFAULT,
                    ticker));
  }

  @AfterEach
  final void end() throws Exception {
    if (transport != null) { // it is not, where it could not be opened: that is what is to be read
      transport.close();
    }
    dismantle();
    farEnd.close();
    loops.close();
  }

  private int closedPort() throws IOException {
    try (var once = new ServerSocket(0, 1, farEndAddress())) {
      return once.getLocalPort();
    }
  }

  ContractWorld() {}

  // ---- steps

  Channel connect(Target target, NearEnd near) throws Exception {
    return channelOf(transport.connect(dial(target, near, seconds(PATIENCE_SECONDS))));
  }

  Channel channelOf(Future<Channel> dialling) throws InterruptedException {
    assertTrue(dialling.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "a dial has an end");
    assertTrue(dialling.isSuccess(), () -> String.valueOf(dialling.cause()));
    return dialling.getNow();
  }

  void fails(Target target, ErrorCode code) throws Exception {
    var failure = failure(target, seconds(PATIENCE_SECONDS));
    assertEquals(code, failure.code(), failure::toString);
    assertEquals(VpcException.Stage.CONNECT, failure.stage(), failure::toString);
  }

  VpcException failure(Target target, Duration timeout) throws Exception {
    var near = new NearEnd();
    var dialling = transport.connect(dial(target, near, timeout));
    assertTrue(dialling.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "a dial has an end");
    var failure = assertInstanceOf(VpcException.class, dialling.cause());
    until(
        "a failed dial leaves no channel",
        () -> !near.events.contains("active") || near.events.contains("inactive"));
    return failure;
  }

  Dial dial(Target target, NearEnd near, Duration timeout) {
    return dial(target, near, timeout, true);
  }

  Dial dial(Target target, NearEnd near, Duration timeout, boolean autoRead) {
    return dial(
        target,
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.config().setAutoRead(autoRead);
            channel.pipeline().addLast(near);
          }
        },
        timeout);
  }

  Dial dial(Target target, ChannelInitializer<Channel> initializer) {
    return dial(target, initializer, seconds(PATIENCE_SECONDS));
  }

  Dial dial(Target target, ChannelInitializer<Channel> initializer, Duration timeout) {
    return new Dial(
        world.hop(),
        target.address(),
        target.port(),
        Optional.empty(),
        Dial.Kind.STREAM,
        initializer,
        ticker.nowNs() + timeout.toNanos());
  }

  Lookup lookup(String name) {
    return new Lookup(
        world.hop(), name, List.of(), ticker.nowNs() + seconds(PATIENCE_SECONDS).toNanos());
  }

  static Duration seconds(int count) {
    return Duration.ofSeconds(count);
  }

  void until(String what, BooleanSupplier condition) {
    var deadline = ticker.nowNs() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertTrue(ticker.nowNs() - deadline < 0, "not within " + PATIENCE_SECONDS + " s: " + what);
      LockSupport.parkNanos(500_000);
    }
  }
}
