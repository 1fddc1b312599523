package io.vpc4j.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class FreePortTest {

  @Test
  void isGivenOnce() throws Exception {
    var given = new HashSet<Integer>();
    for (var i = 0; i < 100; i++) {
      assertThat(given.add(FreePort.next())).isTrue();
    }
    assertThat(given).allSatisfy(port -> assertThat(port).isBetween(10_000, 32_767));
  }

  @Test
  void canBeListenedOnOverBothProtocols() throws Exception {
    var port = FreePort.next();
    try (var tcp = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        var udp = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
      assertThat(tcp.getLocalPort()).isEqualTo(udp.getLocalPort());
    }
  }

  @Test
  void isNoneThatIsTakenOverOneProtocolAlone() throws Exception {
    try (var udp = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        var tcp = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(FreePort.isFree(udp.getLocalPort())).isFalse();
      assertThat(FreePort.isFree(tcp.getLocalPort())).isFalse();
    }
  }
}
