package io.vpc4j.core.fetch.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vpc4j.Headers;
import io.vpc4j.core.fetch.RawFrames;
import io.vpc4j.core.fetch.exchange.EarlyOctets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link WebSocket} promises, on a channel, a clock and a thread that are the test's. */
class WebSocketContractTest {

  private static final byte[] TEXT = RawFrames.last(RawFrames.TEXT, "x");

  // ---- the end

  @Test
  void anErrorIsHeardWithBothSidesClosed() throws Exception {
    var violation = new EmbeddedSocket(10);
    violation.comes(new byte[] {(byte) 0xc1, 0});
    assertThat(violation.heard).hasSize(2).last().asString().startsWith("error ");
    assertThat(violation.closedAtTheEnd).isTrue();
    assertThat(violation.sent().closeCode()).isEqualTo(1002);
    assertThat(violation.octetsLeft()).isZero();

    var reset = new EmbeddedSocket(0);
    reset.channel.pipeline().fireExceptionCaught(new IOException("reset"));
    reset.channel.runPendingTasks();
    assertThat(reset.heard).containsExactly("open", "error reset");
    assertThat(reset.closedAtTheEnd).isTrue();
    assertThat(reset.channel.isOpen()).isFalse();
  }

  @Test
  void aStageThatFailsIsAnErrorToo() throws Exception {
    var its = new EmbeddedSocket(10);
    var taken = new CompletableFuture<Void>();
    its.taken = taken;
    its.comes(TEXT);
    taken.completeExceptionally(new IllegalStateException("its own"));

    assertThat(its.heard).containsExactly("open", "text x.", "error its own");
    assertThat(its.closedAtTheEnd).isTrue();
    assertThat(its.sent().closeCode()).isEqualTo(1011);
  }

  @Test
  void aWriteThatFailsEndsIt() {
    var its = new EmbeddedSocket(0);
    its.writeFailure = new IOException("broken pipe");
    var sent = its.socket.sendText("x", true);
    its.channel.runPendingTasks();

    refused(sent, IOException.class);
    assertThat(its.heard).hasSize(2).last().asString().startsWith("error ");
    assertThat(its.closedAtTheEnd).isTrue();
    assertThat(its.channel.isOpen()).isFalse();
  }

  @Test
  void aPongThatCannotBeWrittenEndsIt() {
    var its = new EmbeddedSocket(0);
    its.writeFailure = new IOException("broken pipe");
    its.comes(RawFrames.last(RawFrames.PING, "p"));

    assertThat(its.heard).hasSize(2).last().asString().startsWith("error ");
    assertThat(its.channel.isOpen()).isFalse();
  }

  @Test
  void aResetBehindACloseIsOfNoInterest() {
    var its = new EmbeddedSocket(0);
    its.comes(RawFrames.close(1000));
    its.channel.pipeline().fireExceptionCaught(new IOException("reset"));
    its.channel.runPendingTasks();
    assertThat(its.heard).containsExactly("open");
    its.socket.request(1);

    assertThat(its.heard).containsExactly("open", "close 1000 ");
    assertThat(its.closedAtTheEnd).isTrue();
  }

  @Test
  void behindACloseTheEndIsReadWithoutDemand() throws Exception {
    var its = new EmbeddedSocket(1);
    its.comes(RawFrames.close(1000));
    assertThat(its.heard).containsExactly("open", "close 1000 ");
    var before = its.reads;
    its.comes(TEXT); // it says nothing any more, and is not asked

    assertThat(its.heard).hasSize(2);
    assertThat(before).as("the far end closes first, RFC 6455 7.1.1").isGreaterThan(1);
    assertThat(its.channel.config().isAutoRead()).isTrue();
    assertThat(its.sent().closeCode()).isEqualTo(1000);
    assertThat(its.octetsLeft()).isZero();
  }

  @Test
  void aFarEndThatDoesNotCloseHasTenSeconds() throws Exception {
    var its = new EmbeddedSocket(10);
    its.socket.sendClose(1000, "bye");
    its.comes(TEXT);
    its.advance(9_900);
    assertThat(its.channel.isOpen()).isTrue();
    assertThat(its.socket.isInputClosed()).isFalse();
    its.advance(200);

    assertThat(its.channel.isOpen()).isFalse();
    assertThat(its.heard).containsExactly("open", "text x.", "close 1006 ");
  }

