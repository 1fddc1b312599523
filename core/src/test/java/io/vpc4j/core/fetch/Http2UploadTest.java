package io.vpc4j.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.Limits;
import io.vpc4j.Request;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies of requests over HTTP/2, against peers with windows of every kind. RFC 9113 5.2, 6.9 */
class Http2UploadTest extends Http2EngineTest {

  private static final int SIZE = 4 * 1024 * 1024;
  private static final byte[] OCTETS = octets(SIZE);

  @TempDir static Path folder;

  enum Kind {
    BYTES,
    STREAM,
    STREAM_OF_LENGTH,
    FILE,
    PUBLISHER,
    PUBLISHER_OF_LENGTH;

    Body of(byte[] octets) throws Exception {
      return switch (this) {
        case BYTES -> Body.of(octets);
        case STREAM -> Body.of(new ByteArrayInputStream(octets));
        case STREAM_OF_LENGTH -> Body.of(new ByteArrayInputStream(octets), octets.length);
        case FILE -> Body.of(Files.write(folder.resolve("body"), octets));
        case PUBLISHER -> Body.of(new Pieces(octets));
        case PUBLISHER_OF_LENGTH -> Body.of(new Pieces(octets), octets.length);
      };
    }

    boolean tellsItsLength() {
      return this != STREAM && this != PUBLISHER;
    }
  }

  // ---- it arrives

