package io.vpc4j.core.entrance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.vpc4j.core.entrance.DatagramFlows.Destination;
import java.net.InetSocketAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SocksDatagramTest {

  @ParameterizedTest
  @CsvSource({
    "000000010a00013200357878, 10.0.1.50, 53",
    "0000000303612e6200357878, a.b, 53",
    "00000004fd00000000000000000000000000000100357878, fd00::1, 53",
    "0000000101020304ffff7878, 1.2.3.4, 65535",
  })
  void aDatagramSaysWhereItGoes(String hex, String host, int port) {
    var datagram = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));

    assertThat(SocksDatagram.read(datagram)).isEqualTo(new Destination(host, port));
    assertThat(datagram.toString(US_ASCII)).isEqualTo("xx");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0000",
        "000100010a0001320035", // reserved
        "000001010a0001320035", // a fragment
        "000000020a0001320035", // no such type
        "000000010a00013200", // cut short
        "0000000300", // a name without letters
        "0000000305612e62003578", // longer than the datagram
        "00000003",
        "00000004fd000000000000000000000000000035",
      })
  void whatIsNoneIsRefused(String hex) {
    assertThat(SocksDatagram.read(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)))).isNull();
  }

  @Test
  void noOctetsAreTooOdd() {
    var seed = 5L;
    var random = new Random(seed);
    for (var turn = 0; turn < 50_000; turn++) {
      var octets = new byte[random.nextInt(40)];
      random.nextBytes(octets);
      for (var i = 0; i < Math.min(3, octets.length); i++) {
        octets[i] = 0;
      }
      if (octets.length > 3) {
        octets[3] = (byte) random.nextInt(6);
      }
      SocksDatagram.read(Unpooled.wrappedBuffer(octets)); // returns
    }
  }

  @Test
  void anAnswerSaysWhoItIsFrom() {
    var from = new InetSocketAddress("10.9.8.7", 53);

    assertThat(header(from, "10.0.1.50")).isEqualTo("000000010a0001320035");
    assertThat(header(null, "fd00::1")).isEqualTo("00000004fd0000000000000000000000000000010035");
    assertThat(header(from, "a.b")).isEqualTo("000000010a0908070035");
    assertThat(header(null, "a.b")).isEqualTo("0000000303612e620035");
  }

  private static String header(InetSocketAddress from, String host) {
    var header =
        SocksDatagram.header(UnpooledByteBufAllocator.DEFAULT, from, new Destination(host, 53));
    try {
      return ByteBufUtil.hexDump(header);
    } finally {
      header.release();
    }
  }
}
