package io.vpc4j.mesh.wireguard;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SmokeTest {
  @Test
  void twoDevicesShakeHandsAndExchangePackets() throws Exception {
    var random = new Random(1);
    var aKey = PrivateKey.generate(random::nextBytes);
    var bKey = PrivateKey.generate(random::nextBytes);
    var aAt = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 1);
    var bAt = new InetSocketAddress(InetAddress.getByName("192.0.2.2"), 2);
    var a = WireGuard.builder(aKey, random::nextBytes, () -> 1_000_000_000L).build();
    var b = WireGuard.builder(bKey, random::nextBytes, () -> 1_000_000_000L).build();
    a.addPeer(PeerConfig.of(bKey.publicKey(), bAt, Cidr.require("10.0.0.2/32")), 0);
    b.addPeer(PeerConfig.of(aKey.publicKey(), null, Cidr.require("10.0.0.1/32")), 0);
    var packet = packet();
    var to = a.peerFor(packet);
    assertThat(a.send(to, packet, 0)).isEqualTo(Sent.QUEUED);
    var wire = ByteBuffer.allocate(2048);
    assertThat(a.pollTransmit(wire, 0)).isEqualTo(bAt);
    assertThat(b.onDatagram(wire, aAt, 0)).isNull();
    assertThat(b.drops()).isEmpty();
    assertThat(b.pollTransmit(wire, 0)).isEqualTo(aAt);
    assertThat(a.onDatagram(wire, bAt, 0)).isNull();
    assertThat(a.drops()).isEmpty();
    assertThat(a.pollTransmit(wire, 0)).isEqualTo(bAt);
    assertThat(b.onDatagram(wire, aAt, 0)).isNotNull();
    assertThat(wire).isEqualTo(packet());
    a.close();
    b.close();
  }

  private static ByteBuffer packet() {
    var packet = ByteBuffer.allocate(2048);
    packet.position(16);
    packet.put(new byte[] {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2});
    packet.put(new byte[8]);
    packet.flip().position(16);
    return packet;
  }
}
