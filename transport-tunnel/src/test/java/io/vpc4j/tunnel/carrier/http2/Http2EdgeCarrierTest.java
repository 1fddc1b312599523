package io.vpc4j.tunnel.carrier.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.EdgeCarrierListener;
import io.vpc4j.tunnel.carrier.EdgeListener;
import io.vpc4j.tunnel.carrier.LastOctets;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.carrier.Trailers;
import io.vpc4j.tunnel.carrier.Windows;
import io.vpc4j.tunnel.carrier.http2.ScriptedConnector.Stream;
import io.vpc4j.tunnel.edge.PrivateAuthority;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.HeaderField;
import io.vpc4j.tunnel.stream.Metadata;
import io.vpc4j.tunnel.stream.SerializedHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The edge's end of HTTP/2, against a connector that does what a test says. */
@Timeout(60)
class Http2EdgeCarrierTest {

  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(20);

  private final EventLoops loops = EventLoops.open(EventLoops.best(), 2);
  private final Ticker ticker = Ticker.system();
  private final CompletableFuture<EdgeCarrier> accepted = new CompletableFuture<>();
  private final CompletableFuture<Channel> control = new CompletableFuture<>();
  private final CompletableFuture<String> closed = new CompletableFuture<>();
  private EdgeListener listener;
  private ScriptedConnector connector;
  private PrivateAuthority authority;

  @TempDir Path folder;

  @BeforeEach
  void listen() throws Exception {
    authority = new PrivateAuthority(folder, new SecureRandom());
    var bound =
        Http2EdgeListener.bind(
            new CarrierContext(loops, PooledByteBufAllocator.DEFAULT, ticker),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            authority.identity(InstantSource.system().instant()),
            this::accept);
    assertThat(bound.await(30, TimeUnit.SECONDS)).isTrue();
    listener = bound.getNow();
  }

  private EdgeCarrierListener accept(EdgeCarrier carrier) {
    accepted.complete(carrier);
    return new EdgeCarrierListener() {
      @Override
      public void onControlStream(Channel stream) {
        control.complete(stream);
      }

      @Override
      public void onRpcStream(Channel stream) {
        throw new AssertionError("HTTP/2 has none");
      }

      @Override
      public void onDatagram(ByteBuf datagram) {
        throw new AssertionError("HTTP/2 has none");
      }

      @Override
      public void onClosed(String reason) {
        closed.complete(reason);
      }
    };
  }

  @AfterEach
  void stop() throws Exception {
    if (connector != null) {
      connector.close();
      closed.get(20, TimeUnit.SECONDS);
    }
    listener.close().await(30, TimeUnit.SECONDS);
    loops.close();
  }

  private EdgeCarrier connected(BiConsumer<ScriptedConnector, Stream> script) throws Exception {
    var chain = authority.identity(InstantSource.system().instant()).chain();
    connector =
        ScriptedConnector.dial(loops, listener.localAddress(), chain.get(chain.size() - 1), script);
    control.get(20, TimeUnit.SECONDS);
    return accepted.get(20, TimeUnit.SECONDS);
  }

  // ---- the beginning

  @Test
  void theControlStreamIsAskedForFirst() throws Exception {
    var carrier = connected((it, stream) -> {});

    assertThat(carrier.isOpen()).isTrue();
    assertThat(connector.streams).isEmpty();
    assertThat(carrier.carriesDatagrams()).isFalse();
  }

  @Test
  void theRoundTripTimeIsMeasured() throws Exception {
    var carrier = connected((it, stream) -> {});

    until("a PING is answered", () -> carrier.rttNs().isPresent());
    assertThat(carrier.rttNs().getAsLong()).isPositive();
  }

  // ---- TCP

  @Test
  void aTcpRequestNamesTheDestinationAndIsMarked() throws Exception {
    var carrier =
        connected((it, stream) -> stream.accept(ScriptedConnector.ok(), ScriptedConnector.echo()));

    var opened = success(open(carrier, ConnectRequest.tcp("10.0.1.50:80"), new NearEnd()));

    var head = connector.streams.element().head;
    assertThat(head.authority()).hasToString("10.0.1.50:80");
    assertThat(ScriptedConnector.string(head, RequestHead.SOURCE)).isNotEmpty();
    assertThat(opened.response().isOk()).isTrue();
    opened.channel().close();
  }

