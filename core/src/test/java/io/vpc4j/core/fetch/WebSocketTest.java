package io.vpc4j.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.vpc4j.ErrorCode;
import io.vpc4j.Request;
import io.vpc4j.Response;
import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.exchange.Protocols;
import io.vpc4j.core.fetch.websocket.NettyWebSockets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A WebSocket from {@code fetch} to its close, against a server that is scripted by the octet. */
@Timeout(30)
class WebSocketTest {

  private final Engines engines =
      new Engines(
          new Protocols(
              Engines.plainOnly().tls(),
              Engines.plainOnly().http2(),
              new NettyWebSockets(),
              headers -> null));
  private final BlockingQueue<RawFrames.Frame> got = new LinkedBlockingQueue<>();

  @AfterEach
  void close() {
    engines.close();
  }

  private Response fetch(ScriptedPeer peer) throws VpcException {
    return engines.engine.fetch(
        Request.builder(peer.url("/chat"))
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Protocol", "one, two")
            .header("Sec-WebSocket-Extensions", "permessage-deflate")
            .header("Sec-WebSocket-Key", "mine")
            .build());
  }

  private WebSocket open(ScriptedPeer peer, Heard heard) throws VpcException {
    return fetch(peer).webSocket(heard);
  }

  /** Accepts, says {@code octets}, and keeps what comes until the end. */
  private ScriptedPeer saying(byte[]... octets) throws IOException {
    return new ScriptedPeer(
        with -> {
          RawFrames.accept(with, "");
          for (var each : octets) {
            with.out.write(each);
          }
          keep(with);
        });
  }

  private void keep(ScriptedPeer.Conversation with) throws IOException {
    while (true) {
      got.add(RawFrames.read(with.in));
    }
  }

  private RawFrames.Frame received() throws InterruptedException {
    var frame = got.poll(30, TimeUnit.SECONDS);
    assertThat(frame).as("a frame within 10 s").isNotNull();
    assertThat(frame.masked()).as("RFC 6455 5.1: a client masks").isTrue();
    return frame;
  }

  // ---- opening

