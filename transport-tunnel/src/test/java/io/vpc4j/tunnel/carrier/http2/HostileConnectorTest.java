package io.vpc4j.tunnel.carrier.http2;

import static io.vpc4j.tunnel.carrier.http2.RawConnector.CONTINUATION;
import static io.vpc4j.tunnel.carrier.http2.RawConnector.DATA;
import static io.vpc4j.tunnel.carrier.http2.RawConnector.HEADERS;
import static io.vpc4j.tunnel.carrier.http2.RawConnector.PING;
import static io.vpc4j.tunnel.carrier.http2.RawConnector.RST_STREAM;
import static io.vpc4j.tunnel.carrier.http2.RawConnector.SETTINGS;
import static io.vpc4j.tunnel.carrier.http2.RawConnector.WINDOW_UPDATE;
import static io.vpc4j.tunnel.carrier.http2.RawConnector.frame;
import static io.vpc4j.tunnel.carrier.http2.RawConnector.join;
import static io.vpc4j.tunnel.carrier.http2.RawConnector.repeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.EdgeCarrierListener;
import io.vpc4j.tunnel.carrier.EdgeListener;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.carrier.Windows;
import io.vpc4j.tunnel.edge.PrivateAuthority;
import io.vpc4j.tunnel.stream.ConnectRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Peers that mean no good, and one beside them that does: they are closed with the code of RFC 9113
 * 7 that fits, and the other lives on.
 */
@Timeout(100)
class HostileConnectorTest {

  private static final long PROTOCOL_ERROR = 1;
  private static final long FLOW_CONTROL_ERROR = 3;
  private static final long FRAME_SIZE_ERROR = 6;
  private static final long ENHANCE_YOUR_CALM = 11;

  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(40);
  private static final int HANDSHAKE_MS = 3_000;
  private static final int STALLED = 1_000;
  private static final int GIVEN_UP = 1_000;

  /** What is asked for there is never answered. */
  private static final String SILENT = "10.0.0.8:8";

