package io.vpc4j.core.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How much is fetched ahead, of whom, and in how many buffers. */
class ReadAheadTest {

  private static final int PIECE = 4 * 1024;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final ReadAhead ahead = new ReadAhead(channel);

  @AfterEach
  void drop() {
    ahead.abandon();
    channel.finishAndReleaseAll();
  }

  private boolean reads() {
    return channel.config().isAutoRead();
  }

  /** As much as the channel is let bring; how much that was. */
  private int fill() {
    var brought = 0;
    while (reads()) {
      ahead.add(Unpooled.wrappedBuffer(new byte[PIECE]));
      brought += PIECE;
      assertThat(brought).isLessThanOrEqualTo(ReadAhead.MAX_OCTETS);
    }
    return brought;
  }

  private void drain() {
    for (var next = ahead.take(); next != null; next = ahead.take()) {
      ahead.copied(next.skipBytes(next.readableBytes()), PIECE);
    }
  }

  @Test
  void nothingIsReadBeforeItIsWanted() {
    assertThat(reads()).isFalse();
    ahead.want();
    assertThat(reads()).isTrue();
  }

  @Test
  void oneThatIsNotReadHasTheLeast() {
    ahead.want();
    assertThat(fill()).isEqualTo(ReadAhead.FIRST_OCTETS);
    assertThat(ahead.octets()).isEqualTo(ReadAhead.FIRST_OCTETS);
  }

  @Test
  void oneThatIsEmptiedEachTimeSoonHasTheMost() {
    List<Integer> brought = new ArrayList<>();
    for (var i = 0; i < 6; i++) {
      ahead.want();
      brought.add(fill());
      drain();
    }
    var kibi = 1024;
    assertThat(brought)
        .containsExactly(
            64 * kibi, 128 * kibi, 256 * kibi, 512 * kibi, 1024 * kibi, ReadAhead.MAX_OCTETS);
  }

  @Test
  void oneWhoseReaderIsTheSlowerKeepsWhatItHas() {
    ahead.want();
    fill();
    for (var i = 0; i < 1_000; i++) { // it never waits
      var next = ahead.take();
      assertThat(next).isNotNull();
      ahead.copied(next.skipBytes(PIECE), PIECE);
      if (reads()) {
        fill();
      }
      assertThat(ahead.octets()).isLessThanOrEqualTo(ReadAhead.FIRST_OCTETS);
    }
  }

  @Test
  void oneThatIsNeverFilledKeepsWhatItHas() {
    for (var i = 0; i < 1_000; i++) {
      ahead.want();
      ahead.add(Unpooled.wrappedBuffer(new byte[PIECE]));
      drain();
    }
    ahead.want();
    assertThat(fill()).isEqualTo(ReadAhead.FIRST_OCTETS);
  }

  @Test
  void smallBuffersThatWaitArePutTogether() {
    var random = new Random(5);
    var came = new ArrayList<ByteBuf>();
    var octets = Unpooled.buffer();
    ahead.want();
    while (reads()) {
      var small = Unpooled.buffer(8).writeByte(random.nextInt());
      octets.writeByte(small.getByte(0));
      came.add(small);
      ahead.add(small);
    }
    assertThat(came.stream().filter(buffer -> buffer.refCnt() > 0)).hasSizeLessThanOrEqualTo(1);

    var buffers = 0;
    var seen = Unpooled.buffer();
    for (var next = ahead.take(); next != null; next = ahead.take()) {
      buffers++;
      var count = next.readableBytes();
      seen.writeBytes(next);
      ahead.copied(next, count);
    }
    assertThat(seen).isEqualTo(octets);
    assertThat(buffers).isLessThanOrEqualTo(1 + ReadAhead.FIRST_OCTETS / 4096 + 1);
    assertThat(ahead.octets()).isZero();
  }

  @Test
  void nothingIsAddedToABufferThatIsTaken() {
    ahead.add(Unpooled.wrappedBuffer(new byte[] {1}));
    ahead.add(Unpooled.wrappedBuffer(new byte[] {2}));
    var first = ahead.take();
    assertThat(first).isNotNull();
    ahead.copied(first.skipBytes(1), 1);
    var gathered = ahead.take();
    assertThat(gathered).isNotNull();
    ahead.add(Unpooled.wrappedBuffer(new byte[] {3}));
    assertThat(gathered.readableBytes()).isEqualTo(1);
    ahead.copied(gathered.skipBytes(1), 1);
    assertThat(ahead.octets()).isEqualTo(1);
  }

  @Test
  void whatWasTakenIsReleasedByItsTakerWhenTheRestIsDropped() {
    var kept = Unpooled.wrappedBuffer(new byte[10]);
    ahead.add(kept);
    var taken = ahead.take();
    assertThat(taken).isNotNull();
    ahead.abandon();
    assertThat(kept.refCnt()).isEqualTo(1);
    ahead.copied(taken, 0);
    assertThat(kept.refCnt()).isZero();

    var late = Unpooled.wrappedBuffer(new byte[10]);
    ahead.add(late);
    assertThat(late.refCnt()).isZero();
  }

  @Test
  void afterTheEndTheChannelIsNotAskedAgain() {
    ahead.want();
    ahead.end();
    ahead.want();
    assertThat(reads()).isFalse();
  }
}
