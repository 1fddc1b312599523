package io.vpc4j.mesh.netstack.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.testkit.Seeds;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ChecksumAndHashTest {

  /** RFC 1071 3: the numerical example. */
  @Test
  void theExampleOfTheSpecification() {
    var octets =
        new byte[] {0, 1, (byte) 0xf2, 3, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7};
    assertThat(InternetChecksum.fold(InternetChecksum.sum(octets, 0, 8)))
        .isEqualTo(~0xddf2 & 0xFFFF);
  }

  @Test
  void agreesWithAddingWordByWord() {
    Seeds.forEach(
        1071,
        2_000,
        random -> {
          var octets = new byte[random.nextInt(100)];
          random.nextBytes(octets);
          var sum = 0L;
          for (var i = 0; i < octets.length; i++) {
            sum += (long) (octets[i] & 0xFF) << (i % 2 == 0 ? 8 : 0);
          }
          while (sum > 0xFFFF) {
            sum = (sum >>> 16) + (sum & 0xFFFF);
          }
          var fast =
              InternetChecksum.fold(
                  InternetChecksum.sum(ByteBuffer.wrap(octets), 0, octets.length));
          assertThat(fast).isEqualTo((int) (~sum & 0xFFFF));
        });
  }

  @Test
  void whatIsNotInTheBufferIsNotSummed() {
    assertThatThrownBy(() -> InternetChecksum.sum(ByteBuffer.allocate(10), 4, 7))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** The vector in appendix A of the paper: key 00..0f, input 00..0e. */
  @Test
  void sipHashGivesThePapersVector() {
    var hash = new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
    var input = new byte[16];
    for (var i = 0; i < input.length; i++) {
      input[i] = (byte) i;
    }
    assertThat(hash.hash(input, 0, 15)).isEqualTo(0xa129ca6149be45e5L);
    assertThat(hash.hash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L))
        .isEqualTo(hash.hash(input, 0, 16));
  }
}
