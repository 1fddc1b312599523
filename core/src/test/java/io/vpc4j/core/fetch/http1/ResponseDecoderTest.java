package io.vpc4j.core.fetch.http1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.VpcException;
import io.vpc4j.core.fetch.exchange.ResponseHead;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("StringConcatToTextBlock") // CRLF must be seen
class ResponseDecoderTest {

  private static final int MAX_HEAD_OCTETS = 1024;

  /** What a decoder said, as text. */
  private static final class Heard implements ResponseDecoder.Sink {
    final List<Integer> interim = new ArrayList<>();
    ResponseHead head;
    final StringBuilder body = new StringBuilder();

    @Override
    public void onInterim(ResponseHead head) {
      interim.add(head.status());
    }

    @Override
    public void onHead(ResponseHead head) {
      this.head = head;
    }

    @Override
    public void onData(ByteBuf octets) {
      assertThat(octets.isReadable()).isTrue();
      body.append(octets.toString(StandardCharsets.ISO_8859_1));
      octets.release();
    }
  }

  /** One response read from its beginning. */
  private static final class Reading {
    final ResponseDecoder decoder = new ResponseDecoder(MAX_HEAD_OCTETS);
    final Heard heard = new Heard();
    boolean complete;
    int left;

    Reading() {
      this(false, false);
    }

    Reading(boolean headRequest, boolean upgradeWelcome) {
      decoder.expect(headRequest, upgradeWelcome);
    }

    Reading read(String octets) throws VpcException {
      var in = Unpooled.wrappedBuffer(octets.getBytes(StandardCharsets.ISO_8859_1));
      try {
        complete |= decoder.decode(in, heard);
        left = in.readableBytes();
      } finally {
        assertThat(in.release() || octets.isEmpty()).as("a slice was kept").isTrue();
      }
      return this;
    }
  }

  private static Reading read(String octets) throws VpcException {
    return new Reading().read(octets);
  }

  private static void refused(String octets) {
    assertThatThrownBy(() -> read(octets))
        .as(octets)
        .isInstanceOf(VpcException.class)
        .extracting(e -> ((VpcException) e).code())
        .isEqualTo(ErrorCode.HTTP_PROTOCOL_ERROR);
    // and the same octet by octet
    assertThatThrownBy(
            () -> {
              var reading = new Reading();
              for (var i = 0; i < octets.length() && !reading.complete; i++) {
                reading.read(octets.substring(i, i + 1));
              }
              assertThat(reading.complete).as("complete").isFalse();
            })
        .as(octets)
        .isInstanceOf(VpcException.class);
  }

  // ---- what is read

  @Test
  void aResponseWithALengthIsReadToItsLength() throws Exception {
    var reading = read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y \r\n\r\nhellomore");
    assertThat(reading.complete).isTrue();
    assertThat(reading.left).isEqualTo(4);
    assertThat(reading.heard.body).hasToString("hello");
    assertThat(reading.heard.head.status()).isEqualTo(200);
    assertThat(reading.heard.head.reason()).isEqualTo("OK");
    assertThat(reading.heard.head.headers().get("x")).contains("y");
    assertThat(reading.decoder.persistent()).isTrue();
  }

  @Test
  void chunksAreJoinedAndTrailersKept() throws Exception {
    var reading =
        read(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\n00A\r\n, wide"
                + " wor\r\n2\r\nld\r\n0\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\n");
    assertThat(reading.complete).isTrue();
    assertThat(reading.heard.body).hasToString("hello, wide world");
    assertThat(reading.decoder.trailers()).isEqualTo(Headers.of("X-Sum", "1"));
    assertThat(reading.decoder.persistent()).isTrue();
  }

  @Test
  void aBodyWithoutALengthEndsWithTheConnection() throws Exception {
    var reading = read("HTTP/1.1 200 OK\r\n\r\nuntil").read(" the end");
    assertThat(reading.complete).isFalse();
    assertThat(reading.decoder.onEndOfInput()).isTrue();
    assertThat(reading.heard.body).hasToString("until the end");
    assertThat(reading.decoder.persistent()).isFalse();
  }

