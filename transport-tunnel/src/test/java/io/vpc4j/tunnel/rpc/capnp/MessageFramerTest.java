package io.vpc4j.tunnel.rpc.capnp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.testkit.Seeds;
import io.vpc4j.tunnel.octets.Malformed;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class MessageFramerTest {

  @Test
  void octetsMayComeInAnyPieces() {
    Seeds.forEach(
        0xF4A3E,
        300,
        random -> {
          var stream = new ByteArrayOutputStream();
          var count = 1 + random.nextInt(5);
          for (var i = 0; i < count; i++) {
            stream.writeBytes(message(i, random.nextInt(2000)));
          }
          var octets = stream.toByteArray();
          var framer = new MessageFramer(ReadLimits.RPC);
          var numbers = new ArrayList<Long>();
          for (var from = 0; from < octets.length; ) {
            var piece = Math.min(1 + random.nextInt(700), octets.length - from);
            var in = ByteBuffer.wrap(octets, from, piece);
            for (var message = framer.poll(in); message != null; message = framer.poll(in)) {
              numbers.add(message.root().i64(0));
            }
            assertThat(in.hasRemaining()).isFalse();
            from += piece;
          }
          assertThat(numbers).hasSize(count).isSorted();
          assertThat(framer.isMidMessage()).isFalse();
        });
  }

  private static byte[] message(int number, int textLength) {
    var message = new MessageBuilder();
    message.root(1, 1).i64(0, number).text(0, "x".repeat(textLength));
    var framed = message.framed();
    var octets = new byte[framed.remaining()];
    framed.get(octets);
    return octets;
  }

  @Test
  void aMessageOfManySegmentsIsCutWhereItShouldBe() throws Malformed {
    var framed = ByteBuffer.allocate(16 + 24).order(ByteOrder.LITTLE_ENDIAN);
    framed.putInt(1).putInt(1).putInt(2).putInt(0); // two segments, of 1 and 2 words
    framed.putLong(2L | 1L << 32).putLong(1L << 32).putLong(42).flip();
    var message = MessageReader.of(framed, ReadLimits.RPC);

    assertThat(message.root().i64(0)).isEqualTo(42);
  }

  @Test
  void whatIsBeyondTheLimitsIsRefusedAtItsHead() {
    refused(new int[] {512, 0}); // 513 segments
    refused(new int[] {-1, 0});
    refused(new int[] {0, -1});
    refused(new int[] {0, (1 << 20) / 8 + 1}); // a word more than 1 MiB
    refused(new int[] {2, -1, -1, -1, 0});
  }

  private static void refused(int[] head) {
    var in = ByteBuffer.allocate(head.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (var word : head) {
      in.putInt(word);
    }

    assertThatThrownBy(() -> new MessageFramer(ReadLimits.RPC).poll(in.flip()))
        .isInstanceOfSatisfying(
            Malformed.class, e -> assertThat(e.reason()).isEqualTo(Malformed.Reason.SIZE));
  }

  /** Were the announced octets set aside, this would need 60 GiB. */
  @Test
  void aMessageThatIsOnlyAnnouncedTakesNoRoom() throws Malformed {
    var limits = ReadLimits.ofOctets(60 << 20);
    var framers = new ArrayList<MessageFramer>();
    for (var i = 0; i < 1000; i++) {
      var head = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
      head.putInt(0).putInt((60 << 20) / 8).put((byte) 1).flip();
      var framer = new MessageFramer(limits);
      assertThat(framer.poll(head)).isNull();
      framers.add(framer);
    }

    assertThat(framers).hasSize(1000).allMatch(MessageFramer::isMidMessage);
  }

  @Test
  void aSecondMessageIsNotTakenWithTheFirst() throws Malformed {
    var first = message(1, 5);
    var in = ByteBuffer.allocate(first.length + 3).put(first).put(new byte[3]).flip();

    assertThat(new MessageFramer(ReadLimits.RPC).poll(in)).isNotNull();
    assertThat(in.remaining()).isEqualTo(3);
  }
}