  @Test
  void octetsComeBackInOrderHoweverTheReaderStopsAndGoes() throws Exception {
    var octets = 2_000_000;
    var carrier =
        connected(
            (it, stream) ->
                stream.accept(ScriptedConnector.ok(), ScriptedConnector.source(octets)));
    var random = new Random(11);
    var reader = new StopAndGo(random);

    success(open(carrier, ConnectRequest.tcp("10.0.0.1:1"), reader));

    reader.inactive.get(30, TimeUnit.SECONDS);
    assertThat(reader.fault).as("seed 11").isNull();
    assertThat(reader.count).isEqualTo(octets);
  }

  @Test
  void aLargeUploadArrivesWhole() throws Exception {
    var received = new CompletableFuture<Long>();
    var carrier =
        connected(
            (it, stream) ->
                stream.accept(
                    ScriptedConnector.ok(),
                    new ChannelInboundHandlerAdapter() {
                      private long count;

                      @Override
                      public void channelRead(ChannelHandlerContext ctx, Object message) {
                        count += ((ByteBuf) message).readableBytes();
                        ((ByteBuf) message).release();
                      }

                      @Override
                      public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                        received.complete(count);
                        ctx.close();
                      }
                    }));
    var channel = success(open(carrier, ConnectRequest.tcp("10.0.0.1:1"), new NearEnd())).channel();

