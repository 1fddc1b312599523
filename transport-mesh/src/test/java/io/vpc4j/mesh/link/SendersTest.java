package io.vpc4j.mesh.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.testkit.Seeds;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SendersTest {

  private static final int AT = 8;

  private final Senders senders = new Senders();

  private static ByteBuffer memory() {
    return ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer v4(byte[] address, int port) {
    return memory()
        .putShort(AT, (short) 2)
        .put(AT + 2, (byte) (port >> 8))
        .put(AT + 3, (byte) port)
        .put(AT + 4, address);
  }

  private static ByteBuffer v6(byte[] address, int port, int scope) {
    return memory()
        .putShort(AT, (short) 10)
        .put(AT + 2, (byte) (port >> 8))
        .put(AT + 3, (byte) port)
        .putInt(AT + 4, 0x7777) // a flow says nothing of who it is
        .put(AT + 8, address)
        .putInt(AT + 24, scope);
  }

  private static byte[] octets(Random random, int length) {
    var octets = new byte[length];
    random.nextBytes(octets);
    return octets;
  }

  @Test
  void anAddressIsWhatItsOctetsSay() {
    Seeds.forEach(
        3,
        2_000,
        random -> {
          var port = random.nextInt(0x10000);
          if (random.nextBoolean()) {
            var address = octets(random, 4);
            assertThat(senders.at(v4(address, port), AT))
                .isEqualTo(new InetSocketAddress(InetAddress.getByAddress(address), port));
          } else {
            var address = octets(random, 16);
            var scope = random.nextInt();
            var sender = senders.at(v6(address, port, scope), AT);
            assertThat(sender)
                .isEqualTo(new InetSocketAddress(Inet6Address.getByAddress(address), port));
            assertThat(sender.getAddress())
                .isInstanceOfSatisfying(
                    Inet6Address.class,
                    six -> assertThat(six.getScopeId()).isEqualTo(Math.max(scope, 0)));
          }
        });
  }

  @Test
  void whoWasHereBeforeIsTheSameObject() throws Exception {
    var random = new Random(5);
    var four = v4(octets(random, 4), 51_820);
    var six = v6(octets(random, 16), 51_820, 0);
    var first = senders.at(four, AT);
    var second = senders.at(six, AT);

    assertThat(senders.at(four, AT)).isSameAs(first);
    assertThat(senders.at(six, AT)).isSameAs(second);
  }

  @Test
  void aScopeAndAPortTellSendersApart() {
    var address = octets(new Random(6), 16);
    var one = senders.at(v6(address, 1, 1), AT);

    assertThat(senders.at(v6(address, 2, 1), AT)).isNotEqualTo(one);
    assertThat(senders.at(v6(address, 1, 2), AT)).isNotSameAs(one);
    assertThat(senders.at(v6(address, 1, 1), AT)).isSameAs(one);
  }

  /** RFC 4291 2.5.5.2, as a socket of both families has it. */
  @Test
  void anIpv4AddressIsOneHoweverItIsWritten() throws Exception {
    var mapped = new byte[16];
    mapped[10] = (byte) 0xFF;
    mapped[11] = (byte) 0xFF;
    mapped[12] = 10;
    mapped[15] = 7;
    var sender = senders.at(v6(mapped, 9, 0), AT);

    assertThat(sender).isEqualTo(new InetSocketAddress(InetAddress.getByName("10.0.0.7"), 9));
    assertThat(senders.at(v4(new byte[] {10, 0, 0, 7}, 9), AT)).isSameAs(sender);
  }

  @Test
  void strangersArePushedOutAndStayRight() {
    var address = new byte[] {10, 0, 0, 0};
    for (var round = 0; round < 2; round++) {
      for (var port = 0; port < 8 * Senders.MAX_KEPT; port++) {
        assertThat(senders.at(v4(address, port), AT).getPort()).isEqualTo(port);
      }
    }
  }

  @Test
  void anotherFamilyIsNobody() {
    assertThat(senders.at(memory().putShort(AT, (short) 1), AT)).isNull();
  }
}
