package io.vpc4j.core.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.Limits;
import io.vpc4j.Request;
import io.vpc4j.core.net.IpAddress;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class FetchEngineTest extends EngineTest {

  // ---- the happy way

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
        assertThat(trailers.get(30, TimeUnit.SECONDS).get("x-sum")).contains("1");
      }
      assertThat(engines.engine.fetch(request).bytes()).hasSize(2000 * 1024);
      assertThat(engines.engine.fetchAsync(request).get().bytesAsync().get()).hasSize(2000 * 1024);
      var collected = new Collecting(3);
      engines.engine.fetch(request).publisher().subscribe(collected);
      assertThat(collected.octets.get(30, TimeUnit.SECONDS)).isEqualTo(2000 * 1024);
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
  void aRedirectToAHopThatIsNotOpenYetHoldsNoEventLoop() throws Exception {
    engines.transport.names.put("host2", List.of(IpAddress.require("127.0.0.1")));
    try (var second = new ScriptedPeer(with -> with.answer(with.head().substring(0, 5)));
        var first =
            new ScriptedPeer(
                with -> {
                  with.head();
                  with.say(
                      "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://host2:"
                          + second.port()
                          + "/\r\n\r\n");
                })) {
      assertThat(text(Request.get(first.url("/")))).isEqualTo("GET /");
      assertThat(engines.opened.get("local:second").getName()).isEqualTo("blocking");
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
              with.untilEnded();
              stopped.countDown();
            })) {
      var endless = Body.of(new Endless());
      try (var response =
          engines.engine.fetch(Request.builder(peer.url("/")).post(endless).build())) {
        assertThat(response.status()).isEqualTo(413);
        assertThat(response.text()).isEqualTo("no");
      }
      assertThat(stopped.await(30, TimeUnit.SECONDS)).isTrue();
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
      assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
      engines.advance(1_000);
      assertThat(response.get(30, TimeUnit.SECONDS).text()).isEqualTo("body");
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
              with.untilEnded();
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
}