    for (var i = 0; i < 100; i++) {
      channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[100_000]));
    }
    channel.close(); // ends behind what was written

    assertThat(received.get(20, TimeUnit.SECONDS)).isEqualTo(10_000_000);
  }

  @Test
  void aStalledReaderHoldsAtMostItsWindowAndOthersGoOn() throws Exception {
    var sent = new CopyOnWriteArrayList<Channel>();
    var carrier =
        connected(
            (it, stream) ->
                stream.accept(
                    ScriptedConnector.ok(),
                    "10.0.0.9:9".contentEquals(stream.head.authority())
                        ? ScriptedConnector.echo()
                        : new Flood(sent)));
    for (var i = 0; i < 100; i++) {
      success(
          open(
              carrier,
              ConnectRequest.tcp("10.0.0.1:" + (i + 1)),
              new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                  channel.config().setAutoRead(false);
                }
              }));
    }
    until(
        "all are stopped",
        () -> sent.size() == 100 && sent.stream().noneMatch(Channel::isWritable));

    // each has had its window and no more: 100 windows are 12.5 MiB, and frames have a head
    until("the windows are full", () -> carrier.octetsIn() >= 100L * Windows.STREAM_INITIAL_OCTETS);
    var echo = new NearEnd();
    var channel = success(open(carrier, ConnectRequest.tcp("10.0.0.9:9"), echo)).channel();
    channel.writeAndFlush(Unpooled.copiedBuffer("alive", StandardCharsets.US_ASCII));
    until("others go on", () -> echo.octets.get() == 5);
    assertThat(carrier.octetsIn()).isLessThan(105L * Windows.STREAM_INITIAL_OCTETS);
    carrier.close("enough");
  }

  @Test
  void aWriterIsStoppedByAnOriginThatDoesNotRead() throws Exception {
    var carrier =
        connected(
            (it, stream) ->
                stream.accept(
                    ScriptedConnector.ok(),
                    new ChannelInboundHandlerAdapter() {
                      @Override
                      public void handlerAdded(ChannelHandlerContext ctx) {
                        ctx.channel().config().setAutoRead(false);
                      }
                    }));
    var channel = success(open(carrier, ConnectRequest.tcp("10.0.0.1:1"), new NearEnd())).channel();

    var written = 0;
    while (channel.isWritable() && written < 64 << 20) {
      channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[64 << 10])).await(50);
      written += 64 << 10;
    }

    assertThat(written).isLessThan(2 << 20);
    carrier.close("enough");
  }

  // ---- ends

  @Test
  void theConnectorsEndIsTheChannelsEndAfterAllThatCame() throws Exception {
    var carrier =
        connected(
            (it, stream) ->
                stream.accept(ScriptedConnector.ok(), ScriptedConnector.source(200_000)));
    var near = new NearEnd();

    success(open(carrier, ConnectRequest.tcp("10.0.0.1:1"), near));

    near.inactive.get(20, TimeUnit.SECONDS);
    assertThat(near.octets.get()).isEqualTo(200_000);
    assertThat(near.events).doesNotContain("exception");
    until("the stream is given back", () -> carrier.openStreams() == 0);
  }

  @Test
  void aResetIsAnExceptionAndThenTheEnd() throws Exception {
    var carrier =
        connected((it, stream) -> stream.accept(ScriptedConnector.ok(), ScriptedConnector.echo()));
    var near = new NearEnd();
    success(open(carrier, ConnectRequest.tcp("10.0.0.1:1"), near));

    connector.run(() -> connector.streams.element().reset(Http2Error.INTERNAL_ERROR));

    near.inactive.get(20, TimeUnit.SECONDS);
    assertThat(near.events).containsSubsequence("active", "exception", "inactive");
  }

  @Test
  void aLostConnectionEndsItsStreamsWithAnException() throws Exception {
    var carrier =
        connected((it, stream) -> stream.accept(ScriptedConnector.ok(), ScriptedConnector.echo()));
    var near = new NearEnd();
    success(open(carrier, ConnectRequest.tcp("10.0.0.1:1"), near));

    connector.close();

    near.inactive.get(20, TimeUnit.SECONDS);
    assertThat(near.events).containsSubsequence("active", "exception", "inactive");
    assertThat(carrier.isOpen()).isFalse();
    assertThat(failure(open(carrier, ConnectRequest.tcp("10.0.0.1:1"), new NearEnd())).kind())
        .isEqualTo(StreamFailure.Kind.NOT_OPENED);
  }

  /** What came in the last read fills the window, and is handed out as the streams are closed. */
  @Test
  void aConnectionThatIsLostBehindAFullWindowEndsItsStreamsToo() throws Exception {
    var quiet = new ChannelInboundHandlerAdapter();
    var carrier = connected((it, stream) -> stream.accept(ScriptedConnector.ok(), quiet));
    var near = new NearEnd();
    success(open(carrier, ConnectRequest.tcp("10.0.0.1:1"), near));
    var connection = near.channel().parent();
    var come = new AtomicLong();
    var unfinished =
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext ctx, Object message) {
            come.addAndGet(((ByteBuf) message).readableBytes());
            ctx.fireChannelRead(message);
          }

          @Override
          public void channelReadComplete(ChannelHandlerContext ctx) {
            // Not for the multiplexer: to that it is all one read.
          }
        };
    var pipeline = connection.pipeline();
    var multiplexer = pipeline.context(Multiplexer.class).name();
    // On the loop: added by another thread it is passed over until the loop has time for it.
    connection
        .eventLoop()
        .submit(() -> pipeline.addBefore(multiplexer, null, unfinished))
        .get(20, TimeUnit.SECONDS);

    var window = new byte[Windows.STREAM_INITIAL_OCTETS];
    connector.run(
        () -> connector.streams.element().channel.writeAndFlush(Unpooled.wrappedBuffer(window)));
    until("the window is full", () -> come.get() >= window.length);
    connector.close();

    near.inactive.get(20, TimeUnit.SECONDS);
    assertThat(near.events).containsSubsequence("active", "exception", "inactive");
    assertThat(near.octets).hasValue(window.length);
  }

  // ---- refusals

  @Test
  void aRefusalHasNoReasonUnlessTheConnectorIsOurs() throws Exception {
    var carrier =
        connected(
            (it, stream) -> {
              var head = ScriptedConnector.refusal("{\"src\":\"cloudflared\"}");
              if ("10.0.0.2:2".contentEquals(stream.head.authority())) {
                head.set(ResponseHead.REASON, "connect: connection refused");
              }
              stream.end(head);
            });

    var silent = failure(open(carrier, ConnectRequest.tcp("10.0.0.1:1"), new NearEnd()));
    var ours = failure(open(carrier, ConnectRequest.tcp("10.0.0.2:2"), new NearEnd()));

    assertThat(silent.kind()).isEqualTo(StreamFailure.Kind.REFUSED);
    assertThat(silent.response().orElseThrow().error()).isEqualTo(StreamFailure.NO_REASON);
    assertThat(ours.response().orElseThrow().error()).contains("connection refused");
  }

  @Test
  void aLimitOnFlowsIsKnownAsSuch() throws Exception {
    var carrier =
        connected(
            (it, stream) ->
                stream.end(
                    ScriptedConnector.refusal(
                        "{\"src\":\"cloudflared\",\"flow_rate_limited\":true}")));

    var refused = failure(open(carrier, ConnectRequest.tcp("10.0.0.1:1"), new NearEnd()));

    assertThat(refused.response().orElseThrow().isRateLimited()).isTrue();
  }

  @Test
  void aStreamThatIsResetBeforeItsAnswerIsLostOrWasNeverOpened() throws Exception {
    var carrier =
        connected(
            (it, stream) ->
                stream.reset(
                    "10.0.0.1:1".contentEquals(stream.head.authority())
                        ? Http2Error.REFUSED_STREAM
                        : Http2Error.INTERNAL_ERROR));

    assertThat(failure(open(carrier, ConnectRequest.tcp("10.0.0.1:1"), new NearEnd())).kind())
        .isEqualTo(StreamFailure.Kind.NOT_OPENED);
    assertThat(failure(open(carrier, ConnectRequest.tcp("10.0.0.2:2"), new NearEnd())).kind())
        .isEqualTo(StreamFailure.Kind.LOST);
  }

  @Test
  void silenceEndsAtTheDeadlineAndLeavesNothing() throws Exception {
    var carrier = connected((it, stream) -> {});
    var near = new NearEnd();

    var timedOut =
        failure(
            carrier.open(
                ConnectRequest.tcp("10.0.0.1:1"),
                near,
                ticker.nowNs() + TimeUnit.MILLISECONDS.toNanos(100)));

    assertThat(timedOut.kind()).isEqualTo(StreamFailure.Kind.TIMED_OUT);
    assertThat(near.events).isEmpty();
    until("nothing is left", () -> carrier.openStreams() == 0);
  }

  // ---- HTTP

  @Test
  void aResponsesHeadersComeOutOfTheSerializedOne() throws Exception {
    var carrier =
        connected(
            (it, stream) ->
                stream.accept(
                    ScriptedConnector.ok()
                        .set("date", "the library's own")
                        .set(
                            SerializedHeaders.FIELD,
                            SerializedHeaders.write(
                                List.of(
                                    new HeaderField("X-Origin", "yes"),
                                    new HeaderField("Set-Cookie", "a=1"),
                                    new HeaderField("Set-Cookie", "b=2")))),
                    new ChannelInboundHandlerAdapter() {
                      @Override
                      public void channelActive(ChannelHandlerContext ctx) {
                        ctx.write(Unpooled.copiedBuffer("body", StandardCharsets.US_ASCII));
                        ctx.writeAndFlush(new Trailers(List.of(Map.entry("X-Sum", "4"))));
                      }
                    }));
    var messages = new Messages();
    var request =
        new ConnectRequest(
            ConnectRequest.Type.HTTP,
            "http://app.example.com/path?q=1",
            List.of(
                new Metadata(Metadata.HTTP_METHOD, "POST"),
                new Metadata(Metadata.HTTP_HOST, "app.example.com"),
                Metadata.header("X-Test", "1"),
                Metadata.header("Connection", "keep-alive"),
                Metadata.header("Cf-Cloudflared-Proxy-Src", "injected")));

    var exchange = carrier.exchange(request, messages);
    assertThat(exchange.await(20, TimeUnit.SECONDS)).isTrue();
    exchange.getNow().writeAndFlush(LastOctets.none());
    messages.inactive.get(20, TimeUnit.SECONDS);

    var head = connector.streams.element().head;
    assertThat(head.method()).hasToString("POST");
    assertThat(head.path()).hasToString("/path?q=1");
    assertThat(head.authority()).hasToString("app.example.com");
    assertThat(ScriptedConnector.string(head, "x-test")).isEqualTo("1");
    assertThat(head.contains("connection")).as("answered with 400").isFalse();
    assertThat(head.contains(RequestHead.SOURCE)).as("would make it a TCP stream").isFalse();
    var response = (ConnectResponse) messages.seen.get(0);
    assertThat(response.httpStatus()).hasValue(200);
    assertThat(response.headers())
        .containsExactly(
            new HeaderField("X-Origin", "yes"),
            new HeaderField("Set-Cookie", "a=1"),
            new HeaderField("Set-Cookie", "b=2"));
    assertThat(messages.text).isEqualTo("body");
    assertThat(messages.seen).contains(new Trailers(List.of(Map.entry("x-sum", "4"))));
  }

  @Test
  void aConfigurationIsPushedAndItsAnswerRead() throws Exception {
    var carrier =
        connected(
            (it, stream) ->
                stream.accept(
                    new DefaultHttp2Headers().status("200"),
                    new ChannelInboundHandlerAdapter() {
                      private String body = "";

                      @Override
                      public void channelRead(ChannelHandlerContext ctx, Object message) {
                        body += ((ByteBuf) message).toString(StandardCharsets.UTF_8);
                        ((ByteBuf) message).release();
                      }

                      @Override
                      public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                        var answer =
                            body.equals("{\"version\":7,\"config\":{\"ingress\":[]}}")
                                ? "{\"lastAppliedVersion\":7,\"err\":null}"
                                : "{\"lastAppliedVersion\":-1,\"err\":{}}";
                        ctx.write(Unpooled.copiedBuffer(answer, StandardCharsets.UTF_8));
                        ctx.close();
                      }
                    }));
    var deadline = ticker.nowNs() + PATIENCE_NS;

    var taken = carrier.updateConfiguration(7, utf8("{\"ingress\":[]}"), deadline);
    var refused = carrier.updateConfiguration(8, utf8("{\"rules\":[]}"), deadline);

    assertThat(taken.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(taken.getNow().lastAppliedVersion()).isEqualTo(7);
    assertThat(taken.getNow().error()).isEmpty();
    assertThat(refused.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(refused.getNow().lastAppliedVersion()).isEqualTo(-1);
    assertThat(refused.getNow().error()).isPresent();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // ---- many

  @Test
  void shortExchangesDoNotHang() throws Exception {
    var carrier =
        connected((it, stream) -> stream.accept(ScriptedConnector.ok(), ScriptedConnector.echo()));
    for (var round = 0; round < 100; round++) {
      var ends = new ArrayList<NearEnd>();
      for (var i = 0; i < 20; i++) {
        var near = new NearEnd();
        ends.add(near);
        open(carrier, ConnectRequest.tcp("10.0.0.1:1"), near)
            .addListener(
                (Future<OpenStream> done) -> {
                  done.getNow().channel().writeAndFlush(Unpooled.wrappedBuffer(new byte[10]));
                });
      }
      for (var near : ends) {
        until("the echo comes", () -> near.octets.get() == 10);
        near.channel().close();
      }
    }
    until("nothing is left", () -> carrier.openStreams() == 0);
  }

  // ---- steps

  private Future<OpenStream> open(
      EdgeCarrier carrier, ConnectRequest request, io.netty.channel.ChannelHandler handler) {
    return carrier.open(request, handler, ticker.nowNs() + PATIENCE_NS);
  }

  private static OpenStream success(Future<OpenStream> opening) throws InterruptedException {
    assertThat(opening.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(opening.cause()).isNull();
    return opening.getNow();
  }

  private static StreamFailure failure(Future<OpenStream> opening) throws InterruptedException {
    assertThat(opening.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(opening.cause()).isInstanceOf(StreamFailure.class);
    return (StreamFailure) opening.cause();
  }

  private void until(String what, BooleanSupplier condition) {
    var deadline = ticker.nowNs() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      assertThat(ticker.nowNs() - deadline).as("not within 20 s: " + what).isNegative();
      LockSupport.parkNanos(500_000);
    }
  }
}
