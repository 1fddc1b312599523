package io.vpc4j.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.Request;
import io.vpc4j.Response;
import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.exchange.Protocols;
import io.vpc4j.core.fetch.exchange.TlsLayer;
import io.vpc4j.core.fetch.http2.NettyHttp2;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** A test of an engine that speaks HTTP/2 with {@link Http2Wire}; no buffer may be left over. */
abstract class Http2EngineTest extends EngineTest {

  /** What one connection does once the prefaces are exchanged. */
  interface Script {
    void run(Http2Wire wire) throws Exception;
  }

  private final List<ScriptedPeer> peers = new ArrayList<>();
  private final AtomicInteger scriptsDone = new AtomicInteger();

  Http2EngineTest() {
    this(Engines.plainOnly().tls());
  }

  Http2EngineTest(TlsLayer tls) {
    super(
        new Protocols(
            tls,
            new NettyHttp2(),
            Engines.plainOnly().webSockets(),
            Engines.plainOnly().decoders()));
  }

  /** Every script came to its end as it should, and every buffer to its own. */
  @AfterEach
  @Override
  void close() {
    for (var peer : peers) {
      assertThat(peer.failures).as("what the peer ran into").isEmpty();
    }
    super.close();
    var lent = engines.transport.allocator.metric();
    Engines.until(
        "every buffer is released: " + lent,
        () -> lent.usedDirectMemory() == 0 && lent.usedHeapMemory() == 0);
  }

  /** A peer whose scripts must not fail. */
  ScriptedPeer watched(ScriptedPeer peer) {
    peers.add(peer);
    return peer;
  }

  /** Exchanges prefaces, sends {@code settings}, runs {@code script}, and waits for the end. */
  ScriptedPeer peer(Script script, int... settings) throws Exception {
    return watched(
        new ScriptedPeer(
            with -> {
              var wire = Http2Wire.accept(with, settings);
              script.run(wire);
              scriptsDone.incrementAndGet();
              wire.untilEnd();
            }));
  }

  /** The same, and {@code settings} are in force: the connection has served one request. */
  ScriptedPeer settledPeer(Script script, int... settings) throws Exception {
    var peer =
        peer(
            wire -> {
              wire.answer(wire.request().stream(), "");
              script.run(wire);
            },
            settings);
    assertThat(textOf(start(get(peer, "/settled")))).isEmpty();
    return peer;
  }

  /** The same without a word of its own, and the connection is closed at the script's end. */
  ScriptedPeer barePeer(ScriptedPeer.Script script) throws Exception {
    return watched(new ScriptedPeer(script));
  }

  /** So many scripts have run to their end: what they assert holds. */
  void untilDone(int scripts) {
    Engines.until(
        "the peer has seen all it should",
        () ->
            scriptsDone.get() == scripts
                || peers.stream().anyMatch(peer -> !peer.failures.isEmpty()));
  }

  static Request.Builder to(ScriptedPeer peer, String path) {
    return Request.builder(peer.url(path)).http(Request.Http.HTTP_2);
  }

  static Request get(ScriptedPeer peer, String path) {
    return to(peer, path).build();
  }

  static Request post(ScriptedPeer peer, String path, Body body) {
    return to(peer, path).post(body).build();
  }

  CompletableFuture<Response> start(Request request) {
    return engines.engine.fetchAsync(request);
  }

  static Response head(CompletableFuture<Response> begun) throws Exception {
    return begun.get(20, TimeUnit.SECONDS);
  }

  static String textOf(CompletableFuture<Response> begun) throws Exception {
    try (var response = head(begun)) {
      return response.textAsync().get(20, TimeUnit.SECONDS);
    }
  }

  /** What a fetch fails with, before its head or in its body; or a read of it. */
  static VpcException failureOf(CompletableFuture<?> begun) {
    var failure =
        catchThrowableOfType(
            ExecutionException.class,
            () -> {
              if (begun.get(20, TimeUnit.SECONDS) instanceof Response response) {
                textOf(CompletableFuture.completedFuture(response));
              }
            });
    assertThat(failure).as("a failure").isNotNull();
    assertThat(failure.getCause()).isInstanceOf(VpcException.class);
    return (VpcException) failure.getCause();
  }

  static void failsWith(ErrorCode code, CompletableFuture<?> begun) {
    var failure = failureOf(begun);
    assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
  }

  /** Lets the time-outs of {@code millis} pass until {@code begun} is over. */
  void until(CompletableFuture<?> begun, long millis) {
    Engines.until(
        "late",
        () -> {
          engines.advance(millis + 1); // again, if the loop began to count after the first advance
          return begun.isDone();
        });
  }

  static void await(CountDownLatch latch) throws InterruptedException {
    assertThat(latch.await(20, TimeUnit.SECONDS)).as("not within 20 s").isTrue();
  }

  /** Octets that show where one is missing or moved. */
  static byte[] octets(int size) {
    var octets = new byte[size];
    for (var i = 0; i < size; i++) {
      octets[i] = (byte) ((i * 31) ^ (i >> 8) ^ (i >> 16));
    }
    return octets;
  }
}
