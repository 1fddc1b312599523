package io.vpc4j.tunnel.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.session.DatagramVersion;
import io.vpc4j.tunnel.session.Refusal;
import io.vpc4j.tunnel.session.SessionLimits;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The edge's sessions against the connector's engine, in both versions. */
@Timeout(60)
class UdpSessionsTest {

  private static final IpAddress HOST = IpAddress.require("10.0.1.50");

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
  private final EventLoops loops = EventLoops.open(EventLoops.Io.NIO, 1);
  private final Ticker ticker = Ticker.system();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

  private FakeConnector connector;
  private UdpSessions sessions;

  @AfterEach
  void end() throws InterruptedException {
    group.shutdownGracefully(20, 5_000, TimeUnit.MILLISECONDS).sync();
    loops.close();
  }

  private void start(DatagramVersion version) throws InterruptedException {
    connector = new FakeConnector(group, version);
    sessions =
        new UdpSessions(
            connector,
            new CarrierContext(loops, ByteBufAllocator.DEFAULT, ticker),
            version,
            SessionLimits.DEFAULT,
            UUID::randomUUID);
    connector.edge(
        datagram -> {
          sessions.onDatagram(datagram);
          datagram.release();
        },
        sessions::onUnregistered);
  }

  private final class Listener extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      heard.add("active");
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
      var packet = (DatagramPacket) read;
      heard.add(packet.content().toString(StandardCharsets.UTF_8) + " from " + packet.sender());
      packet.release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      heard.add("inactive");
    }
  }

  private Future<Channel> open(int port, long seconds) {
    var deadlineNs = ticker.nowNs() + TimeUnit.SECONDS.toNanos(seconds);
    return sessions.open(HOST, port, new Listener(), deadlineNs);
  }

  @ParameterizedTest
  @EnumSource
  void datagramsGoThereAndBack(DatagramVersion version) throws Exception {
    start(version);
    var channel = open(53, 30).get();
    assertThat(heard.take()).isEqualTo("active");
    channel.writeAndFlush(octets("one")).get();
    assertThat(heard.take()).isEqualTo("one from /10.0.1.50:53");
    var destination = (InetSocketAddress) channel.remoteAddress();
    channel.writeAndFlush(new DatagramPacket(octets("two"), destination)).get();
    assertThat(heard.take()).isEqualTo("two from /10.0.1.50:53");
    channel.writeAndFlush(octets("")).get();
    assertThat(heard.take()).isEqualTo(" from /10.0.1.50:53");
    assertThat(channel.remoteAddress()).hasToString("/10.0.1.50:53");

    channel.close().get();
    assertThat(heard.take()).isEqualTo("inactive");
    if (version == DatagramVersion.V2) {
      connectorLosesItsSockets();
    }
  }

  private void connectorLosesItsSockets() throws Exception {
    while (connector.sockets().get() > 0) {
      // the call is on its way; the test's time is bounded
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDatagramTooLargeFailsItsWriteAlone(DatagramVersion version) throws Exception {
    start(version);
    var channel = open(53, 30).get();
    heard.take();
    var large = channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1281]));

    assertThatThrownBy(large::get)
        .hasRootCauseMessage("a datagram of 1,281 octets, and 1,280 at most travel now");
    channel.writeAndFlush(octets("one")).get();
    assertThat(heard.take()).startsWith("one");
    channel.close().get();
  }

  @ParameterizedTest
  @EnumSource
  void aDatagramTooLargeForThePathFailsItsWriteUntilThePathCarriesIt(DatagramVersion version)
      throws Exception {
    start(version);
    connector.maxDatagramOctets = 1_176; // of a path that is known to carry 1,200
    var channel = open(53, 30).get();
    heard.take();
    var large = channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1_160]));

    assertThatThrownBy(large::get)
        .hasRootCauseInstanceOf(DatagramTooLarge.class)
        .rootCause()
        .satisfies(cause -> assertThat(((DatagramTooLarge) cause).maxOctets()).isEqualTo(1_159));
    channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1_159])).get();
    assertThat(heard.take()).hasSizeGreaterThanOrEqualTo(1_159);
    connector.maxDatagramOctets = 1_350;
    channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[1_280])).get();
    assertThat(heard.take()).hasSizeGreaterThanOrEqualTo(1_280);
    channel.close().get();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsRefusedSaysWhy(DatagramVersion version) throws Exception {
    start(version);

    failsWith(open(1, 30), Refusal.Cause.TOO_MANY_FLOWS);
    assertThat(heard).isEmpty();
    assertThat(sessions.size()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotAnsweredTimesOut(DatagramVersion version) throws Exception {
    start(version);

    failsWith(
        sessions.open(HOST, 2, new Listener(), ticker.nowNs() + 300_000_000L),
        Refusal.Cause.TIMEOUT);
  }

  @ParameterizedTest
  @EnumSource
  void theEndOfTheConnectionIsTheEndOfAll(DatagramVersion version) throws Exception {
    start(version);
    var channel = open(53, 30).get();
    heard.take();
    var opening = open(2, 30);
    connector.eventLoop().execute(() -> sessions.onClosed("lost"));

    channel.closeFuture().get();
    failsWith(opening, Refusal.Cause.CONNECTION_LOST);
  }

  @ParameterizedTest
  @EnumSource(names = "V2")
  void aSessionThatTheConnectorEndsIsTheEndOfItsChannel(DatagramVersion version) throws Exception {
    start(version);
    var channel = open(53, 30).get();
    heard.take();
    connector.breakSockets();

    channel.closeFuture().get();
    assertThat(heard.take()).isEqualTo("inactive");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsCancelledLeavesNothing(DatagramVersion version) throws Exception {
    start(version);
    var opening = open(2, 1);
    opening.cancel(false);
    assertThat(opening.isCancelled()).isTrue();
    while (connector.eventLoop().submit(sessions::size).get() > 0) {
      Thread.onSpinWait(); // a call of version 2 is open until its deadline
    }

    assertThat(heard).isEmpty();
  }

  private static void failsWith(Future<Channel> opening, Refusal.Cause cause) {
    assertThatThrownBy(opening::get)
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            UdpRefused.class, e -> assertThat(e.refusal().cause()).isEqualTo(cause));
  }

  private static ByteBuf octets(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
  }
}
