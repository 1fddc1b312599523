package io.vpc4j.mesh.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.junit.jupiter.api.Test;

/** RFC 7693's vectors, and BouncyCastle as a twin. */
class Blake2sTest {

  /** RFC 7693 Appendix B. */
  @Test
  void theDigestOfAbc() {
    assertThat(HexFormat.of().formatHex(Blake2s.hash("abc".getBytes(StandardCharsets.US_ASCII))))
        .isEqualTo("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
  }

  /** RFC 7693 Appendix E: one digest over the digests of 48 inputs, with and without a key. */
  @Test
  void theStandardsSelfTest() {
    var all = new Blake2s(32);
    for (var length : new int[] {16, 20, 28, 32}) {
      for (var size : new int[] {0, 3, 64, 65, 255, 1024}) {
        var input = selfTestSequence(size);
        all.update(new Blake2s(length).update(input, 0, size).digest(), 0, length);
        var key = selfTestSequence(length);
        all.update(new Blake2s(length, key).update(input, 0, size).digest(), 0, length);
      }
    }
    assertThat(HexFormat.of().formatHex(all.digest()))
        .isEqualTo("6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe");
  }

  @Test
  void agreesWithItsTwinInPiecesOfAnySize() {
    var random = new Random(77);
    for (var run = 0; run < 2_000; run++) {
      var key = new byte[random.nextInt(33)];
      random.nextBytes(key);
      var digestLength = 1 + random.nextInt(32);
      var ours = new Blake2s(digestLength, key);
      var twin = new Blake2sDigest(key.length == 0 ? null : key, digestLength, null, null);
      for (var piece = random.nextInt(6); piece >= 0; piece--) {
        var octets = new byte[random.nextInt(200)];
        random.nextBytes(octets);
        ours.update(octets, 0, octets.length);
        twin.update(octets, 0, octets.length);
      }
      var expected = new byte[digestLength];
      twin.doFinal(expected, 0);
      assertThat(ours.digest()).as("run %d", run).isEqualTo(expected);
    }
  }

  /** The sequence of Appendix E, seeded with the length. */
  private static byte[] selfTestSequence(int length) {
    var out = new byte[length];
    var a = 0xDEAD4BAD * length;
    var b = 1;
    for (var i = 0; i < length; i++) {
      var t = a + b;
      a = b;
      b = t;
      out[i] = (byte) (t >>> 24);
    }
    return out;
  }
}