  private final EventLoops loops = EventLoops.open(EventLoops.best(), 2);
  private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);
  private final BlockingQueue<EdgeCarrier> accepted = new LinkedBlockingQueue<>();
  private EdgeListener listener;
  private X509Certificate authority;
  private ScriptedConnector good;
  private EdgeCarrier carrier;

  @TempDir private Path folder;

  @BeforeEach
  void begin() throws Exception {
    var identity =
        new PrivateAuthority(folder, new SecureRandom()).identity(InstantSource.system().instant());
    authority = identity.chain().get(1);
    var bound =
        Http2EdgeListener.bind(
            new CarrierContext(loops, allocator, Ticker.system()),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            identity,
            this::accept,
            HANDSHAKE_MS);
    assertThat(bound.await(30, TimeUnit.SECONDS)).isTrue();
    listener = bound.getNow();
  }

  private EdgeCarrierListener accept(EdgeCarrier made) {
    accepted.add(made);
    return new EdgeCarrierListener() {
      @Override
      public void onControlStream(Channel stream) {}

      @Override
      public void onRpcStream(Channel stream) {}

      @Override
      public void onDatagram(ByteBuf datagram) {}

      @Override
      public void onClosed(String reason) {}
    };
  }

  @AfterEach
  void end() throws Exception {
    if (good != null) {
      good.close();
    }
    listener.close().await(30, TimeUnit.SECONDS);
    loops.close();
  }

  /** The one that means well; it answers with an echo, or pours where it is asked to. */
  private void dialWell(List<Channel> pouring) throws Exception {
    good =
        ScriptedConnector.dial(
            loops,
            listener.localAddress(),
            authority,
            (it, stream) -> {
              if (!SILENT.contentEquals(stream.head.authority())) {
                stream.accept(
                    ScriptedConnector.ok(),
                    "10.0.0.9:9".contentEquals(stream.head.authority())
                        ? ScriptedConnector.echo()
                        : new Flood(pouring));
              }
            });
    carrier = accepted.poll(20, TimeUnit.SECONDS);
    assertThat(carrier).isNotNull();
  }

  private OpenStream open(String destination, io.netty.channel.ChannelHandler near)
      throws Exception {
    var opening =
        carrier.open(ConnectRequest.tcp(destination), near, System.nanoTime() + PATIENCE_NS);
    assertThat(opening.await(40, TimeUnit.SECONDS)).isTrue();
    assertThat(opening.isSuccess()).as(() -> String.valueOf(opening.cause())).isTrue();
    return opening.getNow();
  }

  private void theGoodOneLives() throws Exception {
    var echo = new NearEnd();
    var channel = open("10.0.0.9:9", echo).channel();
    channel.writeAndFlush(Unpooled.copiedBuffer("alive", StandardCharsets.US_ASCII));
    until(() -> echo.octets.get() == 5);
    channel.close();
  }

  private static void until(BooleanSupplier condition) {
    var endNs = System.nanoTime() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - endNs).as("in time").isNegative();
      LockSupport.parkNanos(1_000_000);
    }
  }

  private RawConnector dial() throws Exception {
    return new RawConnector(listener.localAddress(), authority);
  }

  // ---- before there is TLS

  @Test
  void halfAHandshakeAndSilenceIsClosedInTime() throws Exception {
    dialWell(new CopyOnWriteArrayList<>());
    var openings =
        List.of(
            "", // nothing at all
            "16", // a record, one octet of it
            "16030102000100", // half a ClientHello: its lengths say that 508 octets follow
            "1603014000"); // a record that says it is of 16,384 octets
    var sockets = new ArrayList<Socket>();
    try {
      for (var opening : openings) {
        var socket = new Socket();
        sockets.add(socket);
        socket.connect(listener.localAddress(), 5_000);
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(HexFormat.of().parseHex(opening));
      }

      assertThat(sockets).allMatch(HostileConnectorTest::isOver);
    } finally {
      for (var socket : sockets) {
        socket.close();
      }
    }
    theGoodOneLives();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"})
  void whoSpeaksNoTlsIsClosed(String words) throws Exception {
    dialWell(new CopyOnWriteArrayList<>());
    try (var socket = new Socket()) {
      socket.connect(listener.localAddress(), 5_000);
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(words.getBytes(StandardCharsets.US_ASCII));

      assertThat(isOver(socket)).isTrue();
    }
    theGoodOneLives();
  }

  private static boolean isOver(Socket socket) {
    try {
      socket.getInputStream().readAllBytes(); // an alert, perhaps
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (java.io.IOException reset) {
      return true;
    }
  }

  // ---- frames

  static Stream<Arguments> nonsense() {
    var overflow = new int[] {0x7f, 0xff, 0xff, 0xff};
    return Stream.of(
        arguments(
            "a frame longer than was allowed",
            frame(1 << 20, DATA, 0, 1, new byte[0]),
            FRAME_SIZE_ERROR),
        arguments(
            "SETTINGS of five octets", frame(SETTINGS, 0, 0, 0, 1, 2, 3, 4), FRAME_SIZE_ERROR),
        arguments(
            "a PING of seven octets", frame(PING, 0, 0, 1, 2, 3, 4, 5, 6, 7), FRAME_SIZE_ERROR),
        arguments("padding longer than its frame", frame(DATA, 0x8, 1, 200, 1, 2), PROTOCOL_ERROR),
        arguments("DATA of a stream that nobody opened", frame(DATA, 0, 99, 1), PROTOCOL_ERROR),
        arguments("DATA of the connection", frame(DATA, 0, 0, 1), PROTOCOL_ERROR),
        arguments("a stream of the server's own", frame(HEADERS, 0x4, 2, 0x88), PROTOCOL_ERROR),
        arguments(
            "HEADERS within HEADERS",
            join(frame(HEADERS, 0, 1, 0x88), frame(PING, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
            PROTOCOL_ERROR),
        arguments(
            "a window beyond 2^31 - 1", frame(WINDOW_UPDATE, 0, 0, overflow), FLOW_CONTROL_ERROR));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("nonsense")
  void framesThatLieEndTheConnectionWithTheRightCode(String name, byte[] octets, long code)
      throws Exception {
    dialWell(new CopyOnWriteArrayList<>());
    try (var hostile = dial()) {
      hostile.await(HEADERS);
      hostile.write(octets);

      assertThat(hostile.awaitEnd()).as(name).isEqualTo(code);
    }
    until(() -> accepted.stream().noneMatch(EdgeCarrier::isOpen));
    theGoodOneLives();
  }

  @Test
  void aHeadWithoutAnEndIsNotCollected() throws Exception {
    dialWell(new CopyOnWriteArrayList<>());
    try (var hostile = dial()) {
      hostile.await(HEADERS);
      hostile.write(frame(HEADERS, 0, 1, 0x88));
      // A field that is not indexed, 1,000 octets each. RFC 7541 6.2.2
      var field = join(new byte[] {0, 1, 'a', 0x7f, (byte) 0xe9, 6}, new byte[1_000]);
      hostile.flood(frame(field.length, CONTINUATION, 0, 1, field), 5_000);

      assertThat(hostile.awaitEnd()).isIn(ENHANCE_YOUR_CALM, PROTOCOL_ERROR, -1L);
    }
    until(() -> accepted.stream().noneMatch(EdgeCarrier::isOpen));
    assertThat(allocator.metric().usedDirectMemory()).isLessThan(64L << 20);
    theGoodOneLives();
  }

  static Stream<Arguments> answerable() {
    return Stream.of(
        arguments("PING", frame(PING, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8)),
        arguments("SETTINGS", frame(SETTINGS, 0, 0, 0, 4, 0, 1, 0, 0))); // a window, 65,536 octets
  }

  /** The SETTINGS that every connection begins with is one of them already. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("answerable")
  void whoWantsTooManyAnswersIsToldToBeCalm(String name, byte[] frame) throws Exception {
    dialWell(new CopyOnWriteArrayList<>());
    try (var hostile = dial().acceptControl()) {
      hostile.write(repeat(frame, Calm.MAX_FRAMES));

      assertThat(hostile.awaitEnd()).as(name).isEqualTo(ENHANCE_YOUR_CALM);
    }
    until(() -> accepted.stream().noneMatch(EdgeCarrier::isOpen));
    theGoodOneLives();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answerable")
  void aFloodWhoseAnswersNobodyReadsIsEndedAndHoldsNothing(String name, byte[] frame)
      throws Exception {
    dialWell(new CopyOnWriteArrayList<>());
    try (var hostile = dial().acceptControl()) {
      hostile.flood(frame, 100 * Calm.MAX_FRAMES);

      until(() -> accepted.stream().noneMatch(EdgeCarrier::isOpen));
    }
    var metric = allocator.metric();
    assertThat(metric.usedDirectMemory() + metric.usedHeapMemory()).as(name).isLessThan(64L << 20);
    theGoodOneLives();
  }

  @Test
  void whoAsksAsOftenAsAllowedIsAnswered() throws Exception {
    dialWell(new CopyOnWriteArrayList<>());
    try (var busy = dial()) {
      busy.await(HEADERS);
      busy.write(repeat(frame(PING, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8), Calm.MAX_FRAMES - 1));

      for (var answers = 0; answers < Calm.MAX_FRAMES - 1; ) {
        answers += busy.await(PING).flags() & 1;
      }
    }
  }

  @Test
  void resetsOfStreamsThatNobodyKnowsAreNoMatter() throws Exception {
    dialWell(new CopyOnWriteArrayList<>());
    try (var hostile = dial().acceptControl()) {
      var reset = frame(RST_STREAM, 0, 1, 0, 0, 0, 8);
      hostile.write(repeat(reset, 50));
      var made = accepted.poll(20, TimeUnit.SECONDS);
      assertThat(made).isNotNull();
      until(() -> !made.isOpen() || made.openStreams() == 0);
    }
    theGoodOneLives();
  }

  @Test
  void anEdgeMayGiveUpAsManyRequestsAsItsUsersDo() throws Exception {
    dialWell(new CopyOnWriteArrayList<>());
    var asked = new CopyOnWriteArrayList<Future<OpenStream>>();
    for (var i = 0; i < GIVEN_UP; i++) {
      asked.add(
          carrier.open(ConnectRequest.tcp(SILENT), new NearEnd(), System.nanoTime() + PATIENCE_NS));
    }
    until(() -> good.streams.size() == GIVEN_UP);
    asked.forEach(one -> one.cancel(false));

    until(() -> carrier.openStreams() == 0);
    theGoodOneLives();
  }

  // ---- memory

  @Test
  void aThousandReadersThatStandStillHoldTheirWindowsAndNoMore() throws Exception {
    var pouring = new CopyOnWriteArrayList<Channel>();
    dialWell(pouring);
    var opening = new CopyOnWriteArrayList<Future<OpenStream>>();
    for (var i = 0; i < STALLED; i++) {
      opening.add(
          carrier.open(
              ConnectRequest.tcp("10.0.0.1:" + (i + 1)),
              new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                  channel.config().setAutoRead(false);
                }
              },
              System.nanoTime() + PATIENCE_NS));
    }
    for (var one : opening) {
      assertThat(one.await(40, TimeUnit.SECONDS)).isTrue();
      assertThat(one.isSuccess()).as(() -> String.valueOf(one.cause())).isTrue();
    }
    var windows = (long) STALLED * Windows.STREAM_INITIAL_OCTETS;

    until(() -> carrier.octetsIn() >= windows);
    theGoodOneLives();

    assertThat(carrier.octetsIn()).isLessThan(windows + Windows.CONNECTION_OCTETS);
    var metric = allocator.metric();
    assertThat(metric.usedDirectMemory() + metric.usedHeapMemory())
        .as("what the edge holds, in the allocator's own count: docs/tunnel.md, Memory")
        .isLessThan(windows + Windows.CONNECTION_OCTETS + (64L << 20));
    assertThat(carrier.openStreams()).isGreaterThanOrEqualTo(STALLED);
    carrier.close("enough");
  }
}