  /** The far end has nothing to say while it reads, which no frame of its own may be needed for. */
  @ParameterizedTest
  @EnumSource
  void aPeerThatSaysNothingUntilTheEndGetsAllOfIt(Kind kind) throws Exception {
    try (var peer =
        settledPeer(
            wire -> {
              wire.window(0, Http2Wire.MAX_WINDOW - Http2Wire.FIRST_WINDOW);
              var asked = wire.request();
              assertThat(asked.field("content-length"))
                  .isEqualTo(kind.tellsItsLength() ? "" + SIZE : null);
              assertThat(wire.body(asked.stream())).isEqualTo(OCTETS);
              wire.answer(asked.stream(), "got it");
            },
            Http2Wire.INITIAL_WINDOW_SIZE,
            Http2Wire.MAX_WINDOW)) {
      assertThat(textOf(start(post(peer, "/", kind.of(OCTETS))))).isEqualTo("got it");
      untilDone(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPeerThatGrantsLateAndInOddPortionsGetsAllOfIt(Kind kind) throws Exception {
    try (var peer =
        settledPeer(
            wire -> {
              var random = new Random(kind.name().hashCode());
              var asked = wire.request();
              var body = new ByteArrayOutputStream();
              long ofConnection = Http2Wire.FIRST_WINDOW;
              long ofStream = 777;
              for (var ended = false; !ended; ) {
                if (ofConnection == 0 || ofStream == 0) { // it can send no more: now it may
                  var more = 1 + random.nextInt(200_000);
                  if (ofConnection == 0) {
                    wire.window(0, more);
                    ofConnection += more;
                  }
                  if (ofStream == 0) {
                    more = 1 + random.nextInt(200_000);
                    wire.window(asked.stream(), more);
                    ofStream += more;
                  }
                }
                var frame = wire.next();
                assertThat(frame.type()).isEqualTo(Http2Wire.DATA);
                assertThat(frame.payload().length).isLessThanOrEqualTo(16_384);
                body.writeBytes(frame.payload());
                ofConnection -= frame.payload().length;
                ofStream -= frame.payload().length;
                assertThat(Math.min(ofConnection, ofStream)).isNotNegative();
                ended = frame.ends();
              }
              assertThat(body.toByteArray()).isEqualTo(OCTETS);
              wire.answer(asked.stream(), "got it");
            },
            Http2Wire.INITIAL_WINDOW_SIZE,
            777)) {
      assertThat(textOf(start(post(peer, "/", kind.of(OCTETS))))).isEqualTo("got it");
      untilDone(1);
    }
  }

  @Test
  void manyUploadsShareAConnectionsWindow() throws Exception {
    var count = 10;
    var body = octets(200_000);
    try (var peer =
        peer(
            wire -> {
              var streams = new java.util.HashMap<Integer, ByteArrayOutputStream>();
              var ended = 0;
              while (ended < count) {
                var frame = wire.next();
                if (frame.type() == Http2Wire.HEADERS) {
                  streams.put(frame.stream(), new ByteArrayOutputStream());
                } else {
                  streams.get(frame.stream()).writeBytes(frame.payload());
                  if (frame.payload().length > 0) {
                    wire.window(0, frame.payload().length);
                    wire.window(frame.stream(), frame.payload().length);
                  }
                }
                if (frame.ends()) {
                  ended++;
                  assertThat(streams.get(frame.stream()).toByteArray()).isEqualTo(body);
                  wire.answer(frame.stream(), "got it");
                }
              }
            })) {
      var begun = new java.util.ArrayList<java.util.concurrent.CompletableFuture<?>>();
      for (var i = 0; i < count; i++) {
        begun.add(
            start(post(peer, "/", Body.of(body)))
                .thenApply(
                    r -> {
                      r.close();
                      return r;
                    }));
      }
      for (var one : begun) {
        one.get(10, java.util.concurrent.TimeUnit.SECONDS);
      }
      assertThat(peer.accepted).hasValue(1);
      untilDone(1);
    }
  }

  @Test
  void anEmptyBodyEndsItsStream() throws Exception {
    try (var peer =
        peer(
            wire -> {
              for (var i = 0; i < 3; i++) {
                var asked = wire.request();
                assertThat(asked.field("content-length"))
                    .isEqualTo(asked.path().equals("/unknown") ? null : "0");
                if (!asked.ends()) {
                  assertThat(wire.body(asked.stream())).isEmpty();
                }
                wire.answer(asked.stream(), "");
              }
            })) {
      text(post(peer, "/", Body.of("")));
      text(to(peer, "/").method("POST").build());
      text(post(peer, "/unknown", Body.of(new ByteArrayInputStream(new byte[0]))));
      untilDone(1);
    }
  }

  @Test
  void aWindowThatShrinksBelowZeroHoldsTheBodyUntilItIsPaidBack() throws Exception {
    try (var peer =
        settledPeer(
            wire -> {
              var asked = wire.request();
              var body = new ByteArrayOutputStream();
              while (body.size() < 50_000) { // the first window
                body.writeBytes(wire.await(Http2Wire.DATA, asked.stream()).payload());
              }
              assertThat(body.size()).isEqualTo(50_000);
              wire.settings(Http2Wire.INITIAL_WINDOW_SIZE, 10_000); // it is at -40,000 now
              while (wire.settingsAcknowledged < 2) {
                wire.nextOfConnection();
              }
              wire.window(asked.stream(), 40_000); // and at 0
              wire.send(Http2Wire.PING, Http2Wire.NONE, 0, new byte[8]);
              while (wire.pongs.isEmpty()) {
                wire.nextOfConnection(); // no DATA in between
              }
              wire.settings(Http2Wire.INITIAL_WINDOW_SIZE, 15_000);
              while (body.size() < 55_000) {
                body.writeBytes(wire.await(Http2Wire.DATA, asked.stream()).payload());
              }
              assertThat(body.size()).isEqualTo(55_000);
              wire.settings(Http2Wire.INITIAL_WINDOW_SIZE, Http2Wire.MAX_WINDOW);
              wire.window(0, 1_000_000);
              body.writeBytes(wire.body(asked.stream()));
              assertThat(body.toByteArray()).isEqualTo(octets(200_000));
              wire.answer(asked.stream(), "got it");
            },
            Http2Wire.INITIAL_WINDOW_SIZE,
            50_000)) {
      assertThat(textOf(start(post(peer, "/", Body.of(octets(200_000)))))).isEqualTo("got it");
      untilDone(1);
    }
  }

  @Test
  void aWindowOverTheLargestIsTheEndOfItsStream() throws Exception {
    try (var peer =
        peer(
            wire -> {
              var asked = wire.request();
              wire.window(asked.stream(), Http2Wire.MAX_WINDOW);
              wire.window(asked.stream(), Http2Wire.MAX_WINDOW); // RFC 9113 6.9.1
              assertThat(wire.resetOf(asked.stream())).isEqualTo(Http2Wire.FLOW_CONTROL_ERROR);
              wire.answer(wire.request().stream(), "alive");
            })) {
      failsWith(ErrorCode.HTTP_PROTOCOL_ERROR, start(post(peer, "/", Body.of(new Endless()))));
      assertThat(text(get(peer, "/"))).isEqualTo("alive");
      untilDone(1);
    }
  }

  // ---- it does not arrive

  /** What is reset fails with the reason, and not with what the reset did to the queued frames. */
  @ParameterizedTest
  @EnumSource
  void aPeerThatGrantsNothingIsAWriteTimeout(Kind kind) throws Exception {
    engines.limits =
        Limits.defaults().toBuilder()
            .idleTimeout(Duration.ofHours(12))
            .maxConnectionAge(Duration.ofHours(12))
            .build();
    for (var window : new int[] {0, 10}) {
      var asked = new CountDownLatch(1);
      try (var peer =
          settledPeer(
              wire -> {
                var upload = wire.request();
                if (window > 0) {
                  wire.await(Http2Wire.DATA, upload.stream());
                }
                asked.countDown();
                assertThat(wire.resetOf(upload.stream())).isEqualTo(Http2Wire.CANCEL);
                wire.answer(wire.request().stream(), "alive");
              },
              Http2Wire.INITIAL_WINDOW_SIZE,
              window)) {
        var begun = start(post(peer, "/", kind.of(octets(150_000))));
        await(asked);
        until(begun, 60_000);
        failsWith(ErrorCode.CONNECTION_WRITE_TIMEOUT, begun);
        assertThat(text(get(peer, "/"))).isEqualTo("alive");
        assertThat(peer.accepted).hasValue(1);
      }
    }
    untilDone(2);
  }

  /** All of it is handed to the connection at once, and still none of it may leave. */
  @Test
  void aSmallBodyThatFindsNoWindowIsAWriteTimeoutToo() throws Exception {
    var asked = new CountDownLatch(1);
    try (var peer =
        settledPeer(
            wire -> {
              var upload = wire.request();
              assertThat(wire.await(Http2Wire.DATA, upload.stream()).payload()).hasSize(3);
              asked.countDown();
              assertThat(wire.resetOf(upload.stream())).isEqualTo(Http2Wire.CANCEL);
            },
            Http2Wire.INITIAL_WINDOW_SIZE,
            3)) {
      var begun = start(post(peer, "/", Body.of("small")));
      await(asked);
      until(begun, 60_000);
      failsWith(ErrorCode.CONNECTION_WRITE_TIMEOUT, begun);
      untilDone(1);
    }
  }

  /** Each grant is progress, however long a piece takes at that rate. */
  @Test
  void aPeerThatGrantsALittleAtATimeIsNotLate() throws Exception {
    var seen = new AtomicLong();
    var grants = new java.util.concurrent.Semaphore(0);
    try (var peer =
        settledPeer(
            wire -> {
              var asked = wire.request();
              for (var i = 0; i < 10; i++) {
                assertThat(grants.tryAcquire(10, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
                wire.window(asked.stream(), 100);
                seen.addAndGet(wire.await(Http2Wire.DATA, asked.stream()).payload().length);
              }
              wire.window(asked.stream(), 1_000_000);
              wire.window(0, 1_000_000);
              assertThat(wire.body(asked.stream())).hasSize(99_000);
              wire.answer(asked.stream(), "got it");
            },
            Http2Wire.INITIAL_WINDOW_SIZE,
            0)) {
      var begun = start(post(peer, "/", Body.of(octets(100_000))));
      for (var i = 1; i <= 10; i++) {
        var octets = 100L * i;
        grants.release();
        Engines.until("granted", () -> seen.get() == octets);
        engines.advance(40_000);
      }
      assertThat(textOf(begun)).isEqualTo("got it");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"STREAM_OF_LENGTH", "PUBLISHER_OF_LENGTH"})
  void aBodyOfAnotherLengthThanItWasGivenIsTheRequestsError(Kind kind) throws Exception {
    for (var length : new long[] {99_999, 100_001}) {
      try (var peer =
          settledPeer(
              wire -> {
                var asked = wire.request();
                assertThat(asked.field("content-length")).isEqualTo("" + length);
                assertThat(wire.resetOf(asked.stream())).isEqualTo(Http2Wire.CANCEL);
                var sent = wire.passed.stream().mapToLong(frame -> frame.payload().length).sum();
                assertThat(sent).isLessThanOrEqualTo(length);
                wire.answer(wire.request().stream(), "alive");
              },
              Http2Wire.INITIAL_WINDOW_SIZE,
              1_000_000)) {
        var body =
            kind == Kind.STREAM_OF_LENGTH
                ? Body.of(new ByteArrayInputStream(octets(100_000)), length)
                : Body.of(new Pieces(octets(100_000)), length);
        failsWith(ErrorCode.HTTP_REQUEST_ERROR, start(post(peer, "/", body)));
        assertThat(text(get(peer, "/"))).isEqualTo("alive");
      }
    }
    untilDone(2);
  }

  @Test
  void aStreamThatCannotBeReadIsTheRequestsError() throws Exception {
    var broken =
        new InputStream() {
          private int left = 10;

          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] into, int offset, int length) {
            if (left-- == 0) {
              throw new IllegalStateException("the disk is gone");
            }
            return length; // of zeros
          }
        };
    try (var peer =
        settledPeer(
            wire -> {
              wire.window(0, 10_000_000);
              assertThat(wire.resetOf(wire.request().stream())).isEqualTo(Http2Wire.CANCEL);
              wire.answer(wire.request().stream(), "alive");
            },
            Http2Wire.INITIAL_WINDOW_SIZE,
            10_000_000)) {
      failsWith(ErrorCode.HTTP_REQUEST_ERROR, start(post(peer, "/", Body.of(broken))));
      assertThat(text(get(peer, "/"))).isEqualTo("alive");
      untilDone(1);
    }
  }

  // ---- an answer before the end of the body

  @ParameterizedTest
  @EnumSource
  void anAnswerBeforeTheEndGivesTheBodyUp(Kind kind) throws Exception {
    try (var peer =
        peer(
            wire -> {
              var asked = wire.request();
              wire.await(Http2Wire.DATA, asked.stream());
              wire.head(asked.stream(), Http2Wire.NONE, ":status", "413");
              wire.data(asked.stream(), Http2Wire.END_STREAM, "too large");
              wire.reset(asked.stream(), Http2Wire.NO_ERROR); // RFC 9113 8.1
              wire.await(Http2Wire.RST_STREAM, asked.stream());
              wire.answer(wire.request().stream(), "alive");
            })) {
      try (var response = head(start(post(peer, "/", kind.of(OCTETS))))) {
        assertThat(response.status()).isEqualTo(413);
        assertThat(response.text()).isEqualTo("too large");
      }
      assertThat(text(get(peer, "/"))).isEqualTo("alive");
      assertThat(peer.accepted).hasValue(1);
      untilDone(1);
    }
  }

  /** The peer neither takes the rest nor resets: the stream is over all the same, place and all. */
  @Test
  void aBodyThatWaitsForAWindowIsGivenUpWithTheAnswer() throws Exception {
    engines.limits = Limits.defaults().toBuilder().maxConnectionsPerOrigin(1).build();
    try (var peer =
        settledPeer(
            wire -> {
              for (var i = 0; i < 5; i++) {
                var asked = wire.request();
                wire.await(Http2Wire.DATA, asked.stream());
                wire.answer(asked.stream(), "enough");
                assertThat(wire.resetOf(asked.stream())).isEqualTo(Http2Wire.NO_ERROR);
              }
            },
            Http2Wire.INITIAL_WINDOW_SIZE,
            3,
            Http2Wire.MAX_CONCURRENT_STREAMS,
            1)) {
      for (var i = 0; i < 5; i++) {
        assertThat(textOf(start(post(peer, "/", Body.of("small"))))).isEqualTo("enough");
      }
      untilDone(1);
    }
  }

  @Test
  void aHeadBeforeTheEndOfTheBodyIsGivenOutAndTheBodyGoesOn() throws Exception {
    var read = new CountDownLatch(1);
    try (var peer =
        peer(
            wire -> {
              var asked = wire.request();
              wire.await(Http2Wire.DATA, asked.stream());
              wire.head(asked.stream(), Http2Wire.NONE, ":status", "200");
              await(read);
              wire.window(0, SIZE);
              wire.window(asked.stream(), SIZE);
              wire.body(asked.stream());
              wire.data(asked.stream(), Http2Wire.END_STREAM, "all of it");
            })) {
      try (var response = head(start(post(peer, "/", Body.of(OCTETS))))) {
        assertThat(response.status()).isEqualTo(200);
        read.countDown();
        assertThat(response.text()).isEqualTo("all of it");
      }
      untilDone(1);
    }
  }

  // ---- it is cancelled

  @ParameterizedTest
  @EnumSource
  void cancellingAnUploadResetsItsStreamAndNoOther(Kind kind) throws Exception {
    var full = new CountDownLatch(1);
    var cancelled = new CountDownLatch(1);
    try (var peer =
        peer(
            wire -> {
              var neighbour = wire.request();
              var upload = wire.request();
              for (var octets = 0; octets < Http2Wire.FIRST_WINDOW; ) {
                octets += wire.await(Http2Wire.DATA, upload.stream()).payload().length;
              }
              full.countDown();
              assertThat(wire.resetOf(upload.stream())).isEqualTo(Http2Wire.CANCEL);
              await(cancelled);
              wire.answer(neighbour.stream(), "alive");
            })) {
      var neighbour = start(get(peer, "/neighbour"));
      Engines.until("begun", () -> engines.engine.stats().pool().exchanges() == 1);
      Request request = post(peer, "/", kind.of(OCTETS));
      var upload = start(request);
      await(full);
      upload.cancel(true);
      cancelled.countDown();
      assertThat(textOf(neighbour)).isEqualTo("alive");
      Engines.until("nothing is left", () -> engines.engine.stats().pool().exchanges() == 0);
      untilDone(1);
    }
  }

  @Test
  void aDeadlineEndsAnUpload() throws Exception {
    var asked = new CountDownLatch(1);
    try (var peer =
        peer(
            wire -> {
              var upload = wire.request();
              asked.countDown();
              assertThat(wire.resetOf(upload.stream())).isEqualTo(Http2Wire.CANCEL);
            })) {
      var begun =
          start(
              to(peer, "/").post(Body.of(new Endless())).deadline(Duration.ofSeconds(20)).build());
      await(asked);
      engines.advance(20_000);
      failsWith(ErrorCode.REQUEST_TIMEOUT, begun);
      untilDone(1);
    }
  }
}
