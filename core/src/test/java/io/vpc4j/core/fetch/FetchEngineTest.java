package io.vpc4j.core.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vpc4j.AbortController;
import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.Limits;
import io.vpc4j.Request;
import io.vpc4j.VpcException;
import io.vpc4j.core.net.IpAddress;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class FetchEngineTest {

  private final Engines engines = new Engines();

  @AfterEach
  void close() {
    engines.close();
  }

  private VpcException failure(Request request) {
    return catchThrowableOfType(
        VpcException.class,
        () -> {
          try (var response = engines.engine.fetch(request)) {
            response.bytes();
          }
        });
  }

  private void fails(ErrorCode code, Request request) {
    var failure = failure(request);
    assertThat(failure).as("%s", request).isNotNull();
    assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
    assertThat(failure.destination()).isPresent();
    assertThat(failure.elapsed()).isPositive();
  }

  private String text(Request request) throws Exception {
    try (var response = engines.engine.fetch(request)) {
      return response.text();
    }
  }

  // ---- the happy way
  // -------------------------------------------------------------------------------

  @Test
  void aGetGoesOutAsItShouldAndComesBackWhole() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              assertThat(with.head())
                  .isEqualTo(
                      "GET /data?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"
                          + with.socket.getLocalPort()
                          + "\r\nX-One: 1\r\n\r\n");
              with.say(
                  "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"
                      + "\r\nhello");
              with.head();
              with.answer("again");
            })) {
      var request = Request.builder(peer.url("/data?x=1#fragment")).header("X-One", "1").build();
      try (var response = engines.engine.fetch(request)) {
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.statusText()).isEqualTo("Fine");
        assertThat(response.version()).isEqualTo("HTTP/1.1");
        assertThat(response.headers().setCookie()).containsExactly("a=1", "b=2");
        assertThat(response.bodyUsed()).isFalse();
        assertThat(response.text()).isEqualTo("hello");
        assertThat(response.bodyUsed()).isTrue();
        assertThatThrownBy(response::bytes).isInstanceOf(IllegalStateException.class);
      }
      assertThat(text(Request.get(peer.url("/")))).isEqualTo("again");
      assertThat(peer.accepted).hasValue(1);
      assertThat(engines.engine.stats().pool().reuses()).isEqualTo(1);
      assertThat(peer.failures).isEmpty();
    }
  }

  @Test
  void whatTheConnectionOwnsIsNotTakenFromTheApplication() throws Exception {
    var head = new AtomicReference<String>();
    try (var peer =
        new ScriptedPeer(
            with -> {
              head.set(with.head());
              with.answer("");
            })) {
      var request =
          Request.builder(peer.url("/"))
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
                      "ä",
                      "Cookie",
                      "c"))
              .build();
      text(request);
      assertThat(head.get())
          .isEqualTo(
              "GET / HTTP/1.1\r\nHost: 127.0.0.1:"
                  + peer.port()
                  + "\r\nAccept: ä\r\nCookie: c\r\n\r\n");
    }
  }

  @Test
  void bodiesOfEveryKindArriveWhole() throws Exception {
    var big = "0123456789abcdef".repeat(40_000);
    try (var peer = echo()) {
      var file = java.nio.file.Files.createTempFile("vpc4j", ".body");
      java.nio.file.Files.writeString(file, big);
      var bodies =
          List.of(
              Body.of(big),
              Body.of(file),
              Body.of(new ByteArrayInputStream(big.getBytes(UTF_8))),
              Body.of(new ByteArrayInputStream(big.getBytes(UTF_8)), big.length()),
              Body.of(new Pieces(big.getBytes(UTF_8))),
              Body.of(new Pieces(big.getBytes(UTF_8)), big.length()),
              Body.of(""));
      for (var body : bodies) {
        var expected = body.length() == 0 ? "" : big;
        var request = Request.builder(peer.url("/")).post(body).build();
        assertThat(text(request)).as("%s", body).isEqualTo(expected);
        assertThat(engines.engine.fetchAsync(request(peer, body)).get().textAsync().get())
            .as("async %s", body)
            .isEqualTo(body.replayable() ? expected : "");
      }
      java.nio.file.Files.delete(file);
      assertThat(peer.failures).isEmpty();
      assertThat(peer.accepted).hasValue(1);
    }
  }

  private static Request request(ScriptedPeer peer, Body body) {
    return Request.builder(peer.url("/")).put(body.replayable() ? body : Body.of("")).build();
  }

  /** Answers with what it was sent. */
  private static ScriptedPeer echo() throws Exception {
    return new ScriptedPeer(
        with -> {
          while (true) {
            var head = with.head();
            var length = head.indexOf("Content-Length: ");
            var body = new StringBuilder();
            if (length >= 0) {
              var from = length + "Content-Length: ".length();
              body.append(
                  with.read(Integer.parseInt(head.substring(from, head.indexOf("\r", from)))));
            } else if (head.contains("Transfer-Encoding: chunked")) {
              for (var size = with.chunkSize(); size > 0; size = with.chunkSize()) {
                body.append(with.read(size));
                assertThat(with.read(2)).isEqualTo("\r\n");
              }
              assertThat(with.read(2)).isEqualTo("\r\n");
            }
            with.answer(body.toString());
          }
        });
  }

  @Test
  void anEmptyPostSaysSo() throws Exception {
    var head = new AtomicReference<String>();
    try (var peer =
        new ScriptedPeer(
            with -> {
              head.set(with.head());
              with.answer("");
            })) {
      text(Request.builder(peer.url("/")).method("POST").build());
      assertThat(head.get()).contains("\r\nContent-Length: 0\r\n");
    }
  }

  @Test
  void aLargeResponseStreamsThroughASmallWindow() throws Exception {
    engines.limits = Limits.defaults().toBuilder().readWindowOctets(16_384).build();
    var line = "0123456789abcdef".repeat(64);
    try (var peer =
        new ScriptedPeer(
            with -> {
              while (true) {
                with.head();
                with.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                for (var i = 0; i < 2000; i++) {
                  with.say("400\r\n" + line + "\r\n");
                }
                with.say("0\r\nX-Sum: 1\r\n\r\n");
              }
            })) {
      var request = Request.get(peer.url("/"));
      try (var response = engines.engine.fetch(request)) {
        var trailers = response.trailers();
        assertThat(response.inputStream().readAllBytes()).hasSize(2000 * 1024);
        assertThat(trailers.get(5, TimeUnit.SECONDS).get("x-sum")).contains("1");
      }
      assertThat(engines.engine.fetch(request).bytes()).hasSize(2000 * 1024);
      assertThat(engines.engine.fetchAsync(request).get().bytesAsync().get()).hasSize(2000 * 1024);
      var collected = new Collecting(3);
      engines.engine.fetch(request).publisher().subscribe(collected);
      assertThat(collected.octets.get(10, TimeUnit.SECONDS)).isEqualTo(2000 * 1024);
      assertThat(peer.accepted).hasValue(1);
    }
  }

  @Test
  void manyAtOnceShareTheConnectionsThereAre() throws Exception {
    engines.limits = Limits.defaults().toBuilder().maxConnectionsPerOrigin(8).build();
    try (var peer = echo()) {
      var futures = new ArrayList<CompletableFuture<String>>();
      for (var i = 0; i < 400; i++) {
        var request = Request.builder(peer.url("/" + i)).post(Body.of("n" + i)).build();
        futures.add(engines.engine.fetchAsync(request).thenCompose(r -> r.textAsync()));
      }
      for (var i = 0; i < 400; i++) {
        assertThat(futures.get(i).get(20, TimeUnit.SECONDS)).isEqualTo("n" + i);
      }
      assertThat(peer.accepted.get()).isBetween(1, 8);
      Engines.until("all idle", () -> engines.engine.stats().pool().exchanges() == 0);
    }
  }

  @Test
  void redirectsAreFollowedOnTheSameConnection() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              assertThat(with.head()).startsWith("POST /a HTTP/1.1\r\n");
              with.read(4);
              with.say("HTTP/1.1 302 Found\r\nLocation: b?c\r\nContent-Length: 4\r\n\r\ngone");
              assertThat(with.head())
                  .startsWith("GET /b?c HTTP/1.1\r\n")
                  .contains("Content-Type: text/plain")
                  .doesNotContain("Content-Length");
              with.answer("here");
            })) {
      var request =
          Request.builder(peer.url("/a"))
              .post(Body.of("body"))
              .header("Content-Type", "text/plain")
              .build();
      try (var response = engines.engine.fetch(request)) {
        assertThat(response.text()).isEqualTo("here");
        assertThat(response.redirected()).isTrue();
        assertThat(response.url()).hasToString(peer.url("/b?c"));
      }
      assertThat(peer.accepted).hasValue(1);
      assertThat(peer.failures).isEmpty();
    }
  }

  @Test
  void twentyOneRedirectsAreTooMany() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              for (var i = 0; ; i++) {
                with.head();
                with.say("HTTP/1.1 307 x\r\nLocation: /" + i + "\r\nContent-Length: 0\r\n\r\n");
              }
            })) {
      fails(ErrorCode.REDIRECT_FAILED, Request.get(peer.url("/")));
      assertThat(engines.engine.stats().redirects()).isEqualTo(20);
      engines.untilNothingIsLeft();
    }
  }

  // ---- stale connections, early and odd responses
  // --------------------------------------------------

  @Test
  void aStaleConnectionIsReplacedOnceForAnIdempotentRequest() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              with.answer("first");
              if (with.number == 1) {
                with.head(); // and dies as the second request comes in
                return;
              }
              with.head();
              with.answer("second");
            })) {
      assertThat(text(Request.get(peer.url("/1")))).isEqualTo("first");
      assertThat(text(Request.get(peer.url("/2")))).isEqualTo("first");
      assertThat(peer.accepted).hasValue(2);
      assertThat(engines.engine.stats().retries()).isEqualTo(1);
    }
  }

  @Test
  void aStaleConnectionIsNotReplacedForAPost() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              with.answer("first");
              with.head();
            })) {
      text(Request.get(peer.url("/1")));
      fails(
          ErrorCode.CONNECTION_TERMINATED,
          Request.builder(peer.url("/2")).post(Body.of("x")).build());
      assertThat(peer.accepted).hasValue(1);
    }
  }

  @Test
  void aFreshConnectionThatDiesIsNotReplaced() throws Exception {
    try (var peer = new ScriptedPeer(ScriptedPeer.Conversation::head)) {
      fails(ErrorCode.CONNECTION_TERMINATED, Request.get(peer.url("/")));
      assertThat(peer.accepted).hasValue(1);
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void anEarlyResponseStopsTheUploadAndEndsTheConnection() throws Exception {
    var stopped = new CountDownLatch(1);
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              with.say("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
              while (!with.ended()) {}
              stopped.countDown();
            })) {
      var endless = Body.of(new Endless());
      try (var response =
          engines.engine.fetch(Request.builder(peer.url("/")).post(endless).build())) {
        assertThat(response.status()).isEqualTo(413);
        assertThat(response.text()).isEqualTo("no");
      }
      assertThat(stopped.await(10, TimeUnit.SECONDS)).isTrue();
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aBodyWaitsForThe100ThatWasAskedFor() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              assertThat(with.head()).contains("Expect: 100-continue");
              assertThat(with.in.available()).isZero();
              with.say("HTTP/1.1 100 Continue\r\n\r\n");
              with.answer(with.read(4));
              with.head();
              with.say("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
              assertThat(with.ended()).isTrue(); // not an octet of the body
            })) {
      var request =
          Request.builder(peer.url("/"))
              .post(Body.of("body"))
              .header("Expect", "100-continue")
              .build();
      assertThat(text(request)).isEqualTo("body");
      assertThat(engines.engine.fetch(request).status()).isEqualTo(417);
      engines.untilNothingIsLeft();
      assertThat(peer.failures).isEmpty();
    }
  }

  @Test
  void aBodyDoesNotWaitForA100ForEver() throws Exception {
    var waiting = new CountDownLatch(1);
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              waiting.countDown();
              with.answer(with.read(4));
            })) {
      var request =
          Request.builder(peer.url("/"))
              .post(Body.of("body"))
              .header("Expect", "100-continue")
              .build();
      var response = engines.engine.fetchAsync(request);
      assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();
      engines.advance(1_000);
      assertThat(response.get(10, TimeUnit.SECONDS).text()).isEqualTo("body");
    }
  }

  @Test
  void octetsBehindAResponseEndTheConnection() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              with.say("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\n");
              with.ended();
            })) {
      assertThat(text(Request.get(peer.url("/")))).isEqualTo("a");
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aLengthThatIsNotKeptIsARequestError() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              while (!with.ended()) {}
            })) {
      for (var length : List.of(3, 5)) {
        fails(
            ErrorCode.HTTP_REQUEST_ERROR,
            Request.builder(peer.url("/"))
                .post(Body.of(new ByteArrayInputStream("body".getBytes(UTF_8)), length))
                .build());
      }
      engines.untilNothingIsLeft();
    }
  }

  // ---- failures
  // ------------------------------------------------------------------------------------

  @Test
  void whatIsNotHttpIsRefused() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              with.say("220 mail.test ESMTP\r\n");
              with.ended();
            })) {
      fails(ErrorCode.HTTP_PROTOCOL_ERROR, Request.get(peer.url("/")));
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aResponseCutShortIsIncomplete() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              with.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            })) {
      fails(ErrorCode.HTTP_RESPONSE_INCOMPLETE, Request.get(peer.url("/")));
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void routeResolveConnectAndPolicyFailWithTheirCodes() throws Exception {
    fails(ErrorCode.DESTINATION_NOT_FOUND, Request.get("http://nowhere.test/"));
    fails(ErrorCode.DNS_ERROR, Request.get("http://unknown.test/"));
    fails(ErrorCode.CONNECTION_REFUSED, Request.get("http://127.0.0.1:1/"));
    engines.transport.names.put("bad.test", List.of(IpAddress.require("127.0.0.1")));
    engines.policy =
        (host, address, port) -> {
          throw new VpcException(
              ErrorCode.DESTINATION_IP_PROHIBITED, VpcException.Stage.ROUTE, "No.");
        };
    fails(ErrorCode.DESTINATION_IP_PROHIBITED, Request.get("http://bad.test/"));
    assertThat(engines.transport.dialled).doesNotContain(IpAddress.require("::1"));
    engines.untilNothingIsLeft();
  }

  @Test
  void timeOutsFailWithTheirCodesAndLeaveNothing() throws Exception {
    engines.transport.silentNames.add("silent.test");
    engines.transport.blackHoles.add(IpAddress.require("127.0.0.9"));
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              with.ended();
            })) {
      afterAWhile(ErrorCode.DNS_TIMEOUT, Request.get("http://silent.test/"), 5_000);
      afterAWhile(ErrorCode.CONNECTION_TIMEOUT, Request.get("http://127.0.0.9/"), 10_000);
      afterAWhile(ErrorCode.CONNECTION_READ_TIMEOUT, Request.get(peer.url("/")), 60_000);
      var deadline = Request.builder(peer.url("/")).deadline(Duration.ofSeconds(2)).build();
      afterAWhile(ErrorCode.REQUEST_TIMEOUT, deadline, 2_000);
      engines.untilNothingIsLeft();
      assertThat(engines.transport.unanswered).allMatch(future -> future.isCancelled());
    }
  }

  private void afterAWhile(ErrorCode code, Request request, long millis) throws Exception {
    var before = engines.transport.dialled.size() + engines.transport.unanswered.size();
    var future = engines.engine.fetchAsync(request);
    Engines.until(
        "dialled",
        () -> engines.transport.dialled.size() + engines.transport.unanswered.size() > before);
    Engines.until(
        "connected",
        () ->
            engines.engine.stats().pool().exchanges() == 1
                || code == ErrorCode.DNS_TIMEOUT
                || code == ErrorCode.CONNECTION_TIMEOUT);
    engines.advance(millis - 500);
    assertThat(future).isNotDone();
    Engines.until(
        "late",
        () -> {
          engines.advance(600); // again, if the loop began to count after the first advance
          return future.isDone();
        });
    assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(VpcException.class)
        .extracting(e -> ((VpcException) e).code())
        .isEqualTo(code);
  }

  @Test
  void aPeerThatDoesNotReadIsAWriteTimeout() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              new CountDownLatch(1).await();
            })) {
      var future =
          engines.engine.fetchAsync(
              Request.builder(peer.url("/")).post(Body.of(new Endless())).build());
      Engines.until(
          "the socket is full, and takes nothing for a minute",
          () -> {
            engines.advance(61_000); // until then it may take some after all, and begin anew
            return future.isDone();
          });
      assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS))
          .cause()
          .extracting(e -> ((VpcException) e).code())
          .isEqualTo(ErrorCode.CONNECTION_WRITE_TIMEOUT);
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aBodyLargerThanTheBoundIsTooLarge() throws Exception {
    engines.limits = Limits.defaults().toBuilder().maxBufferedBodyOctets(100_000).build();
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              with.say("HTTP/1.1 200 OK\r\n\r\n");
              while (true) {
                with.say("x".repeat(1000));
              }
            })) {
      fails(ErrorCode.RESPONSE_TOO_LARGE, Request.get(peer.url("/")));
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void moreRequestsASecondThanAllowedAreRefused() throws Exception {
    engines.limits = Limits.defaults().toBuilder().maxRequestsPerSecond(2).build();
    try (var peer = echo()) {
      text(Request.get(peer.url("/")));
      text(Request.get(peer.url("/")));
      fails(ErrorCode.RATE_LIMITED, Request.get(peer.url("/")));
      engines.advance(1_000);
      text(Request.get(peer.url("/")));
    }
  }

  // ---- bounds of the pool
  // --------------------------------------------------------------------------

  @Test
  void whoWaitsTooLongOrOneTooManyIsRefused() throws Exception {
    engines.limits = Limits.defaults().toBuilder().maxConnectionsPerOrigin(1).maxWaiters(1).build();
    var release = new CountDownLatch(1);
    try (var peer =
        new ScriptedPeer(
            with -> {
              while (true) {
                with.head();
                release.await();
                with.answer("late");
              }
            })) {
      var request = Request.get(peer.url("/"));
      var first = engines.engine.fetchAsync(request);
      Engines.until("one", () -> engines.engine.stats().pool().exchanges() == 1);
      var second = engines.engine.fetchAsync(request);
      fails(ErrorCode.CONNECTION_LIMIT_REACHED, request);
      engines.advance(10_100);
      assertThatThrownBy(() -> second.get(10, TimeUnit.SECONDS))
          .cause()
          .extracting(e -> ((VpcException) e).code())
          .isEqualTo(ErrorCode.CONNECTION_LIMIT_REACHED);
      release.countDown();
      assertThat(first.get(10, TimeUnit.SECONDS).text()).isEqualTo("late");
      assertThat(engines.engine.stats().pool().acquireTimeouts()).isEqualTo(1);
      assertThat(engines.engine.stats().pool().refusedWaiters()).isEqualTo(1);
    }
  }

  @Test
  void anIdleConnectionOfAnotherOriginMakesRoom() throws Exception {
    engines.limits = Limits.defaults().toBuilder().maxConnections(1).build();
    try (var one = echo();
        var other = echo()) {
      text(Request.get(one.url("/")));
      text(Request.get(other.url("/")));
      text(Request.get(one.url("/")));
      assertThat(engines.engine.stats().pool().evictions()).isEqualTo(2);
      assertThat(one.accepted).hasValue(2);
      Engines.until("one is left", () -> engines.transport.channels.size() == 1);
    }
  }

  @Test
  void idleAndOldConnectionsAreClosed() throws Exception {
    try (var peer = echo()) {
      text(Request.get(peer.url("/")));
      engines.advance(29_000);
      text(Request.get(peer.url("/")));
      assertThat(peer.accepted).hasValue(1);
      engines.advance(31_000);
      engines.untilNothingIsLeft();
      engines.limits =
          Limits.defaults().toBuilder()
              .idleTimeout(Duration.ofHours(1))
              .maxConnectionAge(Duration.ofSeconds(20))
              .build();
      text(Request.get(peer.url("/")));
      engines.advance(21_000);
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aPolicyThatHasChangedIsAskedAgainBeforeAConnectionIsReused() throws Exception {
    try (var peer = echo()) {
      text(Request.get(peer.url("/")));
      engines.policy =
          (host, address, port) -> {
            throw new VpcException(
                ErrorCode.DESTINATION_IP_PROHIBITED, VpcException.Stage.ROUTE, "Not any more.");
          };
      fails(ErrorCode.DESTINATION_IP_PROHIBITED, Request.get(peer.url("/")));
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void theSecondAddressIsTriedWhenTheFirstFailsOrIsSlow() throws Exception {
    try (var peer = echo()) {
      var good = IpAddress.require("127.0.0.1");
      var slow = IpAddress.require("127.0.0.9");
      engines.transport.blackHoles.add(slow);
      engines.transport.names.put("slow.test", List.of(slow, good));
      engines.transport.names.put("refused.test", List.of(IpAddress.require("::1"), good));
      assertThat(text(Request.get("http://slow.test:" + peer.port() + "/"))).isEmpty();
      assertThat(text(Request.get("http://refused.test:" + peer.port() + "/"))).isEmpty();
      assertThat(engines.transport.unanswered).allMatch(future -> future.isCancelled());
    }
  }

  // ---- abort
  // ---------------------------------------------------------------------------------------

  @Test
  void cancellingAtEveryStageLeavesNothing() throws Exception {
    engines.transport.silentNames.add("silent.test");
    engines.transport.blackHoles.add(IpAddress.require("127.0.0.9"));
    var heads = new CountDownLatch(2);
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              heads.countDown();
              with.ended();
            })) {
      var futures =
          List.of(
              engines.engine.fetchAsync(Request.get("http://silent.test/")),
              engines.engine.fetchAsync(Request.get("http://127.0.0.9/")),
              engines.engine.fetchAsync(Request.get(peer.url("/"))),
              engines.engine.fetchAsync(
                  Request.builder(peer.url("/")).post(Body.of(new Endless())).build()));
      assertThat(heads.await(10, TimeUnit.SECONDS)).isTrue();
      Engines.until("all begun", () -> engines.transport.unanswered.size() == 2);
      futures.forEach(future -> future.cancel(true));
      engines.untilNothingIsLeft();
      Engines.until(
          "dials cancelled",
          () -> engines.transport.unanswered.stream().allMatch(future -> future.isCancelled()));
    }
  }

  @Test
  void aSignalAbortsTheRequestAndTheBody() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              if (with.head().startsWith("GET /body")) {
                with.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
              }
              with.ended();
            })) {
      var controller = new AbortController();
      var head =
          engines.engine.fetchAsync(
              Request.builder(peer.url("/head")).signal(controller.signal()).build());
      var response =
          engines.engine.fetch(
              Request.builder(peer.url("/body")).signal(controller.signal()).build());
      var body = response.bytesAsync();
      Engines.until("both begun", () -> engines.engine.stats().pool().exchanges() == 2);
      controller.abort();
      for (var future : List.of(head, body)) {
        assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class)
            .cause()
            .extracting(e -> ((VpcException) e).code())
            .isEqualTo(ErrorCode.REQUEST_ABORTED);
      }
      engines.untilNothingIsLeft();
      fails(
          ErrorCode.REQUEST_ABORTED,
          Request.builder(peer.url("/")).signal(controller.signal()).build());
    }
  }

  @Test
  void anInterruptAbortsAndTheFlagStays() throws Exception {
    var asked = new CountDownLatch(1);
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              asked.countDown();
              with.ended();
            })) {
      var result = new CompletableFuture<String>();
      var caller =
          new Thread(
              () -> {
                try {
                  engines.engine.fetch(Request.get(peer.url("/")));
                } catch (VpcException e) {
                  result.complete(
                      e.code()
                          + " "
                          + Thread.currentThread().isInterrupted()
                          + " "
                          + e.getStackTrace()[0].getMethodName());
                }
              });
      caller.start();
      assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
      caller.interrupt();
      assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo("request_aborted true await");
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void closingAResponseEarlyFreesItsConnection() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              with.say("HTTP/1.1 200 OK\r\n\r\n");
              try {
                while (true) {
                  with.say("x".repeat(1000));
                }
              } catch (java.io.IOException e) {
                return;
              }
            })) {
      var response = engines.engine.fetch(Request.get(peer.url("/")));
      assertThat(response.inputStream().readNBytes(5000)).hasSize(5000);
      response.close();
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aBlockingCallOnAnEventLoopIsRefused() {
    assertThatThrownBy(
            () ->
                engines
                    .loops
                    .group()
                    .next()
                    .submit(() -> engines.engine.fetch(Request.get("http://127.0.0.1/")))
                    .get())
        .hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void closingTheEngineFailsWhatIsUnderWayAndRefusesTheRest() throws Exception {
    var asked = new CountDownLatch(1);
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              asked.countDown();
              with.ended();
            })) {
      var future = engines.engine.fetchAsync(Request.get(peer.url("/")));
      assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
      engines.engine.close();
      assertThatThrownBy(() -> future.get(10, TimeUnit.SECONDS))
          .cause()
          .extracting(e -> ((VpcException) e).code())
          .isEqualTo(ErrorCode.REQUEST_ABORTED);
      engines.untilNothingIsLeft();
      assertThatThrownBy(() -> engines.engine.fetch(Request.get(peer.url("/"))))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
