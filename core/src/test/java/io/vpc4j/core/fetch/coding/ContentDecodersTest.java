package io.vpc4j.core.fetch.coding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.Unpooled;
import io.vpc4j.ErrorCode;
import io.vpc4j.Headers;
import io.vpc4j.VpcException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentDecodersTest {

  private static final byte[] TEXT = "the quick brown fox ".repeat(500).getBytes(UTF_8);

  // ---- what is read

  @Test
  void everyCodingIsUndoneHoweverItIsCut() throws Exception {
    var flowing = new Random(3);
    for (var piece : new int[] {1, 2, 3, 7, 100, Integer.MAX_VALUE}) {
      assertThat(decode("gzip", gzip(TEXT), piece)).as("gzip by %d", piece).isEqualTo(TEXT);
      assertThat(decode("x-gzip", gzip(TEXT), piece)).isEqualTo(TEXT);
      assertThat(decode("deflate", zlib(TEXT), piece)).as("zlib by %d", piece).isEqualTo(TEXT);
      assertThat(decode("deflate", raw(TEXT), piece)).as("raw by %d", piece).isEqualTo(TEXT);
      assertThat(decode("deflate, gzip", gzip(zlib(TEXT)), piece)).isEqualTo(TEXT);
    }
    var noise = new byte[300_000];
    flowing.nextBytes(noise);
    assertThat(decode("gzip", gzip(noise), 1_000)).isEqualTo(noise);
  }

  @Test
  void membersOneBehindTheOtherAreOneBody() throws Exception {
    var two = concat(gzip("one ".getBytes(UTF_8)), gzip("two".getBytes(UTF_8)));

    assertThat(decode("gzip", two, 5)).asString(UTF_8).isEqualTo("one two");
  }

  @Test
  void everyOptionalPartOfAGzipHeaderIsSkipped() throws Exception {
    var plain = gzip(TEXT);
    var header = new ByteArrayOutputStream();
    header.write(new byte[] {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 0});
    header.write(new byte[] {3, 0, 'a', 'b', 'c'});
    header.write("name\0comment\0".getBytes(UTF_8));
    header.write(new byte[] {0, 0});
    var full = concat(header.toByteArray(), Arrays.copyOfRange(plain, 10, plain.length));

    assertThat(decode("gzip", full, 1)).isEqualTo(TEXT);
    assertThat(decode("gzip", full, 1_000)).isEqualTo(TEXT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd", "identity", "gzip, br", "gzip,gzip,gzip,gzip,gzip", " "})
  void aCodingThatWeDoNotReadLeavesTheBodyAsItIs(String codings) {
    assertThat(new ContentDecoders().decoderFor(Headers.of("Content-Encoding", codings))).isNull();
  }

  @Test
  void aBodyWithoutACodingNeedsNoDecoder() {
    assertThat(new ContentDecoders().decoderFor(Headers.empty())).isNull();
  }

  // ---- what is refused

  @Test
  void everyPrefixOfABodyIsCutShort() throws Exception {
    for (var coding : new String[] {"gzip", "deflate"}) {
      var whole = coding.equals("gzip") ? gzip(TEXT) : zlib(TEXT);
      for (var length = 0; length < whole.length; length++) {
        var prefix = Arrays.copyOf(whole, length);
        var failure =
            catchThrowableOfType(
                VpcException.class, () -> decode(coding, prefix, Integer.MAX_VALUE));
        assertThat(failure).as("%s, %d octets", coding, length).isNotNull();
        assertThat(failure.code()).isEqualTo(ErrorCode.HTTP_RESPONSE_INCOMPLETE);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void noiseIsATypedErrorOrADecodedBodyAndNothingElse(long seed) throws Exception {
    var random = new Random(seed);
    var whole = gzip(TEXT);
    for (var round = 0; round < 300; round++) {
      var damaged = whole.clone();
      for (var i = 0; i <= random.nextInt(3); i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      try {
        decode("gzip", damaged, 1 + random.nextInt(50));
      } catch (VpcException e) {
        assertThat(e.code())
            .as("seed %d, round %d", seed, round)
            .isIn(ErrorCode.HTTP_PROTOCOL_ERROR, ErrorCode.HTTP_RESPONSE_INCOMPLETE);
      }
    }
  }

  @Test
  void aChecksumThatDoesNotMatchIsAProtocolError() throws Exception {
    var damaged = gzip(TEXT);
    damaged[damaged.length - 6] ^= 1;

    var failure = catchThrowableOfType(VpcException.class, () -> decode("gzip", damaged, 1_000));
    assertThat(failure.code()).isEqualTo(ErrorCode.HTTP_PROTOCOL_ERROR);
    assertThat(failure).hasMessageContaining("checksum");
  }

  @Test
  void aBombComesInPiecesAndWaitsForTheReader() throws Exception {
    var bomb = gzip(new byte[100 << 20]);
    var decoder = new ContentDecoders().decoderFor(Headers.of("Content-Encoding", "gzip"));
    decoder.feed(Unpooled.wrappedBuffer(bomb));

    var total = 0L;
    for (var piece = decoder.poll(); piece != null; piece = decoder.poll()) {
      assertThat(piece.capacity()).isLessThanOrEqualTo(64 * 1024);
      total += piece.readableBytes();
      piece.release();
    }
    decoder.finish();
    decoder.close();

    assertThat(total).isEqualTo(100 << 20);
  }

  // ---- fixtures

  private static byte[] decode(String coding, byte[] encoded, int pieceOctets)
      throws VpcException, IOException {
    var out = new ByteArrayOutputStream();
    var decoder = new ContentDecoders().decoderFor(Headers.of("Content-Encoding", coding));
    try (decoder) {
      for (var at = 0; at < encoded.length; ) {
        var count = Math.min(pieceOctets, encoded.length - at);
        decoder.feed(Unpooled.wrappedBuffer(encoded, at, count));
        drain(decoder, out);
        at += count;
      }
      decoder.finish();
      drain(decoder, out);
    }
    return out.toByteArray();
  }

  private static void drain(io.vpc4j.core.fetch.exchange.ContentDecoder decoder, OutputStream out)
      throws VpcException, IOException {
    for (var piece = decoder.poll(); piece != null; piece = decoder.poll()) {
      piece.readBytes(out, piece.readableBytes());
      piece.release();
    }
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    }
    return out.toByteArray();
  }

  private static byte[] zlib(byte[] plain) throws IOException {
    return deflate(plain, new Deflater());
  }

  private static byte[] raw(byte[] plain) throws IOException {
    return deflate(plain, new Deflater(Deflater.DEFAULT_COMPRESSION, true));
  }

  private static byte[] deflate(byte[] plain, Deflater deflater) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var deflate = new DeflaterOutputStream(out, deflater)) {
      deflate.write(plain);
    }
    deflater.end();
    return out.toByteArray();
  }

  private static byte[] concat(byte[] one, byte[] other) {
    var both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }
}
