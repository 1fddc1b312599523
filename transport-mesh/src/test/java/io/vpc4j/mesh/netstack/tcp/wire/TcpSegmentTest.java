package io.vpc4j.mesh.netstack.tcp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.Verdict;
import io.vpc4j.mesh.netstack.wire.Ecn;
import io.vpc4j.testkit.Seeds;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpSegmentTest {

  /** Each field is filled with its own offset; twelve octets of options, then data. */
  private static final String LAYOUT =
      "0001"
          + "0203"
          + "04050607"
          + "08090a0b"
          + "80c2"
          + "0e0f"
          + "1011"
          + "1213"
          + "0101080a"
          + "18191a1b"
          + "1c1d1e1f"
          + "2021";

  private final TcpSegment segment = new TcpSegment();

  private Verdict read(String hex) {
    var octets = HexFormat.of().parseHex(hex);
    return segment.read(ByteBuffer.wrap(octets), 0, octets.length, Ecn.NOT_ECT);
  }

  private static String withOptions(String options) {
    var words = (20 + options.length() / 2) / 4;
    return "000100020000000300000004" + "%x010".formatted(words) + "0000" + "00000000" + options;
  }

  @Test
  void fieldsLieWhereTheStandardPutsThem() {
    assertThat(read(LAYOUT)).isEqualTo(Verdict.OK);
    assertThat(segment.sourcePort()).isEqualTo(0x0001);
    assertThat(segment.destinationPort()).isEqualTo(0x0203);
    assertThat(segment.seq()).isEqualTo(0x04050607);
    assertThat(segment.ack()).isEqualTo(0x08090a0b);
    assertThat(segment.flags()).isEqualTo(TcpSegment.CWR | TcpSegment.ECE | TcpSegment.SYN);
    assertThat(segment.window()).isEqualTo(0x0e0f);
    assertThat(segment.tsVal()).isEqualTo(0x18191a1b);
    assertThat(segment.tsEcr()).isEqualTo(0x1c1d1e1f);
    assertThat(segment.payloadOffset()).isEqualTo(32);
    assertThat(segment.payloadOctets()).isEqualTo(2);
    assertThat(segment.length()).isEqualTo(3); // the SYN counts
  }

  @Test
  void whatWasWrittenReadsInPacketdrillsNotation() {
    var out = ByteBuffer.allocate(100);
    new TcpWriter()
        .begin(out, 1, 2)
        .numbers(-1, 7)
        .flags(TcpSegment.SYN | TcpSegment.ACK, 99_999)
        .mss(1_460)
        .sackPermitted()
        .timestamps(5, 6)
        .windowScale(7)
        .end();
    out.put(new byte[3]);

    assertThat(segment.read(out, 0, out.position(), Ecn.CE)).isEqualTo(Verdict.OK);
    assertThat(segment)
        .hasToString(
            "S. 4294967295:2(3) ack 7 win 65535 <mss 1460,sackOK,TS val 5 ecr 6,wscale 7>");
    assertThat(segment.describe(-1, 7)).startsWith("S. 0:3(3) ack 0 win 65535");
    assertThat(segment.ecn()).isEqualTo(Ecn.CE);
  }

  @Test
  void fourSackBlocksFitWithoutTimestamps() {
    var out = ByteBuffer.allocate(100);
    var edges = new int[] {1, 2, 3, 4, 5, 6, 7, 8};
    new TcpWriter().begin(out, 1, 2).numbers(0, 0).flags(TcpSegment.ACK, 1).sack(edges, 4).end();

    assertThat(segment.read(out, 0, out.position(), Ecn.NOT_ECT)).isEqualTo(Verdict.OK);
    assertThat(out.position()).isEqualTo(20 + TcpWriter.sackOctets(4));
    assertThat(segment).hasToString(". 0:0(0) ack 0 win 1 <sack 1:2 3:4 5:6 7:8>");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 10, 19})
  void lessThanAHeaderIsShort(int length) {
    assertThat(segment.read(ByteBuffer.allocate(40), 0, length, Ecn.NOT_ECT))
        .isEqualTo(Verdict.SHORT);
  }

  @Test
  void moreThanTheBufferIsShort() {
    assertThat(segment.read(ByteBuffer.allocate(40), 21, 20, Ecn.NOT_ECT)).isEqualTo(Verdict.SHORT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "4", "6", "f"})
  void aDataOffsetMustLieInTheSegment(String words) {
    assertThat(read("00010002" + "00000003" + "00000004" + words + "0100000" + "00000000"))
        .isEqualTo(Verdict.DATA_OFFSET);
  }

  /** RFC 9293 MUST-7: zero, one, past the end, and lengths that are not that option's. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "fd000000",
        "fd010000",
        "fd050000",
        "010101fd",
        "02030000",
        "01010204",
        "03040000",
        "04030000",
        "050b000000000000",
        "08090000",
        "0500000000000000"
      })
  void anOptionOfTheWrongLengthIsRefused(String options) {
    assertThat(read(withOptions(options))).isEqualTo(Verdict.OPTION);
  }

  @Test
  void whatComesAfterTheEndOfOptionsIsNotRead() {
    assertThat(read(withOptions("00fd0000"))).isEqualTo(Verdict.OK);
  }

  @Test
  void anOptionNobodyKnowsIsPassedOver() {
    assertThat(read(withOptions("fd06ffffffff" + "0204" + "05b4" + "0000"))).isEqualTo(Verdict.OK);
    assertThat(segment.mss()).isEqualTo(1_460);
  }

  /** Whatever comes, reading ends with a verdict, and after OK no accessor fails. */
  @Test
  void noOctetsMakeItFail() {
    Seeds.forEach(
        9293,
        20_000,
        random -> {
          var octets = new byte[random.nextInt(80)];
          random.nextBytes(octets);
          if (octets.length > 12 && random.nextInt(4) > 0) {
            octets[12] = (byte) ((random.nextInt(11) + 5) << 4);
            for (var i = 20; i < Math.min(60, octets.length); i++) {
              octets[i] = (byte) random.nextInt(12); // kinds and lengths that are near right
            }
          }
          var copy = Arrays.copyOf(octets, octets.length);
          if (segment.read(ByteBuffer.wrap(octets), 0, octets.length, Ecn.CE) == Verdict.OK) {
            assertThat(segment.toString()).isNotEmpty();
            assertThat(segment.payloadOffset() + segment.payloadOctets()).isEqualTo(octets.length);
          }
          assertThat(octets).isEqualTo(copy);
        });
  }
}
