package io.vpc4j.tunnel;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.ConnectorWorld.Answer;
import io.vpc4j.tunnel.Http2Origin.Exchange;
import io.vpc4j.tunnel.Http2Origin.Script;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.edge.TestAuthority;
import io.vpc4j.tunnel.stream.ConnectRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests to origins that speak HTTP/2, through an edge and a Java connector. RFC 9113 */
@Timeout(60)
class ConnectorHttp2OriginTest {

  private static final List<String> BOTH = List.of("h2", "http/1.1");

  @TempDir private Path state;
  private UnaryOperator<TunnelEdge.Builder> edge = it -> it.gracePeriod(Duration.ZERO);
  private ConnectorWorld world;
  private Http2Origin origin;

  @AfterEach
  void end() throws Exception {
    if (origin != null) {
      origin.close();
    }
    if (world != null) {
      world.close();
    }
  }

  private void serve(Protocol protocol, Script script) throws Exception {
    serve(protocol, Http2Settings.defaultSettings(), BOTH, script);
  }

  /** The world with an origin for every request, which the connector verifies. */
  private void serve(
      Protocol protocol, Http2Settings settings, List<String> protocols, Script script)
      throws Exception {
    var folder = Files.createDirectory(state.resolve("origin"));
    var identity = TestAuthority.identity(folder);
    world =
        new ConnectorWorld(
            Files.createDirectory(state.resolve("edge")), protocol, "", builder -> {}, edge);
    origin = new Http2Origin(world.loops, identity, settings, protocols, script);
    var rule =
        "{\"ingress\":[{\"service\":\"https://127.0.0.1:%d\",\"originRequest\":{\"http2Origin\":true,\"originServerName\":\"%s\",\"caPool\":\"%s\"}}]}"
            .formatted(origin.port(), TestAuthority.NAME, TestAuthority.certificate(folder));
    var done =
        world
            .carrier()
            .updateConfiguration(
                1, rule.getBytes(ISO_8859_1), System.nanoTime() + SECONDS.toNanos(20));
    assertThat(done.awaitUninterruptibly(20, SECONDS)).isTrue();
    assertThat(done.getNow().lastAppliedVersion()).as("%s", done.getNow()).isEqualTo(1);
  }

