package io.vpc4j.tunnel.rpc.capnp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Malformed.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {

  private static final ReadLimits LIMITS = ReadLimits.RPC;

  // ---- words

  private static long structAt(int offset, int dataWords, int pointers) {
    return (offset * 4L & 0xffff_ffffL) | ((long) dataWords << 32) | ((long) pointers << 48);
  }

  private static long listAt(int offset, int elementSize, long count) {
    return (offset * 4L & 0xffff_ffffL) | 1 | ((long) elementSize << 32) | (count << 35);
  }

  private static long far(int segment, int word) {
    return ((long) segment << 32) | (long) word << 3 | 2;
  }

  private static long doubleFar(int segment, int word) {
    return far(segment, word) | 4;
  }

  private static MessageReader message(long[]... segments) {
    return message(LIMITS, segments);
  }

  private static MessageReader message(ReadLimits limits, long[]... segments) {
    return new MessageReader(
        Arrays.stream(segments)
            .map(
                words -> {
                  var segment =
                      ByteBuffer.allocate(words.length * 8).order(ByteOrder.LITTLE_ENDIAN);
                  LongStream.of(words).forEach(segment::putLong);
                  return segment.rewind();
                })
            .toArray(ByteBuffer[]::new),
        limits);
  }

  private static long[] segment(long... words) {
    return words;
  }

  private static void refused(Reason reason, ThrowingCallable reading) {
    assertThatThrownBy(reading)
        .isInstanceOfSatisfying(
            Malformed.class, e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
  }

  // ---- structs

  @Test
  void aNullRootIsAnEmptyStruct() throws Malformed {
    var root = message(segment(0)).root();

    assertThat(root.i64(0)).isZero();
    assertThat(root.text(0)).isEmpty();
    assertThat(root.struct(3).bit(77)).isFalse();
    assertThat(root.capability(0)).isEmpty();
  }

  @Test
  void aStructOfAnOlderSchemaReadsAsDefaultsPastItsEnd() throws Malformed {
    var root = message(segment(structAt(0, 1, 0), 0x8877_6655_4433_2211L)).root();

    assertThat(root.u8(1)).isEqualTo(0x22);
    assertThat(root.u16(6)).isEqualTo(0x8877);
    assertThat(root.i32(4)).isEqualTo(0x8877_6655);
    assertThat(root.bit(0)).isTrue();
    assertThat(root.bit(1)).isFalse();
    assertThat(root.i64(8)).isZero();
    assertThat(root.has(0)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1000, (1 << 29) - 1, -2, -1000, -(1 << 29)})
  void aStructOutsideItsSegmentIsRefused(int offset) {
    refused(Reason.BOUNDS, () -> message(segment(structAt(offset, 1, 0), 0)).root());
  }

  @Test
  void aStructLargerThanWhatIsThereIsRefused() {
    refused(Reason.BOUNDS, () -> message(segment(structAt(0, 2, 0), 0)).root());
    refused(Reason.BOUNDS, () -> message(segment(structAt(0, 0xffff, 0xffff), 0)).root());
  }

  @Test
  void anEmptySegmentHasNoRoot() {
    refused(Reason.LENGTH, () -> message(segment()).root());
  }

  @Test
  void aPointerOfAnotherKindIsRefused() {
    refused(Reason.TYPE, () -> message(segment(listAt(0, 2, 8), 0)).root());
    refused(Reason.TYPE, () -> message(segment(3)).root());
    refused(
        Reason.TYPE,
        () -> message(segment(structAt(0, 0, 1), structAt(0, 1, 0), 0)).root().list(0));
    refused(Reason.TYPE, () -> message(segment(structAt(0, 0, 1), 7L)).root().capability(0));
  }

  // ---- lists

  @Test
  void aTextEndsWithANul() throws Malformed {
    var root = message(segment(structAt(0, 0, 1), listAt(0, 2, 3), 0x00_69_68)).root();

    assertThat(root.text(0)).isEqualTo("hi");
    refused(
        Reason.VALUE,
        () -> message(segment(structAt(0, 0, 1), listAt(0, 2, 2), 0x6968)).root().text(0));
  }

  @Test
  void aTextOfAnotherElementSizeIsRefused() {
    for (var size : new int[] {1, 3, 4, 5, 6}) {
      refused(
          Reason.TYPE,
          () -> message(segment(structAt(0, 0, 1), listAt(0, size, 1), 0)).root().text(0));
    }
  }

  @Test
  void aListLongerThanWhatIsThereIsRefused() {
    refused(
        Reason.BOUNDS,
        () -> message(segment(structAt(0, 0, 1), listAt(0, 2, 9), 0)).root().data(0));
    refused(
        Reason.BOUNDS,
        () -> message(segment(structAt(0, 0, 1), listAt(0, 5, (1 << 29) - 1), 0)).root().list(0));
    refused(
        Reason.BOUNDS,
        () -> message(segment(structAt(0, 0, 1), listAt(0, 7, (1 << 29) - 1), 0)).root().list(0));
  }

  @Test
  void aListOfStructsIsReadByItsTag() throws Malformed {
    var list =
        message(segment(structAt(0, 0, 1), listAt(0, 7, 2), structAt(2, 1, 0), 11, 22))
            .root()
            .list(0);

    assertThat(list.size()).isEqualTo(2);
    assertThat(list.struct(1).i64(0)).isEqualTo(22);
  }

  @Test
  void aListOfStructsWhoseTagLiesIsRefused() {
    refused(Reason.BOUNDS, () -> composite(structAt(3, 1, 0)));
    refused(Reason.BOUNDS, () -> composite(structAt((1 << 29) - 1, 0xffff, 0xffff)));
    refused(Reason.TYPE, () -> composite(structAt(-1, 1, 0)));
    refused(Reason.TYPE, () -> composite(listAt(2, 2, 2)));
  }

  private static ListReader composite(long tag) throws Malformed {
    return message(segment(structAt(0, 0, 1), listAt(0, 7, 2), tag, 11, 22)).root().list(0);
  }

  // ---- far pointers

  @Nested
  class FarPointers {

    @Test
    void leadToAStructOfAnotherSegment() throws Malformed {
      var root = message(segment(far(1, 0)), segment(structAt(0, 1, 0), 42)).root();

      assertThat(root.i64(0)).isEqualTo(42);
    }

    @Test
    void leadByTwoWordsToAThirdSegment() throws Malformed {
      var root =
          message(
                  segment(doubleFar(1, 0)),
                  segment(far(2, 1), structAt(0, 1, 1)),
                  segment(99, 42, listAt(0, 2, 2), 0x0068))
              .root();

      assertThat(root.i64(0)).isEqualTo(42);
      assertThat(root.text(0)).isEqualTo("h");
    }

    @Test
    void leadNowhereAndAreRefused() {
      refused(Reason.BOUNDS, () -> message(segment(far(1, 0))).root());
      refused(Reason.BOUNDS, () -> message(segment(far(-1, 0))).root());
      refused(Reason.BOUNDS, () -> message(segment(far(0, 1))).root());
      refused(Reason.BOUNDS, () -> message(segment(far(0, (1 << 29) - 1))).root());
      refused(Reason.BOUNDS, () -> message(segment(doubleFar(1, 0)), segment(far(0, 0))).root());
      refused(
          Reason.BOUNDS,
          () -> message(segment(doubleFar(1, 0)), segment(far(9, 0), structAt(0, 1, 0))).root());
    }

    @Test
    void leadToFarPointersAndAreRefused() {
      refused(Reason.TYPE, () -> message(segment(far(0, 0))).root());
      refused(Reason.TYPE, () -> message(segment(far(1, 0)), segment(far(0, 0))).root());
      refused(
          Reason.TYPE, () -> message(segment(doubleFar(1, 0)), segment(doubleFar(0, 0), 0)).root());
      refused(Reason.TYPE, () -> message(segment(doubleFar(1, 0)), segment(far(0, 0), 3)).root());
      refused(
          Reason.TYPE,
          () -> message(segment(doubleFar(1, 0)), segment(far(0, 0), structAt(1, 1, 0))).root());
    }
  }

  // ---- attacks

  @Test
  void aRingIsLeftAtTheNestingLimit() {
    var message = message(segment(structAt(0, 0, 1), structAt(-1, 0, 1)));

    refused(
        Reason.TRAVERSAL,
        () -> {
          var struct = message.root();
          for (var depth = 0; depth < 1_000_000; depth++) {
            struct = struct.struct(0);
          }
        });
  }

  @Test
  void nestingIsLimitedExactly() throws Malformed {
    var words = new long[65];
    Arrays.fill(words, structAt(0, 0, 1));
    words[64] = 0;
    var generous = new ReadLimits(1 << 20, 1, 64, 100);
    var struct = message(generous, words).root();
    for (var depth = 1; depth < 64; depth++) {
      struct = struct.struct(0);
    }

    assertThat(struct.has(0)).isFalse();

    var deeper = new long[66];
    Arrays.fill(deeper, structAt(0, 0, 1));
    deeper[65] = 0;
    var tooDeep = message(generous, deeper);
    refused(
        Reason.TRAVERSAL,
        () -> {
          var below = tooDeep.root();
          for (var depth = 1; depth < 65; depth++) {
            below = below.struct(0);
          }
        });
  }

  @Test
  void elementsWithoutOctetsAreNotFree() {
    refused(
        Reason.TRAVERSAL,
        () -> message(segment(structAt(0, 0, 1), listAt(0, 0, (1 << 29) - 1))).root().list(0));
    refused(
        Reason.TRAVERSAL,
        () ->
            message(segment(structAt(0, 0, 1), listAt(0, 7, 0), structAt((1 << 29) - 1, 0, 0)))
                .root()
                .list(0));
  }

  /** Each level is a list of pointers that all lead to the next: 16 to the power of 60 leaves. */
  @Test
  void pointersThatMeetCostNoMoreThanTheMessageIsWorth() {
    var width = 16;
    var levels = 60;
    var words = new long[2 + width * levels];
    words[0] = structAt(0, 0, 1);
    words[1] = listAt(0, 6, width);
    for (var level = 0; level < levels - 1; level++) {
      for (var i = 0; i < width; i++) {
        words[2 + level * width + i] = listAt(width - i - 1, 6, width);
      }
    }
    var message = message(words);

    refused(Reason.TRAVERSAL, () -> new MessageBuilder().root(0, 1).copy(0, message.root()));
  }

  @Test
  void readingOneThingForEverIsNotFree() throws Malformed {
    var root = message(segment(structAt(0, 0, 1), listAt(0, 2, 8), 0)).root();

    refused(
        Reason.TRAVERSAL,
        () -> {
          for (var i = 0; i < 1_000_000; i++) {
            root.data(0);
          }
        });
  }

  // ---- copies

  @Test
  void aCopyHoldsAllThatAStructCanHold() throws Malformed {
    var source = new MessageBuilder();
    var root = source.root(1, 5).i64(0, 7).text(0, "text").capability(1, 3);
    root.structs(2, 2, 1, 1).at(1).i64(0, 9).text(0, "in a list");
    root.texts(3, List.of("a", "b"));
    root.struct(4, 0, 0);
    var target = new MessageBuilder();
    target.root(0, 1).copy(0, MessageReader.of(source.framed(), LIMITS).root());
    var copy = MessageReader.of(target.framed(), LIMITS).root().struct(0);

    assertThat(copy.i64(0)).isEqualTo(7);
    assertThat(copy.text(0)).isEqualTo("text");
    assertThat(copy.capability(1)).hasValue(3);
    assertThat(copy.list(2).struct(1).i64(0)).isEqualTo(9);
    assertThat(copy.list(2).struct(1).text(0)).isEqualTo("in a list");
    assertThat(copy.list(3).text(1, StandardCharsets.UTF_8)).isEqualTo("b");
    assertThat(copy.has(4)).isTrue();
  }
}
