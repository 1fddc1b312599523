package io.vpc4j.tunnel;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.edge.UdpWanted;
import io.vpc4j.tunnel.edge.Wanted;
import io.vpc4j.tunnel.stream.ConnectRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Traces through an edge and a Java connector. */
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // lines of HTTP end with CR LF
class TunnelTracingTest {

  private static final TraceSpan SPAN =
      new TraceSpan(0x0102030405060708L, 0x090a0b0c0d0e0f10L, 0x1122334455667788L, 1);
  private static final String TRACE_ID = "0102030405060708090a0b0c0d0e0f10";
  private static final String SPAN_ID = "1122334455667788";

  /** What it was told. */
  private static final class Recorder implements TunnelTracing {
    final LinkedBlockingQueue<String> asked = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<byte[]> told = new LinkedBlockingQueue<>();
    private final Optional<TraceSpan> answer;

    Recorder(Optional<TraceSpan> answer) {
      this.answer = answer;
    }

    @Override
    public Optional<TraceSpan> onStream(String tunnelId, String destination) {
      asked.add(tunnelId + " " + destination);
      return answer;
    }

    @Override
    public Optional<TraceSpan> onSession(String tunnelId, String destination) {
      return onStream(tunnelId, "udp " + destination);
    }

    @Override
    public void onSpans(TraceSpan span, byte[] spans) {
      assertThat(span).isEqualTo(SPAN);
      told.add(spans);
    }
  }

  @TempDir private Path state;
  private ConnectorWorld world;

  @AfterEach
  void end() throws IOException {
    if (world != null) {
      world.close();
    }
  }

  private void begin(Protocol protocol, TunnelTracing tracing) throws IOException {
    world =
        new ConnectorWorld(
            state,
            protocol,
            "",
            builder -> {},
            edge -> edge.gracePeriod(Duration.ZERO).tracing(tracing));
  }

  /** Opens a TCP stream through the edge, as a binding does. */
  private Future<OpenStream> open(int port) {
    var request = ConnectRequest.tcp("127.0.0.1:" + port);
    var opening =
        world
            .edge
            .edge()
            .open(
                ConnectorWorld.TUNNEL.toString(),
                Wanted.ofAny(request),
                new ChannelInboundHandlerAdapter(),
                System.nanoTime() + SECONDS.toNanos(30));
    assertThat(opening.awaitUninterruptibly(30, SECONDS)).isTrue();
    return opening;
  }