  @Test
  void interimResponsesAreSkipped() throws Exception {
    var reading =
        read(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + "HTTP/1.1 204 No Content\r\n\r\n");
    assertThat(reading.complete).isTrue();
    assertThat(reading.heard.interim).containsExactly(100, 103);
    assertThat(reading.heard.head.status()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 205 Reset Content\r\n\r\n",
        "HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
      })
  void theseHaveNoBody(String octets) throws Exception {
    var reading = read(octets);
    assertThat(reading.complete).isTrue();
    assertThat(reading.left).isZero();
    assertThat(reading.heard.body).isEmpty();
  }

  @Test
  void aHeadRequestHasNoBodyWhateverTheFieldsSay() throws Exception {
    var reading = new Reading(true, false).read("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
    assertThat(reading.complete).isTrue();
    assertThat(reading.decoder.persistent()).isTrue();
  }

  @Test
  void http10ClosesAndSoDoesConnectionClose() throws Exception {
    assertThat(
            read("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n")
                .decoder
                .persistent())
        .isFalse();
    var closing = read("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n");
    assertThat(closing.complete).isTrue();
    assertThat(closing.decoder.persistent()).isFalse();
  }

  @Test
  void valuesAreUtf8AndWhatIsNotBecomesTheReplacementCharacter() throws Exception {
    var reading =
        read("HTTP/1.1 200\r\nX: \u00c3\u00a4\r\nY: a\u00ffb\r\nContent-Length: 0\r\n\r\n");
    assertThat(reading.heard.head.headers().get("X")).contains("ä");
    assertThat(reading.heard.head.headers().get("Y")).contains("a\ufffdb");
    assertThat(reading.heard.head.reason()).isEmpty();
  }

  @Test
  void a101ThatWasAskedForLeavesTheRest() throws Exception {
    var reading =
        new Reading(false, true).read("HTTP/1.1 101 Go\r\nUpgrade: websocket\r\n\r\nrest");
    assertThat(reading.complete).isFalse();
    assertThat(reading.decoder.upgraded()).isTrue();
    assertThat(reading.left).isEqualTo(4);
  }

  @Test
  void aHeadLikeTheLastOneIsTheSameObjectAndOneThatDiffersIsNot() throws Exception {
    var reading = new Reading();
    var one = "HTTP/1.1 200 OK\r\nDate: 1\r\nContent-Length: 1\r\n\r\na";
    var two = "HTTP/1.1 200 OK\r\nDate: 2\r\nContent-Length: 2\r\n\r\nbc";
    reading.read(one);
    var first = reading.heard.head;
    reading.decoder.expect(false, false);
    assertThat(reading.read(one).heard.head).isSameAs(first);
    reading.decoder.expect(false, false);
    assertThat(reading.read(two).heard.head.headers().get("date")).contains("2");
    reading.decoder.expect(true, false);
    reading.read(two.substring(0, two.length() - 2));
    assertThat(reading.complete).isTrue();
    assertThat(reading.heard.body).hasToString("aabc");
  }

  // ---- what is refused

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH\r\n",
        "<html>\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/0.9 200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1 200 OK\n\r\n",
        "HTTP/1.1 200 O\rK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
        "HTTP/1.1 200 OK\r\n X: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : a\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\u0000b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 101 Go\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000000000000000\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\n"
      })
  void theseAreRefused(String octets) {
    refused(octets);
  }

  @Test
  void headsTrailersExtensionsAndInterimResponsesAreBounded() {
    var line = "X: " + "y".repeat(MAX_HEAD_OCTETS) + "\r\n";
    var chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    refused("HTTP/1.1 200 OK\r\n" + line);
    refused("HTTP/1.1 200 " + "y".repeat(MAX_HEAD_OCTETS));
    refused(chunked + "0\r\n" + line);
    refused(chunked + "1;" + "y".repeat(ResponseDecoder.MAX_EXTENSION_OCTETS + 1));
    refused("HTTP/1.1 103 E\r\n\r\n".repeat(ResponseDecoder.MAX_INTERIM_RESPONSES + 1));
  }

  // ---- twins

  @Test
  void whereTheOctetsAreCutMakesNoDifference() throws Exception {
    var octets =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n"
            + "5;x\r\nhello\r\n1\r\n!\r\n0\r\nT: u\r\n\r\n";
    for (var cut = 0; cut < octets.length(); cut++) {
      for (var second = cut; second < octets.length(); second += 7) {
        var reading = new Reading();
        reading.read(octets.substring(0, cut)).read(octets.substring(cut, second));
        assertThat(reading.complete).isFalse();
        reading.read(octets.substring(second));
        assertThat(reading.complete).as("cut at %s and %s", cut, second).isTrue();
        assertThat(reading.heard.body).hasToString("hello!");
        assertThat(reading.heard.head.headers().get("a")).contains("b");
        assertThat(reading.decoder.trailers().get("t")).contains("u");
      }
    }
  }

  @Test
  void nettysDecoderReadsTheSameFromWellFormedResponses() throws Exception {
    var seed = 20_261_124L;
    var random = new Random(seed);
    for (var round = 0; round < 1_000; round++) {
      var response = wellFormed(random);
      var because = "seed " + seed + ", round " + round + ": " + response;
      var reading = new Reading();
      var at = 0;
      while (at < response.length()) {
        var to = Math.min(response.length(), at + 1 + random.nextInt(60));
        reading.read(response.substring(at, to));
        at = to;
      }
      if (!reading.complete) {
        assertThat(reading.decoder.onEndOfInput()).as(because).isTrue();
      }
      compare(reading, response, because);
    }
  }

  private static void compare(Reading reading, String response, String because) {
    var channel = new EmbeddedChannel(new HttpClientCodec(), new HttpObjectAggregator(1 << 20));
    channel.writeOutbound(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
    channel.writeInbound(Unpooled.wrappedBuffer(response.getBytes(StandardCharsets.ISO_8859_1)));
    channel.close();
    FullHttpResponse twin = channel.readInbound();
    assertThat(reading.heard.head.status()).as(because).isEqualTo(twin.status().code());
    assertThat(reading.heard.body)
        .as(because)
        .hasToString(twin.content().toString(StandardCharsets.ISO_8859_1));
    for (var i = 0; i < reading.heard.head.headers().size(); i++) {
      var name = reading.heard.head.headers().name(i);
      if (name.startsWith("X-")) {
        assertThat(reading.heard.head.headers().all(name))
            .as(because)
            .isEqualTo(twin.headers().getAll(name));
      }
    }
    twin.release();
    channel.finishAndReleaseAll();
  }

  private static String wellFormed(Random random) {
    var text = new StringBuilder("HTTP/1.1 " + (200 + random.nextInt(3)) + " Reason\r\n");
    for (var i = random.nextInt(6); i > 0; i--) {
      text.append("X-").append(random.nextInt(4)).append(":");
      text.append(" ".repeat(random.nextInt(3))).append("v".repeat(random.nextInt(30)));
      text.append("\t".repeat(random.nextInt(2))).append("\r\n");
    }
    var body = "b\r\n0\r\n".repeat(random.nextInt(40));
    switch (random.nextInt(3)) {
      case 0 ->
          text.append("Content-Length: ").append(body.length()).append("\r\n\r\n").append(body);
      case 1 -> {
        text.append("Transfer-Encoding: chunked\r\n\r\n");
        for (var at = 0; at < body.length(); ) {
          var size = Math.min(body.length() - at, 1 + random.nextInt(50));
          text.append(Integer.toHexString(size)).append(random.nextBoolean() ? ";e=1" : "");
          text.append("\r\n").append(body, at, at + size).append("\r\n");
          at += size;
        }
        text.append("0\r\n").append(random.nextBoolean() ? "T: x\r\n" : "").append("\r\n");
      }
      default -> text.append("\r\n").append(body);
    }
    return text.toString();
  }

  @Test
  void garbageNeitherHangsNorThrowsAnythingUntyped() {
    var seed = 7L;
    var random = new Random(seed);
    for (var round = 0; round < 10_000; round++) {
      var octets = new StringBuilder(wellFormed(random));
      for (var i = random.nextInt(4); i >= 0; i--) {
        var at = random.nextInt(octets.length());
        switch (random.nextInt(3)) {
          case 0 -> octets.setCharAt(at, (char) random.nextInt(256));
          case 1 -> octets.deleteCharAt(at);
          default -> octets.insert(at, "\r\n: ;\u00000".charAt(random.nextInt(6)));
        }
      }
      try {
        var reading = new Reading();
        var middle = random.nextInt(octets.length());
        reading.read(octets.substring(0, middle));
        if (!reading.complete) {
          reading.read(octets.substring(middle));
        }
        reading.decoder.onEndOfInput();
      } catch (VpcException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.HTTP_PROTOCOL_ERROR);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", round " + round + ": " + octets, e);
      }
    }
  }
}
