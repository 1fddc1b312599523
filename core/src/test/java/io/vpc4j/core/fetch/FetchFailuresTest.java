package io.vpc4j.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.AbortController;
import io.vpc4j.Body;
import io.vpc4j.ErrorCode;
import io.vpc4j.Limits;
import io.vpc4j.Request;
import io.vpc4j.VpcException;
import io.vpc4j.core.net.IpAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FetchFailuresTest extends EngineTest {

  // ---- failures

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
    assertThatThrownBy(() -> future.get(30, TimeUnit.SECONDS))
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
      assertThatThrownBy(() -> future.get(30, TimeUnit.SECONDS))
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
      assertThatThrownBy(() -> second.get(30, TimeUnit.SECONDS))
          .cause()
          .extracting(e -> ((VpcException) e).code())
          .isEqualTo(ErrorCode.CONNECTION_LIMIT_REACHED);
      release.countDown();
      assertThat(first.get(30, TimeUnit.SECONDS).text()).isEqualTo("late");
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
      assertThat(heads.await(30, TimeUnit.SECONDS)).isTrue();
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
        assertThatThrownBy(() -> future.get(30, TimeUnit.SECONDS))
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
      assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
      caller.interrupt();
      assertThat(result.get(30, TimeUnit.SECONDS)).isEqualTo("request_aborted true await");
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
      assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
      engines.engine.close();
      assertThatThrownBy(() -> future.get(30, TimeUnit.SECONDS))
          .cause()
          .extracting(e -> ((VpcException) e).code())
          .isEqualTo(ErrorCode.REQUEST_ABORTED);
      engines.untilNothingIsLeft();
      assertThatThrownBy(() -> engines.engine.fetch(Request.get(peer.url("/"))))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