  @Test
  void aListenerThatPutsOffTheReplyHasTenSeconds() throws Exception {
    var its = new EmbeddedSocket(10);
    its.closing = new CompletableFuture<>();
    its.comes(RawFrames.close(1001));
    assertThat(its.heard).containsExactly("open", "close 1001 ");
    assertThat(its.socket.isOutputClosed()).isFalse();
    assertThat(its.sent()).isNull();
    its.socket.sendText("still", true);
    assertThat(its.sent().text()).isEqualTo("still");
    its.socket.sendClose(3000, "mine");
    assertThat(its.sent().closeCode()).isEqualTo(3000);
    its.advance(10_100);

    assertThat(its.channel.isOpen()).isFalse();
    assertThat(its.heard).hasSize(2);
  }

  @Test
  void abortIsSilentAndFailsWhatIsPending() throws Exception {
    var its = new EmbeddedSocket(10);
    its.holdsWrites = true;
    var text = its.socket.sendText("x", true);
    var ping = its.socket.sendPing(ByteBuffer.allocate(0));
    its.channel.runPendingTasks();
    assertThat(text).isNotDone();
    its.socket.abort();
    assertThat(its.socket.isInputClosed()).isTrue();
    assertThat(its.socket.isOutputClosed()).isTrue();
    its.channel.runPendingTasks();
    its.socket.abort();

    refused(text, IOException.class);
    refused(ping, IOException.class);
    refused(its.socket.sendText("y", true), IOException.class);
    assertThat(its.heard).containsExactly("open");
    assertThat(its.octetsLeft()).isZero();
  }

  @Test
  void aChannelThatClosedBeforeAnybodyTookItIs1006() {
    var channel = new EmbeddedChannel();
    channel.close();
    var its = new EmbeddedSocket(10);
    var rest = Unpooled.buffer().writeBytes(TEXT);
    new NettyWebSockets()
        .begin(Headers.empty())
        .open(EarlyOctets.keep(channel, rest), its, Runnable::run);
    channel.runPendingTasks();

    assertThat(its.heard).containsExactly("open", "open", "text x.", "close 1006 ");
    assertThat(rest.refCnt()).isZero();
  }

