package io.vpc4j.mesh.netstack.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.Packets;
import io.vpc4j.mesh.netstack.wire.IpPacket.Reading;
import io.vpc4j.testkit.Seeds;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpPacketTest {

  private static final IpAddress A4 = IpAddress.require("10.0.0.1");
  private static final IpAddress B4 = IpAddress.require("10.0.0.2");
  private static final IpAddress A6 = IpAddress.require("fd00::1");
  private static final IpAddress B6 = IpAddress.require("fd00::2");

  private final IpPacket packet = new IpPacket();

  @Test
  void fieldsLieWhereTheStandardsPutThem() {
    assertThat(packet.read(Packets.ip(A4, B4, IpProtocol.UDP, new byte[30]))).isEqualTo(Reading.OK);
    assertThat(packet.version()).isEqualTo(4);
    assertThat(packet.source()).isEqualTo(A4);
    assertThat(packet.destination()).isEqualTo(B4);
    assertThat(packet.protocol()).isEqualTo(IpProtocol.UDP);
    assertThat(packet.payloadAt()).isEqualTo(Packets.HEADROOM + 20);
    assertThat(packet.payloadOctets()).isEqualTo(30);
    assertThat(packet.hopLimit()).isEqualTo(64);
    assertThat(packet.dontFragment()).isTrue();

    assertThat(packet.read(Packets.ip(A6, B6, IpProtocol.TCP, new byte[30]))).isEqualTo(Reading.OK);
    assertThat(packet.version()).isEqualTo(6);
    assertThat(packet.source()).isEqualTo(A6);
    assertThat(packet.destination()).isEqualTo(B6);
    assertThat(packet.protocol()).isEqualTo(IpProtocol.TCP);
    assertThat(packet.payloadAt()).isEqualTo(Packets.HEADROOM + 40);
  }

  @Test
  void everyShorterPacketIsRefused() {
    for (var whole :
        new ByteBuffer[] {
          Packets.ip(A4, B4, IpProtocol.UDP, new byte[12]),
          Packets.ip(A6, B6, IpProtocol.UDP, new byte[12])
        }) {
      var length = whole.remaining();
      for (var cut = 0; cut < length; cut++) {
        whole.limit(Packets.HEADROOM + cut);
        assertThat(packet.read(whole)).as("%d of %d", cut, length).isEqualTo(Reading.TRUNCATED);
      }
    }
  }

  @Test
  void paddingBeyondTheTotalLengthIsNoPartOfIt() {
    var padded = Packets.ip(A4, B4, IpProtocol.UDP, new byte[12]);
    padded.limit(padded.limit() + 16);

    assertThat(packet.read(padded)).isEqualTo(Reading.OK);
    assertThat(packet.payloadOctets()).isEqualTo(12);
    assertThat(packet.totalOctets()).isEqualTo(32);
  }

  @Test
  void aHeaderWithAWrongChecksumIsRefused() {
    var wrong = Packets.ip(A4, B4, IpProtocol.UDP, new byte[12]);
    wrong.put(Packets.HEADROOM + 8, (byte) 63);

    assertThat(packet.read(wrong)).isEqualTo(Reading.CHECKSUM);
  }

  @Test
  void aHeaderLengthThatCannotBeIsRefused() {
    var wrong = Packets.ip(A4, B4, IpProtocol.UDP, new byte[12]);
    wrong.put(Packets.HEADROOM, (byte) 0x44);
    assertThat(packet.read(wrong)).isEqualTo(Reading.HEADER_LENGTH);
    wrong.put(Packets.HEADROOM, (byte) 0x4f); // 60 octets of 32
    assertThat(packet.read(wrong)).isEqualTo(Reading.HEADER_LENGTH);
    wrong.put(Packets.HEADROOM, (byte) 0x75);
    assertThat(packet.read(wrong)).isEqualTo(Reading.VERSION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"})
  void aSourceThatNoPacketMayHaveIsRefused(String source) {
    var martian = Packets.ip(IpAddress.require(source), B4, IpProtocol.UDP, new byte[12]);

    assertThat(packet.read(martian)).isEqualTo(Reading.MARTIAN_SOURCE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"::", "::1", "ff02::1"})
  void anIpv6SourceThatNoPacketMayHaveIsRefused(String source) {
    var martian = Packets.ip(IpAddress.require(source), B6, IpProtocol.UDP, new byte[12]);

    assertThat(packet.read(martian)).isEqualTo(Reading.MARTIAN_SOURCE);
  }

  @Test
  void anAddressThatHoldsAnIpv4AddressIsRefused() {
    var mapped = Packets.ip(A6, B6, IpProtocol.UDP, new byte[12]);
    mapped.putLong(Packets.HEADROOM + 24, 0).putLong(Packets.HEADROOM + 32, 0xffff_0a00_0001L);

    assertThat(packet.read(mapped)).isEqualTo(Reading.MARTIAN_SOURCE);
  }

  @Test
  void ipv4OptionsAreSkipped() {
    var withOptions = ByteBuffer.allocate(40);
    withOptions.put(0, (byte) 0x47).putShort(2, (short) 40).put(8, (byte) 64).put(9, (byte) 17);
    withOptions.putInt(12, (int) A4.low()).putInt(16, (int) B4.low());
    withOptions.put(20, (byte) 1).put(21, (byte) 7).put(22, (byte) 7); // NOP, record route
    Ipv4Header.writeChecksum(withOptions, 0);

    assertThat(packet.read(withOptions)).isEqualTo(Reading.OK);
    assertThat(packet.payloadAt()).isEqualTo(28);
    assertThat(packet.payloadOctets()).isEqualTo(12);
  }

  // ---- IPv6 extension headers

  private Reading readExtended(int first, int... octets) {
    var payload = new byte[octets.length];
    for (var i = 0; i < octets.length; i++) {
      payload[i] = (byte) octets[i];
    }
    return packet.read(Packets.ip(A6, B6, first, payload));
  }

  @Test
  void knownExtensionHeadersArePassed() {
    var reading =
        readExtended(
            IpProtocol.HOP_BY_HOP,
            60,
            0,
            1,
            4,
            0,
            0,
            0,
            0, // hop by hop: PadN, then destination options
            17,
            0,
            0,
            0,
            0,
            0,
            0,
            0, // six times Pad1, then UDP
            9,
            9,
            9,
            9);

    assertThat(reading).isEqualTo(Reading.OK);
    assertThat(packet.protocol()).isEqualTo(IpProtocol.UDP);
    assertThat(packet.payloadOctets()).isEqualTo(4);
  }

  @Test
  void hopByHopOptionsThatAreNotFirstAreRefused() {
    assertThat(
            readExtended(
                IpProtocol.DESTINATION_OPTIONS, 0, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0))
        .isEqualTo(Reading.EXTENSION_HEADER);
  }

  @Test
  void anExtensionHeaderThatIsCutOffIsRefused() {
    assertThat(readExtended(IpProtocol.DESTINATION_OPTIONS, 17, 1, 1, 4, 0, 0, 0, 0))
        .isEqualTo(Reading.EXTENSION_HEADER);
    assertThat(readExtended(IpProtocol.DESTINATION_OPTIONS, 17, 0, 1))
        .isEqualTo(Reading.EXTENSION_HEADER);
    assertThat(readExtended(IpProtocol.DESTINATION_OPTIONS, 17, 0, 1, 200, 0, 0, 0, 0))
        .as("an option past its header")
        .isEqualTo(Reading.EXTENSION_HEADER);
  }

  @Test
  void anEndlessChainIsRefused() {
    var chain = new int[8 * 20];
    for (var i = 0; i < chain.length; i += 8) {
      chain[i] = IpProtocol.DESTINATION_OPTIONS;
      chain[i + 2] = 1;
      chain[i + 3] = 4;
    }

    assertThat(readExtended(IpProtocol.DESTINATION_OPTIONS, chain))
        .isEqualTo(Reading.EXTENSION_HEADER);
  }

  @Test
  void anUnknownOptionDoesWhatItsTypeSays() {
    // 00: skip
    assertThat(readExtended(IpProtocol.DESTINATION_OPTIONS, 17, 0, 0x1e, 4, 0, 0, 0, 0))
        .isEqualTo(Reading.OK);
    // 01: drop in silence
    assertThat(readExtended(IpProtocol.DESTINATION_OPTIONS, 17, 0, 0x5e, 4, 0, 0, 0, 0))
        .isEqualTo(Reading.UNKNOWN_OPTION);
    assertThat(packet.problemAnswered()).isFalse();
    // 10: drop and say so
    assertThat(readExtended(IpProtocol.DESTINATION_OPTIONS, 17, 0, 0x9e, 4, 0, 0, 0, 0))
        .isEqualTo(Reading.UNKNOWN_OPTION);
    assertThat(packet.problemAnswered()).isTrue();
    assertThat(packet.problemPointer()).isEqualTo(42);
  }

  @Test
  void aSourceRouteWithSegmentsLeftIsRefusedAndOneWithoutIsPassed() {
    assertThat(readExtended(IpProtocol.ROUTING, 17, 0, 0, 1, 0, 0, 0, 0))
        .isEqualTo(Reading.SOURCE_ROUTE);
    assertThat(readExtended(IpProtocol.ROUTING, 17, 0, 0, 0, 0, 0, 0, 0)).isEqualTo(Reading.OK);
  }

  @Test
  void anUnknownNextHeaderIsAnsweredWithWhereItStands() {
    assertThat(readExtended(253, 1, 2, 3, 4)).isEqualTo(Reading.UNKNOWN_HEADER);
    assertThat(packet.problemAnswered()).isTrue();
    assertThat(packet.problemPointer()).isEqualTo(6);
  }

  @Test
  void anAtomicFragmentIsAPacketOfItsOwn() {
    assertThat(readExtended(IpProtocol.FRAGMENT, 17, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4))
        .isEqualTo(Reading.OK);
    assertThat(packet.fragment()).isFalse();
    assertThat(packet.payloadOctets()).isEqualTo(4);
  }

  // ---- anything

  @Test
  void noOctetsMakeItFailOrPointOutsideOfThemselves() {
    Seeds.forEach(
        20_261_126,
        4,
        random -> {
          for (var i = 0; i < 50_000; i++) {
            var payload = new byte[random.nextInt(120)];
            random.nextBytes(payload);
            var v6 = random.nextBoolean();
            var kinds = new int[] {0, 60, 43, 44, 17, 6, 58, 1};
            var kind = kinds[random.nextInt(kinds.length)];
            var whole = Packets.ip(v6 ? A6 : A4, v6 ? B6 : B4, kind, payload);
            for (var flips = random.nextInt(4); flips > 0; flips--) {
              var at = Packets.HEADROOM + random.nextInt(whole.remaining());
              whole.put(at, (byte) random.nextInt(256));
            }
            if (!v6) {
              var ihl = whole.get(Packets.HEADROOM) & 0xf;
              if (ihl * 4 <= whole.remaining()) {
                Ipv4Header.writeChecksum(whole, Packets.HEADROOM);
              }
            }
            if (packet.read(whole) == Reading.OK) {
              assertThat(packet.payloadOctets()).isNotNegative();
              assertThat(packet.payloadAt() + packet.payloadOctets())
                  .isLessThanOrEqualTo(whole.limit());
            }
          }
        });
  }
}