  private int origin() throws IOException {
    return world.origin(socket -> socket.getInputStream().transferTo(socket.getOutputStream()));
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void aTracedStreamBringsTheConnectorsSpans(Protocol protocol) throws Exception {
    var recorder = new Recorder(Optional.of(SPAN));
    begin(protocol, recorder);
    var port = origin();
    var opened = open(port);

    assertThat(opened.isSuccess()).isTrue();
    assertThat(recorder.asked).containsExactly(ConnectorWorld.TUNNEL + " 127.0.0.1:" + port);
    var spans = Otlp.read(recorder.told.poll(30, SECONDS));
    assertThat(spans).hasSize(1);
    var span = spans.get(0);
    assertThat(span.name()).isEqualTo("stream-connect");
    assertThat(span.trace()).isEqualTo(TRACE_ID);
    assertThat(span.parent()).isEqualTo(SPAN_ID);
    assertThat(span.id()).isNotEqualTo(SPAN_ID).isNotEqualTo("0".repeat(16)).hasSize(16);
    assertThat(span.endNs()).isGreaterThanOrEqualTo(span.beginNs());
    assertThat(span.beginNs()).isGreaterThan(1_600_000_000_000_000_000L);
    opened.getNow().channel().close();
  }

  /** Opens a UDP session to a port where nobody has to be. */
  private Future<Channel> openUdp() {
    var opening =
        world
            .edge
            .edge()
            .openUdp(
                ConnectorWorld.TUNNEL.toString(),
                UdpWanted.ofAny(IpAddress.require("127.0.0.1"), 9),
                new ChannelInboundHandlerAdapter(),
                System.nanoTime() + SECONDS.toNanos(30));
    assertThat(opening.awaitUninterruptibly(30, SECONDS)).isTrue();
    assertThat(opening.isSuccess()).as("%s", opening.cause()).isTrue();
    return opening;
  }

  @Test
  void aTracedSessionBringsTheConnectorsSpans() throws Exception {
    var recorder = new Recorder(Optional.of(SPAN));
    begin(Protocol.QUIC, recorder);
    var opened = openUdp();

    assertThat(recorder.asked).containsExactly(ConnectorWorld.TUNNEL + " udp 127.0.0.1:9");
    var spans = Otlp.read(recorder.told.poll(30, SECONDS));
    assertThat(spans).hasSize(1);
    var span = spans.get(0);
    assertThat(span.name()).isEqualTo("register-session");
    assertThat(span.trace()).isEqualTo(TRACE_ID);
    assertThat(span.parent()).isEqualTo(SPAN_ID);
    assertThat(span.attributes()).containsEntry("dst", "127.0.0.1:9").containsKey("session-id");
    opened.getNow().close();
  }

  @Test
  void aSessionOfVersion3HasNoPlaceForATrace() throws Exception {
    var recorder = new Recorder(Optional.of(SPAN));
    world =
        new ConnectorWorld(
            state,
            Protocol.QUIC,
            "",
            builder -> builder.feature("support_datagram_v3_2"),
            edge -> edge.gracePeriod(Duration.ZERO).tracing(recorder));
    var opened = openUdp();

    assertThat(recorder.asked).isEmpty();
    assertThat(recorder.told).isEmpty();
    opened.getNow().close();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void whatIsNotTracedOrNotSampledBringsNone(Protocol protocol) throws Exception {
    var unsampled = new TraceSpan(SPAN.traceHigh(), SPAN.traceLow(), SPAN.span(), 0);
    for (var answer : new Optional<?>[] {Optional.empty(), Optional.of(unsampled)}) {
      var recorder = new Recorder(answer.map(TraceSpan.class::cast));
      begin(protocol, recorder);
      var opened = open(origin());

      assertThat(opened.isSuccess()).isTrue();
      assertThat(opened.getNow().response().spans()).isEmpty();
      assertThat(recorder.told).isEmpty();
      opened.getNow().channel().close();
      world.close();
      world = null;
    }
  }

  @Test
  void aListenerThatFailsIsNotTheStreamsFault() throws Exception {
    begin(
        Protocol.HTTP2,
        new TunnelTracing() {
          @Override
          public Optional<TraceSpan> onStream(String tunnelId, String destination) {
            throw new IllegalStateException("as an application's code may");
          }

          @Override
          public void onSpans(TraceSpan span, byte[] spans) {}
        });
    var opened = open(origin());

    assertThat(opened.isSuccess()).isTrue();
    opened.getNow().channel().close();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void aTracedRequestTellsTheTimeToTheFirstOctet(Protocol protocol) throws Exception {
    begin(protocol, new Recorder(Optional.empty()));
    var heard = new CompletableFuture<String>();
    var port =
        world.origin(
            socket -> {
              heard.complete(ConnectorWorld.readHead(socket.getInputStream()));
              socket
                  .getOutputStream()
                  .write(
                      ("HTTP/1.1 203 Fine\r\nContent-Length: 0\r\n"
                              + "Cf-Int-Cloudflared-Tracing: forged\r\n\r\n")
                          .getBytes(ISO_8859_1));
            });
    var rule = "{\"ingress\":[{\"service\":\"http://127.0.0.1:" + port + "\"}]}";
    world
        .carrier()
        .updateConfiguration(1, rule.getBytes(ISO_8859_1), System.nanoTime() + SECONDS.toNanos(20))
        .sync();
    var trace = TRACE_ID + ":" + SPAN_ID + ":0:1";
    var answer =
        world.send(
            ConnectorWorld.request(
                "GET", "http://a.example/", "Content-Length", "0", "Cf-Trace-Id", trace));

    assertThat(answer.status()).isEqualTo(203);
    var spans = Otlp.read(Base64.getDecoder().decode(answer.head().spans().orElseThrow()));
    assertThat(spans).hasSize(1);
    assertThat(spans.get(0).name()).isEqualTo("ttfb_origin");
    assertThat(spans.get(0).parent()).isEqualTo(SPAN_ID);
    assertThat(spans.get(0).attributes()).containsEntry("upstreamStatusCode", "203");
    assertThat(heard.get(20, SECONDS).toLowerCase(java.util.Locale.ROOT))
        .doesNotContain("trace-id");
  }

  @ParameterizedTest
  @CsvSource({
    "00-0102030405060708090a0b0c0d0e0f10-1122334455667788-01, 1",
    "00-0102030405060708090a0b0c0d0e0f10-1122334455667788-00, 0",
    "00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff, 255"
  })
  void aTraceparentIsReadAndWritten(String text, int flags) {
    var span = TraceSpan.parse(text).orElseThrow();
    assertThat(span.flags()).isEqualTo(flags);
    assertThat(span.traceparent()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-00000000000000000000000000000000-1122334455667788-01",
        "00-0102030405060708090a0b0c0d0e0f10-0000000000000000-01",
        "01-0102030405060708090a0b0c0d0e0f10-1122334455667788-01",
        "00-0102030405060708090A0B0C0D0E0F10-1122334455667788-01",
        "00-0102030405060708090a0b0c0d0e0f10-1122334455667788-01-more"
      })
  void whatIsNoTraceparentIsNone(String text) {
    assertThat(TraceSpan.parse(text)).isEmpty();
  }

  @Test
  void idsOfZeroAreNone() {
    assertThatThrownBy(() -> new TraceSpan(0, 0, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TraceSpan(1, 1, 1, 256))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
