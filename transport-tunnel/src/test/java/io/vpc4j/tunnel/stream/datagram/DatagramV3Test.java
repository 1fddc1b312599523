package io.vpc4j.tunnel.stream.datagram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.Vectors;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.stream.datagram.DatagramV3.Response.Code;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatagramV3Test {

  private static final UUID REQUEST = UUID.fromString("c52f9982-bf38-4755-92de-281c750198f7");
  private static final String ID = "c52f9982bf38475592de281c750198f7";

  @Test
  void theRecordedDatagramsAreReadAndWritten() throws Malformed {
    var registered = new DatagramV3.Response(REQUEST, Code.OK, "");
    var echo = new DatagramV3.Payload(REQUEST, utf8("echo:payload2"));

    assertThat(DatagramV3.read(Vectors.buffer("v3-registered"))).isEqualTo(registered);
    assertThat(DatagramV3.read(Vectors.buffer("v3-payload"))).isEqualTo(echo);
    assertThat(hex(registered)).isEqualTo(Vectors.hex("v3-registered"));
    assertThat(hex(echo)).isEqualTo(Vectors.hex("v3-payload"));
  }

  @Test
  void theOtherKindsLieWhereTheyShould() throws Malformed {
    roundTrip(registration("127.0.0.1"), "00" + "00" + "0203" + "0405" + ID + "7f000001");
    roundTrip(
        registration("2001:db8::1"),
        "00" + "01" + "0203" + "0405" + ID + "20010db8000000000000000000000001");
    roundTrip(new DatagramV3.Icmp(utf8("E")), "02" + "45");
    roundTrip(
        new DatagramV3.Response(REQUEST, Code.TOO_MANY_FLOWS, "ab"),
        "03" + "03" + ID + "0002" + "6162");
  }

  private static DatagramV3.Registration registration(String address) {
    return new DatagramV3.Registration(REQUEST, IpAddress.require(address), 0x0203, 0x0405);
  }

  /** A connector reads before it looks at the length: 22 octets, and the address after them. */
  @Test
  void aRegistrationIsAlwaysWhole() {
    assertThat(registration("127.0.0.1").octets()).isEqualTo(26);
    assertThat(registration("2001:db8::1").octets()).isEqualTo(38);
  }

  @Test
  void onlyConnectorsAnswerRegistrations() {
    assertThat(DatagramV3.ForConnector.class.getPermittedSubclasses())
        .containsExactlyInAnyOrder(
            DatagramV3.Registration.class, DatagramV3.Payload.class, DatagramV3.Icmp.class);
    assertThat(DatagramV3.ForEdge.class.getPermittedSubclasses())
        .containsExactlyInAnyOrder(
            DatagramV3.Response.class, DatagramV3.Payload.class, DatagramV3.Icmp.class);
  }

  @Test
  void aBundledPayloadIsThrownAwayAsRealConnectorsDo() throws Malformed {
    var bundled = "00" + "04" + "0203" + "0405" + ID + "7f000001" + "616263";

    assertThat(DatagramV3.read(Octets.ofHex(bundled).buffer()))
        .isEqualTo(registration("127.0.0.1"));
  }

  @Test
  void aCodeFromANewerConnectorIsAnError() throws Malformed {
    assertThat(DatagramV3.read(Octets.ofHex("0304" + ID + "0000").buffer()))
        .isEqualTo(new DatagramV3.Response(REQUEST, Code.OTHER, ""));
    assertThat(DatagramV3.read(Octets.ofHex("03ff" + ID + "000161").buffer()))
        .isEqualTo(new DatagramV3.Response(REQUEST, Code.OTHER, "a"));
  }

  @Test
  void aMessageThatIsNotUtf8KeepsItsBound() throws Malformed {
    var hex = "03ff" + ID + "0500" + "ff".repeat(1280);

    assertThat(DatagramV3.read(Octets.ofHex(hex).buffer()))
        .isEqualTo(new DatagramV3.Response(REQUEST, Code.OTHER, "?".repeat(1280)));
  }

  @ParameterizedTest
  @CsvSource({"0, 25", "1, 16", "2, 1", "3, 19"})
  void everyShorterLengthIsRefused(int type, int tooShort) {
    for (var length = 1; length <= tooShort; length++) {
      refused(ByteBuffer.allocate(length).put(0, (byte) type), Malformed.Reason.LENGTH);
    }
    refused(ByteBuffer.allocate(0), Malformed.Reason.LENGTH);
    refused(ByteBuffer.allocate(37).put(1, (byte) 1), Malformed.Reason.LENGTH);
    refused(ByteBuffer.allocate(40).put(0, (byte) 4), Malformed.Reason.TYPE);
  }

  @Test
  void aPayloadHas1280OctetsAtMost() {
    refused(ByteBuffer.allocate(1 + 16 + 1281).put(0, (byte) 1), Malformed.Reason.SIZE);
    refused(ByteBuffer.allocate(1 + 1281).put(0, (byte) 2), Malformed.Reason.SIZE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DatagramV3.Payload(REQUEST, ByteBuffer.allocate(1281)));
  }

  private static void refused(ByteBuffer datagram, Malformed.Reason reason) {
    assertThatThrownBy(() -> DatagramV3.read(datagram))
        .isInstanceOfSatisfying(Malformed.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static void roundTrip(DatagramV3 datagram, String hex) throws Malformed {
    assertThat(hex(datagram)).isEqualTo(hex);
    assertThat(DatagramV3.read(Octets.ofHex(hex).buffer())).isEqualTo(datagram);
  }

  private static String hex(DatagramV3 datagram) {
    var out = ByteBuffer.allocate(datagram.octets());
    datagram.write(out);
    assertThat(out.hasRemaining()).as("octets() of %s", datagram).isFalse();
    return Vectors.hex(out.flip());
  }

  private static ByteBuffer utf8(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
