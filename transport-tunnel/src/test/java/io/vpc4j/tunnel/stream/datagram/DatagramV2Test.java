package io.vpc4j.tunnel.stream.datagram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.tunnel.Vectors;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatagramV2Test {

  private static final UUID SESSION = UUID.fromString("b470cd4c-b3e4-4f32-a64a-0328a4f33de3");
  private static final TraceIdentity TRACE =
      new TraceIdentity(0x0101010101010101L, 0x0909090909090909L, 0x1111111111111111L, 0x19);
  private static final String TRACE_HEX = "01".repeat(8) + "09".repeat(8) + "11".repeat(8) + "19";

  @Test
  void theRecordedDatagramIsReadAndWritten() throws Malformed {
    var echo = new DatagramV2.Udp(SESSION, utf8("echo:udp-ping"));

    assertThat(DatagramV2.read(Vectors.buffer("v2-udp"))).isEqualTo(echo);
    assertThat(hex(echo)).isEqualTo(Vectors.hex("v2-udp"));
  }

  @Test
  void theOtherKindsLieWhereTheyShould() throws Malformed {
    roundTrip(new DatagramV2.Ip(utf8("E")), "45" + "01");
    roundTrip(new DatagramV2.TracedIp(utf8("E"), TRACE), "45" + TRACE_HEX + "02");
    roundTrip(new DatagramV2.Spans(utf8("E"), TRACE), "45" + TRACE_HEX + "03");
    roundTrip(new DatagramV2.Spans(utf8(""), TRACE), TRACE_HEX + "03");
  }

  @Test
  void whatEndsAConnectorsConnectionIsNotForConnectors() {
    assertThat(DatagramV2.ForConnector.class.getPermittedSubclasses())
        .containsExactlyInAnyOrder(
            DatagramV2.Udp.class, DatagramV2.Ip.class, DatagramV2.TracedIp.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'', LENGTH",
    "00, LENGTH",
    "01, LENGTH",
    "03, LENGTH",
    "04, TYPE",
    "ff, TYPE",
    "0102, LENGTH"
  })
  void shortOnesAndUnknownOnesAreRefused(String hex, Malformed.Reason reason) {
    refused(Octets.ofHex(hex).buffer(), reason);
  }

  @ParameterizedTest
  @CsvSource({"0, 16", "1, 1", "2, 26", "3, 25"})
  void everyShorterLengthIsRefused(int type, int tooShort) {
    for (var length = 1; length <= tooShort; length++) {
      refused(ByteBuffer.allocate(length).put(length - 1, (byte) type), Malformed.Reason.LENGTH);
    }
  }

  @Test
  void aPayloadHas1280OctetsAtMost() throws Malformed {
    var most = DatagramV2.read(ByteBuffer.allocate(1280 + 17));

    assertThat(most.octets()).isEqualTo(1297);
    refused(ByteBuffer.allocate(1281 + 17), Malformed.Reason.SIZE);
    refused(ByteBuffer.allocate(1351), Malformed.Reason.LENGTH);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DatagramV2.Udp(SESSION, ByteBuffer.allocate(1281)));
  }

  private static void refused(ByteBuffer datagram, Malformed.Reason reason) {
    assertThatThrownBy(() -> DatagramV2.read(datagram))
        .isInstanceOfSatisfying(Malformed.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static void roundTrip(DatagramV2 datagram, String hex) throws Malformed {
    assertThat(hex(datagram)).isEqualTo(hex);
    assertThat(DatagramV2.read(Octets.ofHex(hex).buffer())).isEqualTo(datagram);
  }

  private static String hex(DatagramV2 datagram) {
    var out = ByteBuffer.allocate(datagram.octets());
    datagram.write(out);
    assertThat(out.hasRemaining()).as("octets() of %s", datagram).isFalse();
    return Vectors.hex(out.flip());
  }

  private static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
