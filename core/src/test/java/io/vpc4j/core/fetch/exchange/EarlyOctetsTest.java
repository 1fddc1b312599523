package io.vpc4j.core.fetch.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What comes before anybody listens. */
class EarlyOctetsTest {

  private final EmbeddedChannel channel = new EmbeddedChannel();

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private String handedOver(EarlyOctets early) {
    var all = new StringBuilder();
    early.handOver(
        octets -> {
          all.append(octets.toString(StandardCharsets.US_ASCII));
          octets.release();
        });
    return all.toString();
  }

  @Test
  void itIsGivenInOrderAndThenNothingIsKept() {
    var early = EarlyOctets.keep(channel, text("a"));
    channel.pipeline().fireChannelRead(text("b")).fireChannelRead(text("c"));

    assertThat(handedOver(early)).isEqualTo("abc");
    assertThat(channel.pipeline().context(early)).isNull();
    assertThat(handedOver(early)).isEmpty();
  }

  @Test
  void itOutlivesItsChannelAndSaysHowThatEnded() {
    var early = EarlyOctets.keep(channel, Unpooled.EMPTY_BUFFER);
    channel.pipeline().fireChannelRead(text("last words"));
    var reset = new IOException("reset");
    channel.pipeline().fireExceptionCaught(reset);
    channel.runPendingTasks();
    assertThat(channel.isOpen()).isFalse();

    var words = new StringBuilder();
    var failure =
        early.handOver(
            octets -> {
              words.append(octets.toString(StandardCharsets.US_ASCII));
              octets.release();
            });
    assertThat(words).hasToString("last words");
    assertThat(failure).isSameAs(reset);
  }

  @Test
  void whatIsDroppedIsFreed() {
    var rest = text("rest");
    var later = text("later");
    var early = EarlyOctets.keep(channel, rest);
    channel.pipeline().fireChannelRead(later);
    early.drop();
    channel.runPendingTasks();

    assertThat(rest.refCnt()).isZero();
    assertThat(later.refCnt()).isZero();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void moreThanTheBoundDisconnects() {
    var early = EarlyOctets.keep(channel, Unpooled.wrappedBuffer(new byte[EarlyOctets.MAX_OCTETS]));
    assertThat(channel.isOpen()).isTrue();
    var more = text("x");
    channel.pipeline().fireChannelRead(more);
    channel.runPendingTasks();

    assertThat(more.refCnt()).isZero();
    assertThat(channel.isOpen()).isFalse();
    assertThat(early.handOver(ByteBuf::release)).hasMessageContaining("16777216 octets");
  }
}
