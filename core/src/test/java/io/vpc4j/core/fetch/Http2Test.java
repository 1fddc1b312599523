package io.vpc4j.core.fetch;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.Limits;
import io.vpc4j.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and responses over HTTP/2, and how many share a connection. */
class Http2Test extends Http2EngineTest {

  // ---- one exchange

  @Test
  void aGetGoesOutAsItShouldAndComesBackWhole() throws Exception {
    try (var peer =
        peer(
            wire -> {
              assertThat(wire.clientSettings)
                  .containsEntry(2, 0L) // SETTINGS_ENABLE_PUSH
                  .containsEntry(Http2Wire.INITIAL_WINDOW_SIZE, 262_144L)
                  .containsEntry(Http2Wire.MAX_HEADER_LIST_SIZE, 131_072L);
              var asked = wire.request();
              var fields = new ArrayList<String>();
              asked.fields().forEach(field -> fields.add(field.getKey() + "=" + field.getValue()));
              assertThat(fields.subList(0, 4))
                  .as("pseudo-fields come first, RFC 9113 8.3")
                  .containsExactlyInAnyOrder(
                      ":method=GET",
                      ":scheme=http",
                      ":authority=" + asked.field(":authority"),
                      ":path=/data?x=1");
              assertThat(fields.subList(4, fields.size())).containsExactly("x-one=1");
              assertThat(asked.field(":authority")).startsWith("127.0.0.1:");
              assertThat(asked.ends()).isTrue();
              wire.head(
                  wire.newest,
                  Http2Wire.NONE,
                  ":status",
                  "200",
                  "set-cookie",
                  "a",
                  "set-cookie",
                  "b");
              wire.data(wire.newest, Http2Wire.NONE, "hel");
              wire.data(wire.newest, Http2Wire.END_STREAM, "lo");
            })) {
      var request = to(peer, "/data?x=1#fragment").header("X-One", "1").build();
      try (var response = engines.engine.fetch(request)) {
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.statusText()).isEmpty();
        assertThat(response.version()).isEqualTo("HTTP/2");
        assertThat(response.headers().setCookie()).containsExactly("a", "b");
        assertThat(response.text()).isEqualTo("hello");
        assertThat(response.trailers().get(30, TimeUnit.SECONDS).size()).isZero();
      }
    }
  }

  @Test
  void whatTheConnectionOwnsIsNotTakenFromTheApplication() throws Exception {
    try (var peer =
        peer(
            wire -> {
              var asked = wire.request();
              assertThat(asked.fields().names())
                  .extracting(CharSequence::toString)
                  .containsExactlyInAnyOrder(
                      ":method", ":scheme", ":authority", ":path", "accept", "cookie");
              wire.answer(asked.stream(), "");
            })) {
      var request =
          to(peer, "/")
              .headers(
                  Headers.of(
                      "Host",
                      "evil",
                      "Connection",
                      "close",
                      "Keep-Alive",
                      "1",
                      "TE",
                      "trailers",
                      "Trailer",
                      "x",
                      "Transfer-Encoding",
                      "chunked",
                      "Content-Length",
                      "99",
                      "Upgrade",
                      "h2c",
                      "Proxy-Connection",
                      "x",
                      "Accept",
                      "all",
                      "Cookie",
                      "c"))
              .build();
      assertThat(text(request)).isEmpty();
    }
  }

  @Test
  void fieldsOfAllOctetsGoBothWays() throws Exception {
    try (var peer =
        peer(
            wire -> {
              var value = wire.request().fields().get("x-one").toString();
              wire.head(wire.newest, Http2Wire.END_STREAM, ":status", "200", "x-two", value);
            })) {
      try (var response =
          engines.engine.fetch(to(peer, "/").header("X-One", "ä € \ud83d\ude00").build())) {
        assertThat(response.headers().get("x-two")).contains("ä € \ud83d\ude00");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 16_384, 65_536, 262_144, 5_000_000})
  void aBodyOfAnySizeComesWhole(int size) throws Exception {
    var body = octets(size);
    try (var peer =
        peer(
            wire -> {
              wire.request();
              wire.head(wire.newest, Http2Wire.NONE, ":status", "200", "content-length", "" + size);
              wire.pour(wire.newest, body);
            })) {
      try (var response = engines.engine.fetch(get(peer, "/"))) {
        assertThat(response.inputStream().readAllBytes()).isEqualTo(body);
      }
      untilDone(1);
    }
  }

  @Test
  void paddingIsNoPartOfABody() throws Exception {
    try (var peer =
        peer(
            wire -> {
              wire.request();
              wire.head(wire.newest, Http2Wire.NONE, ":status", "200");
              var padded = new byte[1 + 5 + 250];
              padded[0] = (byte) 250;
              System.arraycopy("hello".getBytes(US_ASCII), 0, padded, 1, 5);
              for (var i = 0; i < 5_000; i++) { // more padding than the windows hold
                while (wire.room(wire.newest) < padded.length) {
                  wire.nextOfConnection();
                }
                wire.data(wire.newest, Http2Wire.PADDED, padded);
              }
              wire.data(wire.newest, Http2Wire.END_STREAM, "!");
            })) {
      assertThat(text(get(peer, "/"))).isEqualTo("hello".repeat(5_000) + "!");
      untilDone(1);
    }
  }

  @Test
  void aResponseWithoutABodyEndsWithItsHead() throws Exception {
    try (var peer =
        peer(
            wire -> {
              for (var i = 0; i < 4; i++) {
                var asked = wire.request();
                var method = asked.field(":method");
                assertThat(method).isEqualTo(asked.path().equals("/head") ? "HEAD" : "GET");
                var status = asked.path().equals("/head") ? "200" : asked.path().substring(1);
                var fields =
                    status.equals("204")
                        ? new String[] {":status", status}
                        : new String[] {":status", status, "content-length", "1000"};
                if (asked.path().equals("/200")) {
                  fields[3] = "0";
                }
                wire.head(asked.stream(), Http2Wire.END_STREAM, fields);
              }
            })) {
      var requests =
          List.of(
              to(peer, "/head").method("HEAD").build(),
              get(peer, "/204"),
              get(peer, "/304"),
              get(peer, "/200"));
      for (var request : requests) {
        try (var response = engines.engine.fetch(request)) {
          assertThat(response.bodyUsed()).isTrue();
          assertThat(response.bytes()).as("%s", request).isEmpty();
        }
      }
      assertThat(peer.accepted).hasValue(1);
      untilDone(1);
    }
  }

  @Test
  void interimResponsesAreNotTheAnswer() throws Exception {
    try (var peer =
        peer(
            wire -> {
              wire.request();
              wire.head(wire.newest, Http2Wire.NONE, ":status", "100");
              wire.head(wire.newest, Http2Wire.NONE, ":status", "103", "link", "</style>");
              wire.head(wire.newest, Http2Wire.NONE, ":status", "103");
              wire.answer(wire.newest, "final");
            })) {
      try (var response = engines.engine.fetch(get(peer, "/"))) {
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.headers().has("link")).isFalse();
        assertThat(response.text()).isEqualTo("final");
      }
    }
  }

  @Test
  void trailersComeAfterTheBody() throws Exception {
    try (var peer =
        peer(
            wire -> {
              wire.request();
              wire.head(wire.newest, Http2Wire.NONE, ":status", "200");
              wire.data(wire.newest, Http2Wire.NONE, "body");
              wire.head(wire.newest, Http2Wire.END_STREAM, "x-sum", "1", "x-sum", "2");
            })) {
      try (var response = engines.engine.fetch(get(peer, "/"))) {
        assertThat(response.text()).isEqualTo("body");
        assertThat(response.trailers().get(30, TimeUnit.SECONDS).get("x-sum")).contains("1, 2");
      }
    }
  }

  @Test
  void aHeadInManyFramesIsOneHead() throws Exception {
    try (var peer =
        peer(
            wire -> {
              wire.request();
              var block = Http2Wire.hpack(":status", "200", "x-long", "y".repeat(100_000));
              var at = 0;
              for (; block.length - at > 16_384; at += 16_384) {
                wire.send(
                    at == 0 ? Http2Wire.HEADERS : Http2Wire.CONTINUATION,
                    Http2Wire.NONE,
                    wire.newest,
                    java.util.Arrays.copyOfRange(block, at, at + 16_384));
              }
              wire.send(
                  Http2Wire.CONTINUATION,
                  Http2Wire.END_HEADERS,
                  wire.newest,
                  java.util.Arrays.copyOfRange(block, at, block.length));
              wire.data(wire.newest, Http2Wire.END_STREAM, "body");
            })) {
      try (var response = engines.engine.fetch(get(peer, "/"))) {
        assertThat(response.headers().get("x-long").orElse("")).hasSize(100_000);
        assertThat(response.text()).isEqualTo("body");
      }
    }
  }

  @Test
  void aRedirectIsFollowedOnTheSameConnection() throws Exception {
    try (var peer =
        peer(
            wire -> {
              wire.request();
              wire.head(wire.newest, Http2Wire.NONE, ":status", "302", "location", "/there");
              wire.data(wire.newest, Http2Wire.END_STREAM, "moved");
              var asked = wire.request();
              assertThat(asked.path()).isEqualTo("/there");
              wire.answer(asked.stream(), "here");
            })) {
      assertThat(text(get(peer, "/"))).isEqualTo("here");
      assertThat(peer.accepted).hasValue(1);
    }
  }

  @Test
  void aRedirectsEndlessBodyIsNotReadToItsEnd() throws Exception {
    try (var peer =
        peer(
            wire -> {
              wire.request();
              wire.head(wire.newest, Http2Wire.NONE, ":status", "302", "location", "/there");
              for (var i = 0; i < 8; i++) {
                wire.data(wire.newest, Http2Wire.NONE, octets(10_000));
              }
              assertThat(wire.resetOf(wire.newest)).isEqualTo(Http2Wire.CANCEL);
              var asked = wire.request();
              assertThat(asked.path()).isEqualTo("/there");
              wire.answer(asked.stream(), "here");
            })) {
      assertThat(text(get(peer, "/"))).isEqualTo("here");
      untilDone(1);
    }
  }

  @Test
  void aPingIsAnsweredWithItsOwnOctets() throws Exception {
    try (var peer =
        peer(
            wire -> {
              var ping = new byte[] {1, 2, 3, 4, 5, 6, 7, 8};
              wire.request();
              wire.send(Http2Wire.PING, Http2Wire.NONE, 0, ping);
              var answer = wire.read();
              while (answer.type() != Http2Wire.PING) {
                answer = wire.read();
              }
              assertThat(answer.flags()).isEqualTo(Http2Wire.ACK);
              assertThat(answer.payload()).isEqualTo(ping);
              wire.answer(wire.newest, "after");
            })) {
      assertThat(text(get(peer, "/"))).isEqualTo("after");
    }
  }

  @Test
  void whatItDoesNotKnowIsIgnored() throws Exception {
    try (var peer =
        peer(
            wire -> {
              wire.request();
              wire.settings(0x4242, 7);
              wire.send(0x42, 0xff, wire.newest, (byte) 1);
              wire.send(0x42, 0xff, 0);
              wire.send(2, Http2Wire.NONE, wire.newest, new byte[] {0, 0, 0, 0, 16}); // PRIORITY
              wire.answer(wire.newest, "after");
            })) {
      assertThat(text(get(peer, "/"))).isEqualTo("after");
    }
  }

  // ---- many exchanges

  @Test
  void manyStreamsShareOneConnectionAndInterleave() throws Exception {
    var count = 60;
    var size = 40_000;
    try (var peer =
        peer(
            wire -> {
              var asked = new HashMap<Integer, String>();
              for (var i = 0; i < count; i++) {
                var request = wire.request();
                asked.put(request.stream(), request.path());
              }
              assertThat(asked).hasSize(count);
              var left = new HashMap<Integer, Integer>();
              asked.keySet().forEach(stream -> left.put(stream, size));
              for (var stream : asked.keySet()) {
                wire.head(stream, Http2Wire.NONE, ":status", "200", "x-path", asked.get(stream));
              }
              var random = new Random(7);
              while (!left.isEmpty()) { // every stream's octet is the last of its path
                var streams = List.copyOf(left.keySet());
                var stream = streams.get(random.nextInt(streams.size()));
                var piece = Math.min(left.get(stream), 1 + random.nextInt(9_000));
                var over = piece == left.get(stream);
                var path = asked.get(stream);
                wire.data(
                    stream,
                    over ? Http2Wire.END_STREAM : Http2Wire.NONE,
                    path.substring(path.length() - 1).repeat(piece));
                left.merge(stream, -piece, Integer::sum);
                left.remove(stream, 0);
              }
            })) {
      var begun = new ArrayList<CompletableFuture<Response>>();
      for (var i = 0; i < count; i++) {
        begun.add(start(get(peer, "/" + i)));
      }
      for (var i = 0; i < count; i++) {
        assertThat(head(begun.get(i)).headers().get("x-path")).contains("/" + i);
        assertThat(textOf(begun.get(i))).isEqualTo(("" + i % 10).repeat(size));
      }
      assertThat(peer.accepted).hasValue(1);
      untilDone(1);
    }
  }

  @Test
  void noMoreStreamsThanThePeerAllows() throws Exception {
    oneConnection();
    var most = new AtomicInteger();
    try (var peer = peer(wire -> serve(wire, 40, 3, most), Http2Wire.MAX_CONCURRENT_STREAMS, 3)) {
      assertThat(text(get(peer, "/first"))).isEqualTo("/first"); // its SETTINGS are known now
      all(peer, 39);
      assertThat(most).hasValueLessThanOrEqualTo(3);
      untilDone(1);
    }
  }

  @Test
  void aHundredIsABoundToo() throws Exception {
    oneConnection();
    var known = new CountDownLatch(1);
    var most = new AtomicInteger();
    try (var peer =
        peer(
            wire -> {
              wire.answer(wire.request().stream(), "first");
              wire.settings(Http2Wire.INITIAL_WINDOW_SIZE, 70_000); // says nothing of streams
              while (wire.settingsAcknowledged < 2) {
                wire.nextOfConnection();
              }
              known.countDown();
              serve(wire, 150, 100, most);
            },
            Http2Wire.MAX_CONCURRENT_STREAMS,
            100)) {
      assertThat(text(get(peer, "/first"))).isEqualTo("first");
      await(known);
      all(peer, 150);
      assertThat(most).hasValueLessThanOrEqualTo(100);
      untilDone(1);
    }
  }

  @Test
  void aBoundThatIsLoweredLaterHoldsForNewStreams() throws Exception {
    oneConnection();
    var lowered = new CountDownLatch(1);
    var most = new AtomicInteger();
    try (var peer =
        peer(
            wire -> {
              var open = new ArrayList<Http2Wire.Asked>();
              for (var i = 0; i < 8; i++) {
                open.add(wire.request());
              }
              wire.settings(Http2Wire.MAX_CONCURRENT_STREAMS, 2);
              while (wire.settingsAcknowledged < 2) {
                wire.nextOfConnection();
              }
              lowered.countDown();
              for (var asked : open) {
                wire.answer(asked.stream(), asked.path());
              }
              serve(wire, 20, 2, most);
            },
            Http2Wire.MAX_CONCURRENT_STREAMS,
            8)) {
      var first = new ArrayList<CompletableFuture<Response>>();
      for (var i = 0; i < 8; i++) {
        first.add(start(get(peer, "/" + i)));
      }
      await(lowered);
      var later = new ArrayList<CompletableFuture<Response>>();
      for (var i = 0; i < 20; i++) {
        later.add(start(get(peer, "/" + i)));
      }
      for (var i = 0; i < 8; i++) {
        assertThat(textOf(first.get(i))).isEqualTo("/" + i);
      }
      for (var i = 0; i < 20; i++) {
        assertThat(textOf(later.get(i))).isEqualTo("/" + i);
      }
      assertThat(most).hasValueLessThanOrEqualTo(2);
      untilDone(1);
    }
  }

  @Test
  void aBurstBeforeThePeersBoundIsKnownIsServedAllTheSame() throws Exception {
    oneConnection();
    var refused = new AtomicInteger();
    try (var peer =
        watched(
            new ScriptedPeer(
                with -> {
                  var wire = Http2Wire.silent(with);
                  var open = new ArrayList<Http2Wire.Asked>();
                  for (var i = 0; i < 20; i++) {
                    open.add(wire.request());
                  }
                  wire.settings(Http2Wire.MAX_CONCURRENT_STREAMS, 5);
                  wire.send(Http2Wire.SETTINGS, Http2Wire.ACK, 0);
                  for (var asked : open.subList(5, 20)) {
                    wire.reset(asked.stream(), Http2Wire.REFUSED_STREAM);
                    refused.incrementAndGet();
                  }
                  for (var asked : open.subList(0, 5)) {
                    wire.answer(asked.stream(), asked.path());
                  }
                  serve(wire, 15, 5, new AtomicInteger());
                  wire.untilEnd();
                }))) {
      all(peer, 20);
      assertThat(refused).hasValue(15);
    }
  }

  /** Asks {@code count} times at once, and gets every path back. */
  private void all(ScriptedPeer peer, int count) throws Exception {
    Map<String, CompletableFuture<Response>> begun = new HashMap<>();
    for (var i = 0; i < count; i++) {
      begun.put("/" + i, start(get(peer, "/" + i)));
    }
    for (var one : begun.entrySet()) {
      assertThat(textOf(one.getValue())).isEqualTo(one.getKey());
    }
    assertThat(peer.accepted).hasValue(1);
  }

  private void oneConnection() {
    engines.limits = Limits.defaults().toBuilder().maxConnectionsPerOrigin(1).build();
  }

  /**
   * Answers {@code count} requests with their paths: always the oldest, and only when {@code bound}
   * are open or none more is to come; says how many were open at most.
   */
  private static void serve(Http2Wire wire, int count, int bound, AtomicInteger most)
      throws Exception {
    var open = new java.util.ArrayDeque<Http2Wire.Asked>();
    for (var asked = 0; asked < count || !open.isEmpty(); ) {
      if (asked < count
          && (open.isEmpty() || wire.streamFrameAvailable() || open.size() < bound / 2)) {
        open.add(wire.request());
        asked++;
        most.accumulateAndGet(open.size(), Math::max);
      } else {
        var oldest = open.remove();
        wire.answer(oldest.stream(), oldest.path());
      }
    }
  }

  // ---- the end of an idle connection

  @Test
  void anIdleConnectionIsClosedAndOneThatIsDrainedLetsItsStreamsEnd() throws Exception {
    var release = new CountDownLatch(1);
    try (var peer =
        peer(
            wire -> {
              wire.answer(wire.request().stream(), "first");
              var slow = wire.request();
              await(release);
              wire.answer(slow.stream(), "slow");
            })) {
      assertThat(text(get(peer, "/"))).isEqualTo("first");
      var slow = start(get(peer, "/slow"));
      Engines.until("begun", () -> engines.engine.stats().pool().exchanges() == 1);
      engines.advance(31_000); // of idleness it would die
      release.countDown();
      assertThat(textOf(slow)).isEqualTo("slow");
      Engines.until("idle", () -> engines.engine.stats().pool().exchanges() == 0);
      engines.advance(31_000);
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void closingTheEngineAbortsWhatIsUnderWay() throws Exception {
    var asked = new CountDownLatch(1);
    try (var peer =
        peer(
            wire -> {
              wire.request();
              var second = wire.request();
              wire.head(second.stream(), Http2Wire.NONE, ":status", "200");
              asked.countDown();
            })) {
      var first = start(get(peer, "/1"));
      var second = head(start(post(peer, "/2", Body.of(new Endless()))));
      await(asked);
      engines.engine.close();
      failsWith(ErrorCode.REQUEST_ABORTED, first);
      failsWith(ErrorCode.REQUEST_ABORTED, CompletableFuture.completedFuture(second));
      engines.untilNothingIsLeft();
    }
  }
}