  private Answer get(String path) throws Exception {
    return world.send(ConnectorWorld.get("http://app.example.com" + path));
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void aRequestAndItsResponsePassUnchanged(Protocol protocol) throws Exception {
    var heard = new CompletableFuture<Http2Headers>();
    var ended = new CompletableFuture<Boolean>();
    serve(
        protocol,
        (exchange, head, end) -> {
          heard.complete(head);
          ended.complete(end);
          exchange.head(103, false, "link", "x");
          exchange.head(203, false, "x-a", "1", "x-a", "2", "set-cookie", "b=\u00fc");
          exchange.data("hello", true);
        });

    var answer =
        world.send(
            ConnectorWorld.request(
                "GET",
                "http://app.example.com/a%20b?c=%2F&d",
                "Content-Length",
                "0",
                "X-Test",
                "1",
                "X-Test",
                "2",
                "TE",
                "gzip, trailers",
                "Connection",
                "x-hop",
                "X-Hop",
                "gone"));

    assertThat(answer.body()).isEqualTo("hello");
    assertThat(answer.status()).isEqualTo(203);
    assertThat(answer.head().headers())
        .extracting(field -> field.name().toLowerCase(java.util.Locale.ROOT) + ": " + field.value())
        .contains("x-a: 1", "x-a: 2", "set-cookie: b=\u00fc")
        .noneMatch(line -> line.startsWith(":") || line.startsWith("link"));
    var head = heard.get(20, SECONDS);
    assertThat(ended).isCompletedWithValue(true);
    assertThat(head.method()).hasToString("GET");
    assertThat(head.scheme()).hasToString("https");
    assertThat(head.authority()).hasToString("app.example.com");
    assertThat(head.path()).hasToString("/a%20b?c=%2F&d");
    assertThat(head.getAll("x-test")).map(CharSequence::toString).containsExactly("1", "2");
    assertThat(head.names())
        .map(CharSequence::toString)
        .contains("cf-warp-tag-id")
        .doesNotContain("host", "connection", "transfer-encoding", "content-length");
    if (protocol == Protocol.QUIC) { // over HTTP/2 these concern the connection to the edge
      assertThat(head.get("te")).hasToString("trailers");
      assertThat(head.contains("x-hop")).isFalse();
    }
  }

  @Test
  void requestsShareOneConnection() throws Exception {
    var together = 8;
    var waiting = new ArrayList<Exchange>(); // on the origin's loop
    serve(
        Protocol.HTTP2,
        (exchange, head, end) -> {
          synchronized (waiting) {
            waiting.add(exchange);
            if (waiting.size() == together) { // none is answered before all are there
              waiting.forEach(each -> each.head(204, true));
              waiting.clear();
            }
          }
        });

    for (var round = 0; round < 3; round++) {
      var answers = new ArrayList<Answer>();
      for (var i = 0; i < together; i++) {
        answers.add(get("/" + i));
      }
      for (var answer : answers) {
        assertThat(answer.status()).isEqualTo(204);
      }
    }
    assertThat(origin.connections).hasValue(1);
  }

  @Test
  void anOriginThatTakesOneRequestAtATimeIsGivenMoreConnections() throws Exception {
    var waiting = new ArrayList<Exchange>();
    serve(
        Protocol.HTTP2,
        Http2Settings.defaultSettings().maxConcurrentStreams(1),
        BOTH,
        (exchange, head, end) -> {
          synchronized (waiting) {
            waiting.add(exchange);
            if (waiting.size() == 3) {
              waiting.forEach(each -> each.head(204, true));
            }
          }
        });
    var answers = List.of(get("/1"), get("/2"), get("/3"));

    for (var answer : answers) {
      assertThat(answer.status()).isEqualTo(204);
    }
    assertThat(origin.connections).hasValue(3);
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void anOriginThatChoosesHttp1IsSpokenToInIt(Protocol protocol) throws Exception {
    serve(
        protocol,
        Http2Settings.defaultSettings(),
        List.of("http/1.1"),
        (exchange, head, end) -> exchange.head(500, true));

    for (var i = 0; i < 3; i++) {
      var answer = get("/" + i);
      assertThat(answer.body()).isEqualTo("GET /" + i + " HTTP/1.1");
    }
    assertThat(origin.connections).hasValue(1);
  }

  @Test
  void aWebSocketIsOfHttp1() throws Exception {
    serve(Protocol.HTTP2, (exchange, head, end) -> exchange.head(500, true));
    var answer = new Answer();
    var channel =
        world.channel(
            ConnectorWorld.request(
                ConnectRequest.Type.WEBSOCKET, "GET", "http://a/", "Sec-WebSocket-Key", "abc"),
            answer);

    assertThat(answer.status()).isEqualTo(101);
    channel.close();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void bodiesComeAndGoAtOneTimeAndTrailersEndThem(Protocol protocol) throws Exception {
    serve(
        protocol,
        new Script() {
          @Override
          public void onHead(Exchange exchange, Http2Headers head, boolean end) {
            exchange.head(200, false);
          }

          @Override
          public void onData(Exchange exchange, ByteBuf octets, boolean end) {
            exchange.data(octets.retain(), false);
            if (end) {
              exchange.fields(true, "grpc-status", "0");
            }
          }
        });
    var answer = world.converse();

    assertThat(answer.body()).isEqualTo("first, second");
    if (protocol == Protocol.HTTP2) { // over QUIC there are none
      assertThat(answer.trailers).containsExactly(Map.entry("grpc-status", "0"));
    }
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void aReaderThatStandsStillHoldsItsWindowAndNobodyElse(Protocol protocol) throws Exception {
    var octets = 32L << 20;
    var sent = new AtomicLong();
    serve(
        protocol,
        (exchange, head, end) -> {
          if (head.path().toString().equals("/large")) {
            exchange.head(200, false);
            pour(exchange, octets, sent);
          } else {
            exchange.head(204, true);
          }
        });
    var answer = new Counting();
    var channel = world.channel(ConnectorWorld.get("http://a.example/large"), answer);
    channel.eventLoop().submit(() -> channel.config().setAutoRead(false)).sync();
    channel.writeAndFlush(LastOctets.none());
    ConnectorWorld.until(() -> sent.get() >= 256 << 10);
    for (var i = 0; i < 50; i++) {
      assertThat(get("/" + i).status()).isEqualTo(204);
    }

    assertThat(sent.get()).isLessThan(octets / 2);
    assertThat(origin.connections).hasValueLessThanOrEqualTo(2); // one for each loop
    channel.eventLoop().submit(() -> channel.config().setAutoRead(true)).sync();
    answer.end.get(30, SECONDS);
    assertThat(answer.count).hasValue(octets);
  }

  /** Writes one part after another, each as soon as the last has left. */
  private static void pour(Exchange exchange, long left, AtomicLong sent) {
    var part = 64 << 10;
    exchange
        .data(Unpooled.wrappedBuffer(new byte[part]), left == part)
        .addListener(
            done -> {
              if (done.isSuccess()) {
                sent.addAndGet(part);
                if (left > part) {
                  pour(exchange, left - part, sent);
                }
              }
            });
  }

  /** Counts, and keeps nothing. */
  private static final class Counting extends Answer {
    final AtomicLong count = new AtomicLong();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ByteBuf part) {
        count.addAndGet(part.readableBytes());
        part.release();
      } else {
        super.channelRead(ctx, message);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void anOriginThatStandsStillIsNotFlooded(Protocol protocol) throws Exception {
    var received = new AtomicLong();
    var opened = new CompletableFuture<Exchange>();
    serve(
        protocol,
        new Script() {
          @Override
          public void onHead(Exchange exchange, Http2Headers head, boolean end) {
            if (end) {
              exchange.head(204, true);
              return;
            }
            exchange.channel.config().setAutoRead(false);
            opened.complete(exchange);
          }

          @Override
          public void onData(Exchange exchange, ByteBuf octets, boolean end) {
            received.addAndGet(octets.readableBytes());
            if (end) {
              exchange.head(204, true);
            }
          }
        });
    var answer = new Answer();
    var channel =
        world.channel(
            ConnectorWorld.request("PUT", "http://a.example/", "Transfer-Encoding", "chunked"),
            answer);
    channel.writeAndFlush(ConnectorWorld.octets("begin"));
    var exchange = opened.get(20, SECONDS);
    var most = 16L << 20; // far more than all the windows on the way
    var written = new AtomicLong(5);
    var pump = new Pump(channel, written, most);
    ConnectorWorld.until(() -> pump.stops.get() > 0);
    for (var i = 0; i < 50; i++) {
      assertThat(get("/" + i).status()).isEqualTo(204);
    }

    assertThat(written.get()).isLessThan(most / 2);
    exchange.channel.eventLoop().submit(() -> exchange.channel.config().setAutoRead(true)).sync();
    assertThat(answer.status()).isEqualTo(204);
    assertThat(received).hasValue(most);
  }

  /** Writes to a channel while it is writable, up to a sum. */
  private static final class Pump extends ChannelInboundHandlerAdapter {
    final AtomicInteger stops = new AtomicInteger();
    private final AtomicLong written;
    private final long most;

    Pump(Channel channel, AtomicLong written, long most) {
      this.written = written;
      this.most = most;
      channel.eventLoop().execute(() -> channel.pipeline().addLast(this));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      pump(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      pump(ctx);
    }

    private void pump(ChannelHandlerContext ctx) {
      while (ctx.channel().isWritable() && written.get() < most) {
        var part = (int) Math.min(64 << 10, most - written.get());
        written.addAndGet(part);
        ctx.writeAndFlush(
            written.get() < most
                ? Unpooled.wrappedBuffer(new byte[part])
                : new LastOctets(Unpooled.wrappedBuffer(new byte[part])));
      }
      stops.incrementAndGet();
    }
  }

  @Test
  void aRequestThatTheOriginDidNotLookAtIsSentAgainOnce() throws Exception {
    var refusals = new AtomicInteger();
    serve(
        Protocol.HTTP2,
        (exchange, head, end) -> {
          var path = head.path().toString();
          if (path.equals("/never") || refusals.getAndIncrement() == 0) {
            exchange.reset(Http2Error.REFUSED_STREAM);
          } else {
            exchange.head(204, true);
          }
        });

    assertThat(get("/once").status()).isEqualTo(204);
    assertThat(origin.connections).hasValue(2);
    assertThat(get("/never").head().error())
        .isEqualTo("Unable to reach the origin service. it refused the stream");
  }

  @Test
  void aConnectionThatGoesAwayFinishesWhatItBeganAndIsReplaced() throws Exception {
    var held = new CompletableFuture<Exchange>();
    serve(
        Protocol.HTTP2,
        (exchange, head, end) -> {
          switch (head.path().toString()) {
            case "/slow" -> {
              exchange.head(200, false);
              held.complete(exchange);
            }
            case "/late" -> {
              if (origin.connections.get() == 1) {
                exchange.goAway(held.join().channel.stream().id());
              } else {
                exchange.head(204, true);
              }
            }
            default -> exchange.head(500, true);
          }
        });
    var slow = get("/slow");
    assertThat(slow.status()).isEqualTo(200);
    var late = get("/late");

    assertThat(late.status()).isEqualTo(204);
    assertThat(origin.connections).hasValue(2);
    var exchange = held.get(20, SECONDS);
    exchange.channel.eventLoop().execute(() -> exchange.data("done", true));
    assertThat(slow.body()).isEqualTo("done");
    assertThat(get("/late").status()).isEqualTo(204);
    assertThat(origin.connections).hasValue(2);
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void aStreamThatEndsBadlyIsARefusalOrAReset(Protocol protocol) throws Exception {
    serve(
        protocol,
        (exchange, head, end) -> {
          switch (head.path().toString()) {
            case "/before" -> exchange.reset(Http2Error.INTERNAL_ERROR);
            case "/after" -> {
              exchange.head(200, false);
              exchange.data("some", false);
              exchange.later(() -> exchange.reset(Http2Error.INTERNAL_ERROR));
            }
            case "/lost" -> {
              exchange.head(200, false);
              exchange.data("some", false);
              exchange.later(() -> exchange.channel.parent().close());
            }
            case "/nothing" -> exchange.fields(true, "x", "y");
            case "/101" -> exchange.head(101, false);
            default -> exchange.head(204, true);
          }
        });

    assertThat(get("/before").head().error())
        .isEqualTo("Unable to reach the origin service. it ended the stream with internal_error");
    for (var path : List.of("/nothing", "/101")) {
      assertThat(get(path).head().error()).startsWith("Unable to reach the origin service. ");
    }
    for (var path : List.of("/after", "/lost")) {
      var answer = get(path);
      assertThat(answer.status()).isEqualTo(200);
      answer.end.get(20, SECONDS);
      assertThat(answer.failure).as(path).isNotNull();
    }
    assertThat(get("/fine").status()).isEqualTo(204);
  }

  @Test
  void aResponseIsWholeThoughTheOriginWantsNoMoreOfTheRequest() throws Exception {
    serve(
        Protocol.HTTP2,
        (exchange, head, end) -> {
          exchange.head(413, false);
          exchange.data("too large", true);
          exchange.later(() -> exchange.reset(Http2Error.NO_ERROR));
        });
    var answer = new Answer();
    world.channel(
        ConnectorWorld.request("POST", "http://a.example/", "Content-Length", "100000"), answer);

    assertThat(answer.body()).isEqualTo("too large");
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.failure).isNull();
  }

  @Test
  void aRequestThatTheEdgeGivesUpIsResetAtTheOrigin() throws Exception {
    var opened = new CompletableFuture<Exchange>();
    edge = ConnectorWorld.HASTY;
    serve(Protocol.HTTP2, (exchange, head, end) -> opened.complete(exchange));
    var channel = world.channel(ConnectorWorld.get("http://a.example/"), new Answer());
    var exchange = opened.get(20, SECONDS);
    channel.close();

    assertThat(exchange.reset.get(30, SECONDS)).isEqualTo(Http2Error.CANCEL.code());
  }
}
