package io.vpc4j.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.Limits;
import io.vpc4j.Response;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How streams and connections end before their time, and who sends again. RFC 9113 6.4, 6.8, 8.7
 */
class Http2EndsTest extends Http2EngineTest {

  // ---- resets and GOAWAY

  @Test
  void whatWasRefusedIsSentAgainWhateverItIs() throws Exception {
    try (var peer =
        barePeer(
            with -> {
              var wire = Http2Wire.accept(with);
              if (with.number == 1) {
                wire.reset(wire.request().stream(), Http2Wire.REFUSED_STREAM);
              }
              var asked = wire.request(); // on whichever connection has room first
              assertThat(asked.field(":method")).isEqualTo("POST");
              assertThat(wire.body(asked.stream())).isEqualTo(octets(5_000));
              wire.answer(asked.stream(), "second");
              wire.untilEnd();
            })) {
      assertThat(text(post(peer, "/", Body.of(octets(5_000))))).isEqualTo("second");
      assertThat(engines.engine.stats().retries()).isEqualTo(1);
    }
  }

  @Test
  void aBodyThatCannotBeReadTwiceIsNotSentAgain() throws Exception {
    try (var peer = peer(wire -> wire.reset(wire.request().stream(), Http2Wire.REFUSED_STREAM))) {
      var once = Body.of(new ByteArrayInputStream(octets(10)));
      failsWith(ErrorCode.CONNECTION_TERMINATED, start(post(peer, "/", once)));
      assertThat(peer.accepted).hasValue(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 11, 0x4242})
  void aResetIsTheEndOfItsStreamAlone(int code) throws Exception {
    try (var peer =
        peer(
            wire -> {
              var before = wire.request();
              wire.reset(before.stream(), code);
              var within = wire.request();
              wire.head(within.stream(), Http2Wire.NONE, ":status", "200");
              wire.data(within.stream(), Http2Wire.NONE, "half");
              wire.reset(within.stream(), code);
              wire.answer(wire.request().stream(), "alive");
            })) {
      failsWith(ErrorCode.CONNECTION_TERMINATED, start(get(peer, "/before")));
      failsWith(ErrorCode.HTTP_RESPONSE_INCOMPLETE, start(get(peer, "/within")));
      assertThat(text(get(peer, "/"))).isEqualTo("alive");
      assertThat(peer.accepted).hasValue(1);
    }
  }

  @Test
  void aGoAwayLetsTheStreamsBelowEndAndMovesTheOthers() throws Exception {
    var second = new CountDownLatch(1);
    try (var peer =
        barePeer(
            with -> {
              var wire = Http2Wire.accept(with);
              if (with.number == 1) {
                var low = wire.request();
                var high = wire.request();
                var higher = wire.request();
                assertThat(high.field(":method")).isEqualTo("POST");
                wire.head(low.stream(), Http2Wire.NONE, ":status", "200");
                wire.goAway(low.stream(), Http2Wire.NO_ERROR);
                await(second); // the others are served meanwhile
                wire.data(low.stream(), Http2Wire.END_STREAM, low.path());
                wire.untilEnd(); // and it closes
                assertThat(higher.path()).isEqualTo("/higher");
              } else {
                for (var i = 0; i < 3; i++) {
                  var asked = wire.request();
                  wire.answer(asked.stream(), asked.path());
                }
                second.countDown();
                wire.untilEnd();
              }
            })) {
      var low = start(get(peer, "/low"));
      Engines.until("one", () -> engines.engine.stats().pool().exchanges() == 1);
      var high = start(post(peer, "/high", Body.of("x")));
      Engines.until("two", () -> engines.engine.stats().pool().exchanges() == 2);
      var higher = start(get(peer, "/higher"));
      assertThat(textOf(high)).isEqualTo("/high");
      assertThat(textOf(higher)).isEqualTo("/higher");
      assertThat(text(get(peer, "/new"))).isEqualTo("/new");
      assertThat(textOf(low)).isEqualTo("/low");
      assertThat(peer.accepted).hasValue(2);
      Engines.until("the first is closed", () -> engines.transport.channels.size() == 1);
    }
  }

  @Test
  void aGoAwayInTwoStepsIsObeyedTwice() throws Exception {
    try (var peer =
        barePeer(
            with -> {
              var wire = Http2Wire.accept(with);
              if (with.number == 1) {
                var one = wire.request();
                var two = wire.request();
                wire.goAway(Integer.MAX_VALUE, Http2Wire.NO_ERROR);
                wire.goAway(one.stream(), Http2Wire.NO_ERROR);
                assertThat(two.stream()).isGreaterThan(one.stream());
                wire.answer(one.stream(), "first");
              } else {
                wire.answer(wire.request().stream(), "second");
              }
              wire.untilEnd();
            })) {
      var one = start(get(peer, "/1"));
      Engines.until("one", () -> engines.engine.stats().pool().exchanges() == 1);
      var two = start(get(peer, "/2"));
      assertThat(textOf(one)).isEqualTo("first");
      assertThat(textOf(two)).isEqualTo("second");
    }
  }

  // ---- the connection is lost

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLostConnectionEndsEveryStreamAsItStood(boolean reset) throws Exception {
    try (var peer =
        barePeer(
            with -> {
              var wire = Http2Wire.accept(with);
              var within = wire.request();
              wire.request();
              wire.head(within.stream(), Http2Wire.NONE, ":status", "200");
              wire.data(within.stream(), Http2Wire.NONE, "half");
              wire.send(Http2Wire.PING, Http2Wire.NONE, 0, new byte[8]);
              while (wire.pongs.isEmpty()) {
                wire.nextOfConnection();
              }
              if (reset) {
                with.reset();
              }
            })) {
      var within = start(get(peer, "/within"));
      Engines.until("one", () -> engines.engine.stats().pool().exchanges() == 1);
      var before = start(get(peer, "/before"));
      failsWith(ErrorCode.CONNECTION_TERMINATED, before);
      failsWith(ErrorCode.HTTP_RESPONSE_INCOMPLETE, within);
      engines.untilNothingIsLeft();
      assertThat(peer.accepted).hasValue(1);
    }
  }

  /** What its writes run into is the loss, and no breach of the protocol. */
  @Test
  void aConnectionThatIsResetUnderAnUploadIsTerminated() throws Exception {
    try (var peer =
        barePeer(
            with -> {
              var wire = Http2Wire.accept(with, Http2Wire.INITIAL_WINDOW_SIZE, 1 << 30);
              wire.window(0, 1 << 30);
              wire.await(Http2Wire.DATA, wire.request().stream());
              with.reset();
            })) {
      for (var i = 0; i < 5; i++) { // it may be noticed by a read or by a write
        failsWith(ErrorCode.CONNECTION_TERMINATED, start(post(peer, "/", Body.of(new Endless()))));
      }
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void anIdempotentRequestOnAStaleConnectionIsSentAgainAndNoOther() throws Exception {
    try (var peer =
        barePeer(
            with -> {
              var wire = Http2Wire.accept(with);
              wire.answer(wire.request().stream(), "first");
              var second = wire.request();
              if (with.number > 1) {
                wire.answer(second.stream(), "unexpected");
              } // else it is closed, as if it had been idle for too long
            })) {
      assertThat(text(get(peer, "/"))).isEqualTo("first");
      assertThat(text(to(peer, "/").method("DELETE").build())).isEqualTo("first");
      assertThat(peer.accepted).hasValue(2);
      assertThat(engines.engine.stats().retries()).isEqualTo(1);
    }
    engines.untilNothingIsLeft();
    try (var peer =
        barePeer(
            with -> {
              var wire = Http2Wire.accept(with);
              wire.answer(wire.request().stream(), "first");
              wire.request();
            })) {
      assertThat(text(get(peer, "/"))).isEqualTo("first");
      failsWith(ErrorCode.CONNECTION_TERMINATED, start(post(peer, "/", Body.of("x"))));
      assertThat(peer.accepted).hasValue(1);
    }
  }

  // ---- cancelling

  /** What is on its way then is thrown away, without a word: RFC 9113 5.1. */
  @Test
  void closingAResponseEarlyResetsItsStreamOnceAndNoOther() throws Exception {
    var closed = new CountDownLatch(1);
    try (var peer =
        peer(
            wire -> {
              var download = wire.request();
              wire.head(download.stream(), Http2Wire.NONE, ":status", "200");
              wire.data(download.stream(), Http2Wire.NONE, octets(10_000));
              assertThat(wire.resetOf(download.stream())).isEqualTo(Http2Wire.CANCEL);
              for (var i = 0; i < 10; i++) { // as if they had crossed
                wire.data(download.stream(), Http2Wire.NONE, octets(10_000));
              }
              wire.head(download.stream(), Http2Wire.END_STREAM, "x-sum", "1");
              var next = wire.request();
              wire.answer(next.stream(), "alive");
              assertThat(wire.passed).noneMatch(frame -> frame.type() == Http2Wire.RST_STREAM);
              closed.countDown();
            })) {
      var response = head(start(get(peer, "/")));
      assertThat(response.inputStream().readNBytes(5_000)).hasSize(5_000);
      response.close();
      Engines.until("over", () -> engines.engine.stats().pool().exchanges() == 0);
      assertThat(text(get(peer, "/"))).isEqualTo("alive");
      await(closed);
      assertThat(peer.accepted).hasValue(1);
    }
  }

  @Test
  void cancellingBeforeTheHeadResetsItsStreamAndNoOther() throws Exception {
    var asked = new CountDownLatch(1);
    try (var peer =
        peer(
            wire -> {
              var first = wire.request();
              asked.countDown();
              assertThat(wire.resetOf(first.stream())).isEqualTo(Http2Wire.CANCEL);
              wire.answer(first.stream(), "crossed");
              wire.answer(wire.request().stream(), "alive");
            })) {
      var begun = start(get(peer, "/"));
      await(asked);
      begun.cancel(true);
      Engines.until("over", () -> engines.engine.stats().pool().exchanges() == 0);
      assertThat(text(get(peer, "/"))).isEqualTo("alive");
      assertThat(peer.accepted).hasValue(1);
    }
  }

  // ---- time

  @Test
  void aSilentPeerIsAReadTimeoutOrTheDeadline() throws Exception {
    for (var deadline : new boolean[] {false, true}) {
      var asked = new CountDownLatch(1);
      try (var peer =
          peer(
              wire -> {
                var first = wire.request();
                asked.countDown();
                assertThat(wire.resetOf(first.stream())).isEqualTo(Http2Wire.CANCEL);
              })) {
        var request = to(peer, "/");
        if (deadline) {
          request.deadline(Duration.ofSeconds(20));
        }
        var begun = start(request.build());
        await(asked);
        engines.advance(19_000);
        assertThat(begun).isNotDone();
        until(begun, deadline ? 1_000 : 60_000);
        failsWith(deadline ? ErrorCode.REQUEST_TIMEOUT : ErrorCode.CONNECTION_READ_TIMEOUT, begun);
        untilDone(deadline ? 2 : 1); // before the peer is closed, which may not have read it yet
      }
    }
  }

  @Test
  void aBodyThatStopsIsAReadTimeout() throws Exception {
    try (var peer =
        peer(
            wire -> {
              var first = wire.request();
              wire.head(first.stream(), Http2Wire.NONE, ":status", "200");
              wire.data(first.stream(), Http2Wire.NONE, "half");
              assertThat(wire.resetOf(first.stream())).isEqualTo(Http2Wire.CANCEL);
            })) {
      try (var response = head(start(get(peer, "/")))) {
        var body = response.bytesAsync();
        until(body, 60_000);
        failsWith(ErrorCode.CONNECTION_READ_TIMEOUT, body);
      }
      untilDone(1);
    }
  }

  // ---- a reader that stalls

  /**
   * It holds one window, and no neighbour up; and the far end, which may not send, is not late. A
   * reader that has taken less than half of the window has not opened it either.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 20_000})
  void aStalledReaderHoldsOneWindowAndIsNotLate(int taken) throws Exception {
    var window = 65_536;
    engines.limits =
        Limits.defaults().toBuilder()
            .readWindowOctets(window)
            .idleTimeout(Duration.ofHours(12))
            .maxConnectionAge(Duration.ofHours(12))
            .build();
    var filled = new CountDownLatch(1);
    var body = octets(window + 50_000);
    try (var peer =
        peer(
            wire -> {
              var stalled = wire.request();
              wire.head(stalled.stream(), Http2Wire.NONE, ":status", "200");
              for (var at = 0; at < window; at += 8_192) {
                wire.data(
                    stalled.stream(),
                    Http2Wire.NONE,
                    java.util.Arrays.copyOfRange(body, at, at + 8_192));
              }
              assertThat(wire.room(stalled.stream())).isZero();
              filled.countDown();
              for (var i = 0; i < 20; i++) { // far more than a window by way of a neighbour
                var neighbour = wire.request();
                wire.head(neighbour.stream(), Http2Wire.NONE, ":status", "200");
                wire.pour(neighbour.stream(), octets(50_000));
              }
              assertThat(wire.room(stalled.stream())).as("no octet more").isZero();
              var silent = wire.request();
              assertThat(wire.resetOf(silent.stream())).isEqualTo(Http2Wire.CANCEL);
              assertThat(wire.passed).as("nobody reset the stalled one").isEmpty();
              wire.pour(stalled.stream(), java.util.Arrays.copyOfRange(body, window, body.length));
            })) {
      try (var stalled = head(start(get(peer, "/stalled")))) {
        await(filled);
        var stream = stalled.inputStream();
        assertThat(stream.readNBytes(taken)).hasSize(taken);
        for (var i = 0; i < 20; i++) {
          try (var response = head(start(get(peer, "/neighbour")))) {
            assertThat(response.bytesAsync().get(30, TimeUnit.SECONDS)).isEqualTo(octets(50_000));
          }
        }
        var silent = start(get(peer, "/silent"));
        Engines.until("begun", () -> engines.engine.stats().pool().exchanges() == 2);
        until(silent, 60_000); // the same pass looks at both
        failsWith(ErrorCode.CONNECTION_READ_TIMEOUT, silent);
        var rest = stream.readAllBytes();
        assertThat(rest).isEqualTo(java.util.Arrays.copyOfRange(body, taken, body.length));
      }
      untilDone(1);
    }
  }

  @Test
  void whoSendsMoreThanTheWindowIsReset() throws Exception {
    engines.limits = Limits.defaults().toBuilder().readWindowOctets(65_536).build();
    try (var peer =
        peer(
            wire -> {
              var greedy = wire.request();
              wire.head(greedy.stream(), Http2Wire.NONE, ":status", "200");
              for (var sent = 0; sent <= 65_536; sent += 16_384) {
                wire.data(greedy.stream(), Http2Wire.NONE, octets(16_384));
              }
              assertThat(wire.resetOf(greedy.stream())).isEqualTo(Http2Wire.FLOW_CONTROL_ERROR);
            })) {
      try (var response = head(start(get(peer, "/")))) {
        untilDone(1); // nobody reads
        failsWith(ErrorCode.HTTP_PROTOCOL_ERROR, CompletableFuture.completedFuture(response));
      }
    }
  }

  @Test
  void manyStalledReadersHoldAWindowEach() throws Exception {
    var count = 60;
    engines.limits = Limits.defaults().toBuilder().readWindowOctets(16_384).build();
    try (var peer =
        peer(
            wire -> {
              for (var i = 0; i < count; i++) {
                var asked = wire.request();
                wire.head(asked.stream(), Http2Wire.NONE, ":status", "200");
                wire.data(asked.stream(), Http2Wire.NONE, octets(16_384));
              }
            })) {
      var begun = new ArrayList<CompletableFuture<Response>>();
      for (var i = 0; i < count; i++) {
        begun.add(start(get(peer, "/")));
      }
      for (var one : begun) {
        head(one);
      }
      untilDone(1);
      var held = engines.transport.allocator.metric().usedDirectMemory();
      assertThat(held).isBetween(1L, 16L * 1024 * 1024); // 1 MiB of body, and what carried it
      for (var one : begun) {
        head(one).close();
      }
    }
  }
}