  // ---- sends

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 999, 1002, 1004, 1005, 1006, 1007, 1015, 1016, 2999, 5000, 65_536})
  void aCodeThatMayNotBeSentIsRefusedAndClosesNothing(int code) {
    var its = new EmbeddedSocket(1);
    refused(its.socket.sendClose(code, ""), IllegalArgumentException.class);
    refused(its.socket.sendClose(1000, "half \ud83d"), IllegalArgumentException.class);

    assertThat(its.socket.isOutputClosed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1008, 1011, 3000, 4999})
  void aCodeThatMayBeSentIs(int code) throws Exception {
    var its = new EmbeddedSocket(1);
    assertThat(its.socket.sendClose(code, "ü")).isCompleted();

    var close = its.sent();
    assertThat(close.closeCode()).isEqualTo(code);
    assertThat(close.payload().remaining()).isEqualTo(4);
    refused(its.socket.sendClose(code, ""), IOException.class);
  }

  @Test
  void aRefusedSendLeavesTheBufferAlone() {
    var its = new EmbeddedSocket(1);
    its.holdsWrites = true;
    var first = ByteBuffer.allocate(3);
    its.socket.sendBinary(first, true);
    var second = ByteBuffer.allocate(3);
    refused(its.socket.sendBinary(second, true), IllegalStateException.class);
    assertThat(second.remaining()).isEqualTo(3);
    its.socket.sendPing(ByteBuffer.allocate(3));
    refused(its.socket.sendPong(second), IllegalStateException.class);
    assertThat(second.remaining()).isEqualTo(3);
  }

  @Test
  void aSentBufferIsUsedUpWhateverItsKind() throws Exception {
    var its = new EmbeddedSocket(1);
    var array = new byte[] {9, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 9};
    for (var kind = 0; kind < 3; kind++) {
      var buffer = ByteBuffer.wrap(array);
      if (kind == 1) {
        buffer = ByteBuffer.allocateDirect(12).put(array).order(ByteOrder.LITTLE_ENDIAN);
      } else if (kind == 2) {
        buffer = buffer.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
      }
      buffer.position(1).limit(11);
      assertThat(its.socket.sendBinary(buffer, true)).isCompletedWithValue(its.socket);
      assertThat(buffer.remaining()).isZero();
      assertThat(its.sent().payload()).isEqualTo(ByteBuffer.wrap(array, 1, 10));
    }
  }

  @Test
  void aTextThatIsNotUtf16IsAnIoExceptionAndNothingIsSent() throws Exception {
    var its = new EmbeddedSocket(1);
    refused(its.socket.sendText("a\ude00", true), IOException.class);
    refused(its.socket.sendText("a\ud83d", true), IOException.class);
    its.socket.sendText("a\ud83d", false);
    refused(its.socket.sendText("b", false), IOException.class);
    its.socket.sendText("\ude00", true);

    assertThat(its.sent().text()).isEqualTo("a");
    assertThat(its.sent().text()).isEqualTo("\ud83d\ude00");
    assertThat(its.sent()).isNull();
  }

  @Test
  void ofManyPingsTheLatestIsAnswered() throws Exception {
    var its = new EmbeddedSocket(10);
    its.comes(RawFrames.last(RawFrames.PING, "one"));
    assertThat(its.sent().text()).isEqualTo("one");
    its.holdsWrites = true;
    for (var i = 0; i < 1_000; i++) {
      its.comes(RawFrames.last(RawFrames.PING, "more"));
    }
    assertThat(its.octetsLeft()).isZero();
  }

  // ---- whatever comes

  @Test
  void whatNobodyAsksForIsBounded() throws Exception {
    var its = new EmbeddedSocket(0);
    var some = new byte[1 << 17]; // of empty binary frames
    for (var i = 0; i < some.length; i += 2) {
      some[i] = (byte) 0x82;
    }
    for (var i = 0; i < Incoming.MAX_EVENTS; i += some.length / 2) {
      its.comes(some);
    }
    assertThat(its.heard).containsExactly("open");
    assertThat(its.socket.isOutputClosed()).isFalse();
    its.comes(some);

    assertThat(its.heard).hasSize(2).last().asString().startsWith("error more than 262144");
    assertThat(its.sent().closeCode()).isEqualTo(1009);
    assertThat(its.octetsLeft()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_000, 2_000, 3_000})
  void framesCutAnywhereAreHeardAlikeAndNothingLeaks(long from) throws Exception {
    for (var seed = from; seed < from + 250; seed++) {
      var octets = octets(new Random(seed));
      var whole = new EmbeddedSocket(Long.MAX_VALUE, Unpooled.copiedBuffer(octets));
      var slow = new EmbeddedSocket(Long.MAX_VALUE);
      for (var i = 0; i < octets.length; i++) {
        slow.comes(octets, i, i + 1);
      }
      for (var each : new EmbeddedSocket[] {whole, slow}) {
        assertThat(each.octetsLeft()).as("seed %s", seed).isZero();
        assertThat(each.heard.get(each.heard.size() - 1))
            .as("seed %s", seed)
            .matches("(?s)(close|error) .*");
      }
      assertThat(slow.heard).as("seed %s", seed).isEqualTo(whole.heard);
    }
  }

  /** Mostly frames that make sense, for a while. */
  private static byte[] octets(Random random) {
    var octets = new ByteArrayOutputStream();
    var first = new int[] {0x81, 0x01, 0x80, 0x00, 0x82, 0x02, 0x89, 0x8a, 0x88};
    for (var i = 0; i < 12; i++) {
      var payload = "aü€\ud83d\ude00".repeat(random.nextInt(30)).getBytes(StandardCharsets.UTF_8);
      var cut = payload.length == 0 ? 0 : random.nextInt(payload.length + 1);
      var kind = first[random.nextInt(random.nextInt(3) == 0 ? 9 : 8)];
      if ((kind & 8) != 0) {
        cut = Math.min(cut, 125);
      }
      var some = Arrays.copyOf(payload, random.nextBoolean() ? payload.length : cut);
      octets.writeBytes(
          (kind & 8) == 0
              ? RawFrames.frame(random.nextInt(20) == 0 ? random.nextInt(256) : kind, some)
              : RawFrames.frame(kind, Arrays.copyOf(payload, cut)));
    }
    return octets.toByteArray();
  }

  private static void refused(CompletableFuture<WebSocket> sent, Class<? extends Exception> why) {
    assertThat(sent.handle((value, failure) -> failure).getNow(null)).isInstanceOf(why);
  }
}