  @Test
  void theHandshakeIsOursAndTheSubprotocolTheApplications() throws Exception {
    var heads = new LinkedBlockingQueue<String>();
    try (var peer =
        new ScriptedPeer(
            with -> {
              heads.add(RawFrames.accept(with, "Sec-WebSocket-Protocol: two\r\n"));
              keep(with);
            })) {
      var response = fetch(peer);
      assertThat(response.status()).isEqualTo(101);
      var socket = response.webSocket(new Heard(0));

      assertThat(heads.take())
          .startsWith("GET /chat HTTP/1.1\r\n")
          .containsOnlyOnce("Sec-WebSocket-Key: ")
          .contains("Upgrade: websocket\r\n", "Connection: Upgrade\r\n")
          .contains("Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Protocol: one, two\r\n")
          .doesNotContain("mine", "permessage-deflate");
      assertThat(socket.getSubprotocol()).isEqualTo("two");
      assertThatThrownBy(() -> response.webSocket(new Heard(0)))
          .isInstanceOf(IllegalStateException.class);
      socket.abort();
      engines.untilNothingIsLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Upgrade: websocket|Connection: Upgrade",
        "Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Accept: bm90IGl0",
        "Upgrade: h2c|Connection: Upgrade|Sec-WebSocket-Accept: *",
        "Upgrade: websocket, h2c|Connection: Upgrade|Sec-WebSocket-Accept: *",
        "Upgrade: websocket|Connection: close|Sec-WebSocket-Accept: *",
        "Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Accept: *|Sec-WebSocket-Protocol: 3",
        "Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Accept: *|Sec-WebSocket-Extensions: x"
      })
  void anAnswerThatOpensNothingIsRefused(String fields) throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              var accept = RawFrames.acceptOf(with.head());
              with.say(
                  "HTTP/1.1 101 Switching Protocols\r\n"
                      + fields.replace("*", accept).replace("|", "\r\n")
                      + "\r\n\r\n");
              with.ended();
            })) {
      var failure = catchThrowableOfType(VpcException.class, () -> fetch(peer));

      assertThat(failure.code()).isEqualTo(ErrorCode.HTTP_UPGRADE_FAILED);
      assertThat(failure).hasMessageMatching("(?s).*(Upgrade|Connection|Sec-WebSocket-\\w+) .*");
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void anOrdinaryAnswerIsAnOrdinaryResponse() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              with.head();
              with.answer("no sockets here");
            })) {
      var response = fetch(peer);

      assertThat(response.status()).isEqualTo(200);
      assertThatThrownBy(() -> response.webSocket(new Heard(0)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("200");
      assertThat(response.text()).isEqualTo("no sockets here");
    }
  }

  @Test
  void onlyAGetOpensASocket() throws Exception {
    try (var peer = saying()) {
      var post =
          Request.builder(peer.url("/")).method("POST").header("Upgrade", "websocket").build();
      var failure = catchThrowableOfType(VpcException.class, () -> engines.engine.fetch(post));

      assertThat(failure.code()).isEqualTo(ErrorCode.HTTP_REQUEST_ERROR);
      assertThat(failure).hasMessageContaining("GET");
      assertThat(peer.accepted).hasValue(0);
    }
  }

  @Test
  void aListenerThatIsNullLeavesTheSocketToTheNext() throws Exception {
    try (var peer = saying(RawFrames.close(1000))) {
      var response = fetch(peer);
      assertThatThrownBy(() -> response.webSocket(null)).isInstanceOf(NullPointerException.class);
      var heard = new Heard(10);
      response.webSocket(heard);

      assertThat(heard.next()).startsWith("open");
      assertThat(heard.next()).isEqualTo("close 1000 ");
    }
  }

  @Test
  void whatTheFarEndSaidBeforeItLeftIsHeard() throws Exception {
    var answered = new CountDownLatch(1);
    var left = new CountDownLatch(1);
    try (var peer =
        new ScriptedPeer(
            with -> {
              RawFrames.accept(with, "");
              answered.await();
              with.out.write(RawFrames.last(RawFrames.TEXT, "early"));
              with.out.write(RawFrames.close(1001));
              with.socket.close();
              left.countDown();
            })) {
      var response = fetch(peer);
      answered.countDown();
      assertThat(left.await(30, TimeUnit.SECONDS)).isTrue();
      for (var loop : engines.loops.group()) { // with epoll: the end is seen, asked for or not
        loop.schedule(() -> {}, 50, TimeUnit.MILLISECONDS).get();
      }
      var heard = new Heard(10);
      response.webSocket(heard);

      assertThat(heard.next()).startsWith("open");
      assertThat(heard.next()).isEqualTo("text early");
      assertThat(heard.next()).isEqualTo("close 1001 ");
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aSocketEndsWithItsEngine() throws Exception {
    try (var peer = saying()) {
      var heard = new Heard(10);
      var socket = open(peer, heard);
      assertThat(heard.next()).startsWith("open");
      engines.engine.close();

      assertThat(heard.next()).startsWith("close 1006");
      assertThat(socket.isOutputClosed()).isTrue();
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aSocketThatNobodyTakesIsClosedWithItsResponse() throws Exception {
    try (var peer = saying()) {
      fetch(peer).close();
      engines.untilNothingIsLeft();
    }
  }

  // ---- in

  @Test
  void whatComesIsToldInOrderOnTheApplicationsThread() throws Exception {
    try (var peer =
        saying(
            RawFrames.last(RawFrames.TEXT, "hello"),
            RawFrames.frame(RawFrames.TEXT, new byte[] {'a', (byte) 0xf0, (byte) 0x9f}),
            RawFrames.last(RawFrames.PING, "p"),
            RawFrames.frame(0x80, new byte[] {(byte) 0x98, (byte) 0x80, 'z'}),
            RawFrames.frame(0x82, new byte[70_000]),
            RawFrames.last(RawFrames.PONG, ""),
            RawFrames.close(1001))) {
      var heard = new Heard(100);
      var socket = open(peer, heard);

      assertThat(heard.next()).isEqualTo("open on application");
      assertThat(heard.next()).isEqualTo("text hello");
      assertThat(heard.next()).isEqualTo("ping 1");
      assertThat(heard.next()).isEqualTo("text a\ud83d\ude00z");
      assertThat(heard.next()).isEqualTo("binary 70000");
      assertThat(heard.next()).isEqualTo("pong 0");
      assertThat(heard.next()).isEqualTo("close 1001 ");
      assertThat(received().opcode()).isEqualTo(RawFrames.PONG);
      assertThat(received().closeCode()).isEqualTo(1001);
      assertThat(socket.isInputClosed()).isTrue();
      assertThat(socket.isOutputClosed()).isTrue();
    }
  }

  @Test
  void withoutDemandNothingIsToldAndTheFarEndWaits() throws Exception {
    var piece = RawFrames.frame(0x82, new byte[1 << 20]);
    var sent = new CountDownLatch(64);
    try (var peer =
        new ScriptedPeer(
            with -> {
              RawFrames.accept(with, "");
              for (var i = 0; i < 64; i++) {
                with.out.write(piece);
                sent.countDown();
              }
              with.ended();
            })) {
      var heard = new Heard(0);
      var socket = open(peer, heard);

      assertThat(heard.next()).startsWith("open");
      assertThat(heard.lines).isEmpty();
      assertThat(sent.getCount()).as("64 MiB do not fit into what is held").isPositive();
      for (var i = 0; i < 64; i++) {
        socket.request(1);
        assertThat(heard.next()).isEqualTo("binary " + (1 << 20));
      }
      assertThat(sent.await(30, TimeUnit.SECONDS)).isTrue();
      socket.abort();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "c100, 1002, a reserved bit",
    "8300, 1002, an opcode that is none",
    "0900, 1002, a control frame in pieces",
    "8000, 1002, a continuation of nothing",
    "8180000000000, 1002, a masked frame",
    "8102c328, 1007, not UTF-8",
    "817f0000000010000001, 1009, a frame over the bound"
  })
  void whatBreaksTheProtocolEndsIt(String hex, int code, String what) throws Exception {
    var octets = new java.math.BigInteger("1" + hex + (hex.length() % 2 == 1 ? "0" : ""), 16);
    var bytes = octets.toByteArray();
    try (var peer = saying(java.util.Arrays.copyOfRange(bytes, 1, bytes.length))) {
      var heard = new Heard(10);
      var socket = open(peer, heard);

      assertThat(heard.next()).startsWith("open");
      assertThat(heard.next()).as(what).startsWith("error ");
      assertThat(received().closeCode()).as(what).isEqualTo(code);
      assertThat(socket.isInputClosed()).isTrue();
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aFarEndThatLeavesWithoutACloseIs1006() throws Exception {
    try (var peer = new ScriptedPeer(with -> RawFrames.accept(with, ""))) {
      var heard = new Heard(10);
      open(peer, heard);

      assertThat(heard.next()).startsWith("open");
      assertThat(heard.next()).isEqualTo("close 1006 ");
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aFarEndThatIsCutOffIsAnError() throws Exception {
    try (var peer =
        new ScriptedPeer(
            with -> {
              RawFrames.accept(with, "");
              RawFrames.read(with.in);
              with.reset();
            })) {
      var heard = new Heard(10);
      var socket = open(peer, heard);
      assertThat(heard.next()).startsWith("open");
      socket.sendText("are you there?", true);

      assertThat(heard.next()).startsWith("error ");
      assertThat(socket.isInputClosed()).isTrue();
      assertThat(socket.isOutputClosed()).isTrue();
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aListenerThatThrowsHearsOfItAndTheConnectionEnds() throws Exception {
    try (var peer = saying(RawFrames.last(RawFrames.TEXT, "x"))) {
      var errors = new LinkedBlockingQueue<Throwable>();
      fetch(peer)
          .webSocket(
              new WebSocket.Listener() {
                @Override
                public java.util.concurrent.CompletionStage<?> onText(
                    WebSocket webSocket, CharSequence data, boolean last) {
                  throw new IllegalStateException("the listener's own");
                }

                @Override
                public void onError(WebSocket webSocket, Throwable error) {
                  errors.add(error);
                }
              });

      assertThat(errors.poll(30, TimeUnit.SECONDS)).hasMessage("the listener's own");
      assertThat(received().closeCode()).isEqualTo(1011);
      engines.untilNothingIsLeft();
    }
  }

  // ---- out

  @Test
  void whatIsSentArrivesWholeAndMasked() throws Exception {
    try (var peer = saying()) {
      var socket = open(peer, new Heard(1));

      socket.sendText("a\ud83d", false).get(30, TimeUnit.SECONDS);
      socket.sendPing(ByteBuffer.wrap(new byte[125])).get(30, TimeUnit.SECONDS);
      socket.sendText("\ude00z", true).get(30, TimeUnit.SECONDS);
      socket.sendBinary(ByteBuffer.wrap(new byte[100_000]), true).get(30, TimeUnit.SECONDS);
      socket.sendClose(1000, "done").get(30, TimeUnit.SECONDS);

      var first = received();
      assertThat(first.text()).isEqualTo("a");
      assertThat(first.last()).isFalse();
      assertThat(received().opcode()).isEqualTo(RawFrames.PING);
      var second = received();
      assertThat(second.opcode()).isEqualTo(RawFrames.CONTINUATION);
      assertThat(second.text()).isEqualTo("\ud83d\ude00z");
      assertThat(received().payload().remaining()).isEqualTo(100_000);
      var close = received();
      assertThat(close.closeCode()).isEqualTo(1000);
      assertThat(close.text()).endsWith("done");
      assertThat(socket.isOutputClosed()).isTrue();
    }
  }

  @Test
  void whatMayNotBeSentIsRefused() throws Exception {
    try (var peer = saying()) {
      var socket = open(peer, new Heard(1));

      refused(() -> socket.sendPing(ByteBuffer.allocate(126)), IllegalArgumentException.class);
      refused(() -> socket.sendClose(1006, ""), IllegalArgumentException.class);
      refused(() -> socket.sendClose(1000, "x".repeat(124)), IllegalArgumentException.class);
      refused(() -> socket.sendText("\ude00", true), IOException.class);
      socket.sendText("begun", false).get(30, TimeUnit.SECONDS);
      refused(() -> socket.sendBinary(ByteBuffer.allocate(1), true), IllegalStateException.class);
      assertThatThrownBy(() -> socket.request(0)).isInstanceOf(IllegalArgumentException.class);
      socket.sendClose(1000, "").get(30, TimeUnit.SECONDS);
      refused(() -> socket.sendText("late", true), IOException.class);
      socket.abort();
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void oneSendAtATime() throws Exception {
    var release = new CountDownLatch(1);
    try (var peer =
        new ScriptedPeer(
            with -> {
              RawFrames.accept(with, "");
              release.await();
              keep(with);
            })) {
      var socket = open(peer, new Heard(1));
      var first = socket.sendBinary(ByteBuffer.allocate(32 << 20), true);

      refused(() -> socket.sendText("second", true), IllegalStateException.class);
      release.countDown();
      first.get(60, TimeUnit.SECONDS);
      socket.sendText("third", true).get(30, TimeUnit.SECONDS);
      socket.abort();
    }
  }

  private static void refused(
      java.util.function.Supplier<java.util.concurrent.CompletableFuture<WebSocket>> send,
      Class<? extends Exception> why) {
    assertThat(send.get())
        .failsWithin(10, TimeUnit.SECONDS)
        .withThrowableThat()
        .havingCause()
        .isInstanceOf(why);
  }

  // ---- whatever comes

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyOctetsEndInACloseOrAnError(long seed) throws Exception {
    var random = new Random(seed);
    var octets = new ByteArrayOutputStream();
    for (var i = 0; i < 20; i++) {
      var payload = new byte[random.nextInt(200)];
      random.nextBytes(payload);
      octets.writeBytes(
          RawFrames.frame(random.nextInt(4) == 0 ? random.nextInt(256) : 0x82, payload));
    }
    try (var peer =
        new ScriptedPeer(
            with -> {
              RawFrames.accept(with, "");
              with.out.write(octets.toByteArray());
            })) {
      var heard = new Heard(Long.MAX_VALUE);
      open(peer, heard);

      var line = heard.next();
      while (!line.startsWith("close") && !line.startsWith("error")) {
        line = heard.next();
      }
      engines.untilNothingIsLeft();
    }
  }
}
