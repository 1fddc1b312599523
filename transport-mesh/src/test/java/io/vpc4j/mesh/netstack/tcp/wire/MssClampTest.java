package io.vpc4j.mesh.netstack.tcp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.netstack.wire.Ecn;
import io.vpc4j.mesh.netstack.wire.InternetChecksum;
import io.vpc4j.testkit.Seeds;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MssClampTest {

  private static final int AT = 7; // no place is special
  private static final int SYN = TcpSegment.SYN;

  /** A header with those options, and a right checksum over itself. */
  private static ByteBuffer segment(int flags, String options) {
    var parsed = HexFormat.of().parseHex(options.replace(" ", ""));
    var header = 20 + (parsed.length + 3) / 4 * 4;
    var packet = ByteBuffer.allocate(AT + header);
    packet.putShort(AT, (short) 40_000).putShort(AT + 2, (short) 80).putInt(AT + 4, 0x1234_5678);
    packet.put(AT + 12, (byte) ((header / 4) << 4)).put(AT + 13, (byte) flags);
    packet.put(AT + 20, parsed);
    var sum = InternetChecksum.sum(packet, AT, header);
    return packet.putShort(AT + 16, (short) InternetChecksum.fold(sum));
  }

  private static boolean lower(ByteBuffer packet, int most) {
    return MssClamp.lower(packet, AT, packet.capacity() - AT, most);
  }

  private static byte[] octets(ByteBuffer packet) {
    var copy = new byte[packet.capacity()];
    packet.get(0, copy);
    return copy;
  }

  private static boolean right(ByteBuffer packet) {
    return InternetChecksum.fold(InternetChecksum.sum(packet, AT, packet.capacity() - AT)) == 0;
  }

  @Test
  void aHigherOneIsLoweredWhereverItLies() {
    for (var options : new String[] {"020405b4", "01 020405b4", "0101 0402 020405b4 0303 07"}) {
      var packet = segment(SYN, options);

      assertThat(lower(packet, 1_240)).as(options).isTrue();
      assertThat(right(packet)).as(options).isTrue();
      var read = new TcpSegment();
      assertThat(read.read(packet, AT, packet.capacity() - AT, Ecn.NOT_ECT))
          .isEqualTo(TcpSegment.Verdict.OK);
      assertThat(read.mss()).as(options).isEqualTo(1_240);
      assertThat(lower(packet, 1_240)).as("once").isFalse();
    }
  }

  @Test
  void whatNeedsNoChangeHasNone() {
    for (var packet :
        new ByteBuffer[] {
          segment(SYN, "020404d8"), // 1,240
          segment(TcpSegment.ACK, "020405b4"),
          segment(SYN, ""),
          segment(SYN, "0103030700"),
          segment(SYN, "00 020405b4"), // behind the end of the list
          segment(SYN, "0200 05b4"), // lengths that no option has
          segment(SYN, "0304 0204"),
          segment(SYN, "0203 05 00")
        }) {
      var before = octets(packet);
      assertThat(lower(packet, 1_240)).isFalse();
      assertThat(octets(packet)).isEqualTo(before);
    }
  }

  /**
   * Any octets: nothing fails, nothing outside the header changes, a right checksum stays right.
   */
  @Test
  void anyOctets() {
    Seeds.forEach(
        81,
        2_000,
        random -> {
          var packet = ByteBuffer.allocate(AT + random.nextInt(64));
          random.nextBytes(packet.array());
          for (var i = 0; i < 3 && packet.capacity() > AT + 24; i++) {
            packet.put(AT + 20 + random.nextInt(4), new byte[] {2, 4}[random.nextInt(2)]);
          }
          mostlySyn(packet, random);
          var octets = packet.capacity() - AT;
          var before = packet.array().clone();
          var sum = octets < 20 ? 0 : sum(before, octets);
          if (MssClamp.lower(packet, AT, octets, random.nextInt(1_500))) {
            assertThat(sum(packet.array(), octets)).isEqualTo(sum);
          } else {
            assertThat(packet.array()).isEqualTo(before);
          }
          for (var i = 0; i < AT; i++) {
            assertThat(packet.get(i)).isEqualTo(before[i]);
          }
        });
  }

  private static void mostlySyn(ByteBuffer packet, Random random) {
    if (packet.capacity() >= AT + 20 && random.nextInt(8) > 0) {
      packet.put(AT + 12, (byte) (random.nextInt(16) << 4)).put(AT + 13, (byte) SYN);
    }
  }

  /** As whoever gets it computes it; 0 and 0xffff are the same. */
  private static int sum(byte[] octets, int count) {
    return InternetChecksum.fold(InternetChecksum.sum(octets, AT, count)) % 0xffff;
  }
}
