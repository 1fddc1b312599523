package io.vpc4j.mesh.netstack.icmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.Packets;
import io.vpc4j.mesh.netstack.icmp.IcmpErrors.Problem;
import io.vpc4j.mesh.netstack.wire.Icmp;
import io.vpc4j.mesh.netstack.wire.IpPacket;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IcmpErrorsTest {

  private static final long SECOND = 1_000_000_000L;

  private final IcmpErrors errors = new IcmpErrors(0);
  private final ByteBuffer out = ByteBuffer.allocate(1_420);

  private boolean write(Problem problem, ByteBuffer about, int detail, IpAddress from) {
    var packet = new IpPacket();
    assertThat(packet.read(about)).isEqualTo(IpPacket.Reading.OK);
    out.clear();
    return errors.write(problem, packet, detail, from.high(), from.low(), out, 0);
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.1, 10.0.0.2, 10.0.0.9", "fd00::1, fd00::2, fd00::9"})
  void anErrorQuotesWhatItIsAbout(String a, String b, String router) {
    var from = IpAddress.require(a);
    var to = IpAddress.require(b);
    var datagram = Packets.udp(from, 1_111, to, 2_222, Packets.octets(300));

    assertThat(
            write(
                Problem.TOO_BIG,
                Packets.ip(from, to, IpProtocol.UDP, datagram),
                1_280,
                IpAddress.require(router)))
        .isTrue();

    var error = new IpPacket();
    assertThat(error.read(out)).isEqualTo(IpPacket.Reading.OK);
    assertThat(error.source()).isEqualTo(IpAddress.require(router));
    assertThat(error.destination()).isEqualTo(from);
    assertThat(Icmp.check(error)).isTrue();
    assertThat(Icmp.rest(out, error.payloadAt())).isEqualTo(1_280);
    var quoted = new QuotedPacket();
    assertThat(quoted.read(error)).isTrue();
    assertThat(quoted.protocol()).isEqualTo(IpProtocol.UDP);
    assertThat(quoted.srcLow()).isEqualTo(from.low());
    assertThat(quoted.dstHigh()).isEqualTo(to.high());
    assertThat(quoted.srcPort()).isEqualTo(1_111);
    assertThat(quoted.dstPort()).isEqualTo(2_222);
    assertThat(quoted.totalOctets()).isEqualTo((from.family().bits() == 32 ? 20 : 40) + 308);
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.1, 10.0.0.2, 576", "fd00::1, fd00::2, 1280"})
  void anErrorIsNoLongerThanTheLeastMtu(String a, String b, int most) {
    var from = IpAddress.require(a);
    var long1 = Packets.ip(from, IpAddress.require(b), IpProtocol.UDP, new byte[1_380]);

    assertThat(write(Problem.NO_ROUTE, long1, 0, IpAddress.require(b))).isTrue();
    assertThat(out.remaining()).isEqualTo(most);
  }

  /** RFC 1122 3.2.2, RFC 4443 2.4 (e). */
  @Test
  void noErrorIsSentAboutAnErrorAFragmentOrAPacketToMany() {
    var a = IpAddress.require("10.0.0.1");
    var b = IpAddress.require("10.0.0.2");
    var unreachable = new byte[36];
    Icmp.write(ByteBuffer.wrap(unreachable), 0, Icmp.V4_UNREACHABLE, 1, 0, 28, 0);

    assertThat(write(Problem.NO_ROUTE, Packets.ip(a, b, IpProtocol.ICMP, unreachable), 0, b))
        .isFalse();
    assertThat(write(Problem.NO_ROUTE, Packets.echo(a, b, 1, 1, new byte[8]), 0, b)).isTrue();
    assertThat(
            write(Problem.NO_ROUTE, Packets.fragment(a, b, 1, new byte[100], 56, 44, false), 0, b))
        .isFalse();
    var many = IpAddress.require("224.0.0.5");
    assertThat(write(Problem.NO_ROUTE, Packets.ip(a, many, IpProtocol.UDP, new byte[8]), 0, b))
        .isFalse();
  }

  @Test
  void errorsAreRare() {
    var a = IpAddress.require("10.0.0.1");
    var b = IpAddress.require("10.0.0.2");
    var packet = new IpPacket();
    packet.read(Packets.ip(a, b, IpProtocol.UDP, new byte[8]));
    var sent = 0;
    for (var ms = 0; ms < 10_000; ms++) {
      out.clear();
      var nowNs = ms * SECOND / 1_000;
      sent += errors.write(Problem.NO_ROUTE, packet, 0, 0, b.low(), out, nowNs) ? 1 : 0;
    }
    assertThat(sent).isBetween(1_000, 1_100);
    assertThat(errors.suppressed()).isEqualTo(10_000 - sent);
  }

  @Test
  void aQuoteThatIsCutShortIsRefused() {
    var a = IpAddress.require("10.0.0.1");
    var b = IpAddress.require("10.0.0.2");
    for (var length = 0; length < 28; length++) {
      var message = new byte[Icmp.OCTETS + length];
      if (length > 0) {
        message[Icmp.OCTETS] = 0x45;
      }
      Icmp.write(ByteBuffer.wrap(message), 0, Icmp.V4_UNREACHABLE, 1, 0, length, 0);
      var packet = new IpPacket();
      packet.read(Packets.ip(a, b, IpProtocol.ICMP, message));
      assertThat(new QuotedPacket().read(packet)).as("%d octets", length).isFalse();
    }
  }
}
