package io.vpc4j.mesh.netstack;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.mesh.netstack.wire.Icmp;
import io.vpc4j.mesh.netstack.wire.IpPacket;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.SipHash;
import io.vpc4j.testkit.Seeds;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowHashTest {

  private final FlowHash hash = new FlowHash(new SipHash(1, 2));

  private long of(ByteBuffer packet) {
    var view = new IpPacket();
    assertThat(view.read(packet)).isEqualTo(IpPacket.Reading.OK);
    return hash.of(view);
  }

  private static ByteBuffer udp(
      IpAddress from, int fromPort, IpAddress to, int toPort, byte[] data, int hops) {
    var datagram = Packets.udp(from, fromPort, to, toPort, data);
    return Packets.ip(from, to, IpProtocol.UDP, datagram, hops);
  }

  /** Beside a twin that remembers every flow in a map. */
  @Test
  void packetsOfAFlowHashAlikeAndOthersDoNot() {
    Seeds.forEach(
        41,
        20,
        random -> {
          var flows = new HashMap<String, Long>();
          var hashes = new HashMap<Long, String>();
          for (var i = 0; i < 500; i++) {
            var v6 = random.nextBoolean();
            var from = address(v6, random.nextInt(4));
            var to = address(v6, 4 + random.nextInt(4));
            var fromPort = 1 + random.nextInt(3);
            var toPort = 1 + random.nextInt(3);
            var packet = udp(from, fromPort, to, toPort, data(random), 2 + random.nextInt(60));
            var flow = from + " " + fromPort + " " + to + " " + toPort;

            var hashed = of(packet);
            assertThat(flows.computeIfAbsent(flow, any -> hashed)).isEqualTo(hashed);
            assertThat(hashes.computeIfAbsent(hashed, any -> flow)).isEqualTo(flow);
          }
        });
  }

  private static IpAddress address(boolean v6, int number) {
    return IpAddress.require(v6 ? "fd00::" + number : "10.0.0." + number);
  }

  private static byte[] data(Random random) {
    return Packets.octets(random.nextInt(100));
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.1, 10.0.0.2", "fd00::1, fd00::2"})
  void everyFragmentCountsByItsAddressesAlone(String first, String second) {
    var from = IpAddress.require(first);
    var to = IpAddress.require(second);
    var one = Packets.udp(from, 1, to, 2, Packets.octets(64));
    var other = Packets.udp(from, 3, to, 4, Packets.octets(64));

    var hashed = of(Packets.fragment(from, to, 5, one, 0, 32, true));
    assertThat(of(Packets.fragment(from, to, 5, one, 32, 40, false))).isEqualTo(hashed);
    assertThat(of(Packets.fragment(from, to, 6, other, 0, 32, true))).isEqualTo(hashed);
  }

  /** A router says that an answer was too big: whoever answered must hear of it. */
  @ParameterizedTest
  @CsvSource({"10.0.0.1, 10.0.0.2, 10.0.0.3", "fd00::1, fd00::2, fd00::3"})
  void anErrorCountsToTheFlowThatItIsAbout(String client, String server, String router) {
    var from = IpAddress.require(client);
    var to = IpAddress.require(server);
    var answer = udp(to, 53, from, 4_000, Packets.octets(64), 64);

    var error = error(IpAddress.require(router), to, answer);
    assertThat(of(error)).isEqualTo(of(udp(from, 4_000, to, 53, Packets.octets(9), 64)));
  }

  private static ByteBuffer error(IpAddress from, IpAddress to, ByteBuffer about) {
    var message = new byte[Icmp.OCTETS + about.remaining()];
    about.get(about.position(), message, Icmp.OCTETS, about.remaining());
    var v6 = from.family() == Family.V6;
    message[0] = (byte) (v6 ? Icmp.V6_PACKET_TOO_BIG : Icmp.V4_UNREACHABLE);
    message[1] = (byte) (v6 ? 0 : Icmp.V4_CODE_FRAGMENTATION_NEEDED);
    return Packets.ip(from, to, v6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP, message);
  }

  /** Whatever an error quotes, and wherever it ends: a hash, and no octet beyond the packet. */
  @Test
  void anythingHasAHash() {
    Seeds.forEach(
        42,
        2_000,
        random -> {
          var v6 = random.nextBoolean();
          var message = new byte[random.nextInt(100)];
          random.nextBytes(message);
          if (message.length > 8 && random.nextBoolean()) {
            message[0] = (byte) (v6 ? Icmp.V6_PACKET_TOO_BIG : Icmp.V4_UNREACHABLE);
            message[8] = (byte) (v6 ? 0x60 : 0x45);
          }
          var protocol = random.nextInt(3);
          var packet =
              Packets.ip(
                  address(v6, 1),
                  address(v6, 2),
                  protocol == 0
                      ? IpProtocol.TCP
                      : protocol == 1 ? IpProtocol.UDP : v6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP,
                  message);
          var copy = ByteBuffer.allocate(packet.limit()).put(0, packet, 0, packet.limit());
          copy.position(packet.position());
          assertThat(of(copy)).isEqualTo(of(packet));
        });
  }
}
