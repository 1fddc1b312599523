package io.vpc4j.transport.loopback;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.core.directory.SimulatedNetwork;
import io.vpc4j.core.directory.SimulatedNetwork.Faults;
import io.vpc4j.core.directory.SimulatedNetwork.Faults.Connect;
import io.vpc4j.core.directory.SimulatedNetwork.Faults.Dns;
import io.vpc4j.core.directory.SimulatedNetwork.Host;
import io.vpc4j.core.directory.SimulatedNetwork.Port;
import io.vpc4j.core.directory.SimulatedNetwork.Target;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.Lookup;
import io.vpc4j.core.spi.NextHop;
import io.vpc4j.core.spi.TransportContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class LoopbackTransportTest {

  private static final String DATA = "10.0.1.50";

  private final EventLoops loops = EventLoops.open(EventLoops.best(), 1);
  private final Map<String, Host> hosts = new LinkedHashMap<>();
  private LoopbackTransport transport;

  @AfterEach
  void close() {
    if (transport != null) {
      transport.close();
    }
    loops.close();
  }

  // ---- the world

  private static Faults faults(Connect connect, Dns dns) {
    return new Faults(connect, dns, Duration.ZERO, Duration.ZERO, OptionalLong.empty(), false);
  }

  private void host(String name, String address, Faults faults, Map<Integer, Port> ports) {
    host(name, address, faults, ports, Set.of());
  }

  private void host(
      String name, String address, Faults faults, Map<Integer, Port> ports, Set<String> scopes) {
    hosts.put(
        name,
        new Host(
            name, List.of(IpAddress.require(address)), Optional.empty(), ports, scopes, faults));
  }

  private void alias(String name, String other) {
    hosts.put(name, new Host(name, List.of(), Optional.of(other), Map.of(), Set.of(), Faults.NONE));
  }

  private LoopbackTransport open() {
    var snapshot = DirectorySnapshot.empty().withLoopback(new SimulatedNetwork(hosts));
    transport =
        (LoopbackTransport)
            new LoopbackTransportProvider()
                .open(
                    new TransportContext(
                        Directory.fixed(snapshot),
                        loops,
                        PooledByteBufAllocator.DEFAULT,
                        Ticker.system()));
    return transport;
  }

  private static Port port(Target target) {
    return new Port(target, Faults.NONE);
  }

  private static Port local(int localPort) {
    return port(new Target.Tcp(new InetSocketAddress(InetAddress.getLoopbackAddress(), localPort)));
  }

  /** Keeps what comes, as text, and how it ends. */
  private static final class Seen extends ChannelInboundHandlerAdapter {
    private volatile String text = "";
    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> five = new CompletableFuture<>();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var buffer = (ByteBuf) message;
      text = text.concat(buffer.toString(US_ASCII));
      buffer.release();
      if (text.length() >= 5) {
        five.complete(null);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      ends.add("exception " + cause.getMessage());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      ends.add("inactive");
    }
  }

  private Future<Channel> dial(String address, int port, String scope, Seen seen, long millis) {
    return transport.connect(
        new Dial(
            new NextHop.LocalHop(scope),
            IpAddress.require(address),
            port,
            Optional.empty(),
            Dial.Kind.STREAM,
            seen,
            System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis)));
  }

  private Channel connect(Seen seen) throws Exception {
    var dialling = dial(DATA, 80, "tunnel:x", seen, 20_000);
    assertThat(dialling.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(dialling.isSuccess()).as("%s", dialling.cause()).isTrue();
    return dialling.getNow();
  }

  private ErrorCode failure(String address, int port, String scope, long millis) throws Exception {
    var dialling = dial(address, port, scope, new Seen(), millis);
    assertThat(dialling.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(dialling.cause()).isInstanceOf(VpcException.class);
    return ((VpcException) dialling.cause()).code();
  }

  private Future<List<IpAddress>> resolve(String name) throws Exception {
    var answer =
        transport.resolve(
            new Lookup(
                new NextHop.LocalHop("tunnel:x"),
                name,
                List.of(),
                System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200)));
    assertThat(answer.await(20, TimeUnit.SECONDS)).isTrue();
    return answer;
  }

  // ---- what ports lead to

  /** Says "hello" to whoever connects. */
  private static final class Hello extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.writeAndFlush(Unpooled.copiedBuffer("hello", US_ASCII));
    }
  }

  @Test
  void aPortLeadsToAPortOfThisMachine() throws Exception {
    try (var server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      host("data.internal", DATA, Faults.NONE, Map.of(80, local(server.getLocalPort())));
      open();
      var seen = new Seen();
      var channel = connect(seen);
      try (var accepted = server.accept()) {
        accepted.getOutputStream().write("hello".getBytes(US_ASCII));
        seen.five.get(30, TimeUnit.SECONDS);
        channel.writeAndFlush(Unpooled.copiedBuffer("world", US_ASCII));
        assertThat(accepted.getInputStream().readNBytes(5)).asString().isEqualTo("world");
      }
    }
  }

  @Test
  void aPortLeadsToAUnixSocket(@TempDir Path folder) throws Exception {
    assumeThat(loops.io())
        .as("NIO has no Unix sockets for Netty: needs epoll, which this machine lacks")
        .isEqualTo(EventLoops.Io.EPOLL);
    var path = folder.resolve("s");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      host("data.internal", DATA, Faults.NONE, Map.of(80, port(new Target.Unix(path))));
      open();
      var seen = new Seen();
      connect(seen);
      try (var accepted = server.accept()) {
        accepted.write(ByteBuffer.wrap("hello".getBytes(US_ASCII)));
        seen.five.get(30, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void aPortLeadsToAHandlerMadeForEachConnection() throws Exception {
    var made = new AtomicInteger();
    var target =
        new Target.InProcess(
            () -> {
              made.incrementAndGet();
              return new Hello();
            });
    host("data.internal", DATA, Faults.NONE, Map.of(80, port(target)));
    open();
    for (var i = 1; i <= 3; i++) {
      var seen = new Seen();
      connect(seen);
      seen.five.get(30, TimeUnit.SECONDS);
      assertThat(made).hasValue(i);
    }
  }

  // ---- who is seen

  @Test
  void aHostIsSeenByItsScopesAlone() throws Exception {
    host("data.internal", DATA, Faults.NONE, Map.of(80, local(1)), Set.of("tunnel:a"));
    open();

    assertThat(failure(DATA, 80, "tunnel:a", 20_000)).isEqualTo(ErrorCode.CONNECTION_REFUSED);
    assertThat(failure(DATA, 80, "tunnel:b", 20_000)).isEqualTo(ErrorCode.DESTINATION_NOT_FOUND);
  }

  @Test
  void whatIsNotMappedIsNeverDialled() throws Exception {
    try (var server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      host("data.internal", DATA, Faults.NONE, Map.of(80, local(server.getLocalPort())));
      open();

      assertThat(failure("127.0.0.1", server.getLocalPort(), "tunnel:x", 20_000))
          .isEqualTo(ErrorCode.DESTINATION_NOT_FOUND);
      assertThat(failure(DATA, server.getLocalPort(), "tunnel:x", 20_000))
          .isEqualTo(ErrorCode.CONNECTION_REFUSED);
      server.setSoTimeout(1);
      assertThatThrownBy(server::accept).isInstanceOf(java.net.SocketTimeoutException.class);
    }
  }

  // ---- faults of a dial

  @ParameterizedTest
  @CsvSource({
    "REFUSE, CONNECTION_REFUSED",
    "BLACK_HOLE, CONNECTION_TIMEOUT",
    "UNROUTABLE, DESTINATION_IP_UNROUTABLE",
    "UNAVAILABLE, DESTINATION_UNAVAILABLE"
  })
  void aDialFailsAsTheFaultSays(Connect fault, ErrorCode code) throws Exception {
    host("data.internal", DATA, faults(fault, Dns.ANSWER), Map.of(80, local(1)));
    open();

    assertThat(failure(DATA, 80, "tunnel:x", 100)).isEqualTo(code);
    assertThat(transport.status().gauges()).containsEntry("channels", 0L);
  }

  @Test
  void aPortsFaultIsThatPortsAlone() throws Exception {
    host(
        "data.internal",
        DATA,
        Faults.NONE,
        Map.of(
            80,
            port(new Target.InProcess(Hello::new)),
            81,
            new Port(new Target.InProcess(Hello::new), faults(Connect.UNROUTABLE, Dns.ANSWER))));
    open();

    connect(new Seen());
    assertThat(failure(DATA, 81, "tunnel:x", 20_000))
        .isEqualTo(ErrorCode.DESTINATION_IP_UNROUTABLE);
  }

  @Test
  void aDelayPostponesWhatTheDialComesTo() throws Exception {
    var delay = Duration.ofMillis(50);
    host(
        "data.internal",
        DATA,
        new Faults(Connect.ACCEPT, Dns.ANSWER, delay, Duration.ZERO, OptionalLong.empty(), false),
        Map.of(80, port(new Target.InProcess(Hello::new))));
    open();
    var before = System.nanoTime();

    connect(new Seen());

    assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(delay.toNanos());
    assertThat(failure(DATA, 80, "tunnel:x", 5)).isEqualTo(ErrorCode.CONNECTION_TIMEOUT);
  }

  @ParameterizedTest
  @CsvSource({"0, ''", "1, h", "4, hell", "5, hello"})
  void aResetComesAfterSoManyOctetsExactly(long octets, String expected) throws Exception {
    host(
        "data.internal",
        DATA,
        new Faults(
            Connect.ACCEPT,
            Dns.ANSWER,
            Duration.ZERO,
            Duration.ZERO,
            OptionalLong.of(octets),
            false),
        Map.of(80, port(new Target.InProcess(Hello::new))));
    open();
    var seen = new Seen();
    connect(seen);

    assertThat(seen.ends.poll(30, TimeUnit.SECONDS)).contains("reset");
    assertThat(seen.ends.poll(30, TimeUnit.SECONDS)).isEqualTo("inactive");
    assertThat(seen.text).isEqualTo(expected);
  }

  @Test
  void aResetCountsOctetsAcrossReads() {
    var seen = new Seen();
    var channel = new EmbeddedChannel(new ResetAfter(5), seen);

    channel.writeInbound(Unpooled.copiedBuffer("abc", US_ASCII));
    channel.writeInbound(Unpooled.copiedBuffer("defg", US_ASCII));

    assertThat(seen.text).isEqualTo("abcde");
    assertThat(channel.isOpen()).isFalse();
  }

  // ---- names

  @Test
  void aNameResolvesThroughItsAliases() throws Exception {
    host("data.internal", DATA, Faults.NONE, Map.of());
    alias("www.internal", "data.internal");
    alias("a.internal", "b.internal");
    alias("b.internal", "a.internal");
    open();

    assertThat(resolve("www.internal").getNow()).containsExactly(IpAddress.require(DATA));
    assertThat(code(resolve("nobody.internal"))).isEqualTo(ErrorCode.DNS_ERROR);
    assertThat(code(resolve("a.internal"))).isEqualTo(ErrorCode.PROXY_LOOP_DETECTED);
  }

  @ParameterizedTest
  @EnumSource(Dns.class)
  void aLookUpComesToWhatTheFaultSays(Dns fault) throws Exception {
    host("data.internal", DATA, faults(Connect.ACCEPT, fault), Map.of());
    open();

    var answer = resolve("data.internal");

    switch (fault) {
      case ANSWER -> assertThat(answer.getNow()).containsExactly(IpAddress.require(DATA));
      case NXDOMAIN, SERVFAIL -> assertThat(code(answer)).isEqualTo(ErrorCode.DNS_ERROR);
      case BLACK_HOLE -> assertThat(code(answer)).isEqualTo(ErrorCode.DNS_TIMEOUT);
    }
  }

  @Test
  void aSlowResolverIsTooLateForAnImpatientOne() throws Exception {
    host(
        "data.internal",
        DATA,
        new Faults(
            Connect.ACCEPT,
            Dns.ANSWER,
            Duration.ZERO,
            Duration.ofMinutes(1),
            OptionalLong.empty(),
            false),
        Map.of());
    open();

    assertThat(code(resolve("data.internal"))).isEqualTo(ErrorCode.DNS_TIMEOUT);
  }

  private static ErrorCode code(Future<?> failed) {
    return ((VpcException) failed.cause()).code();
  }

  // ---- the whole

  @Test
  void aClosedNetworkCarriesNothing() throws Exception {
    host("data.internal", DATA, Faults.NONE, Map.of(80, port(new Target.InProcess(Hello::new))));
    open();
    var seen = new Seen();
    connect(seen);

    transport.close();

    assertThat(seen.ends.poll(30, TimeUnit.SECONDS)).isEqualTo("inactive");
    assertThat(failure(DATA, 80, "tunnel:x", 20_000)).isEqualTo(ErrorCode.DESTINATION_UNAVAILABLE);
    assertThat(transport.status().ready()).isFalse();
  }
}
