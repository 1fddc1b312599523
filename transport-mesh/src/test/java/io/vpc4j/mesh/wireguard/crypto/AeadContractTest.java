package io.vpc4j.mesh.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.Security;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the data path asks of whatever seals, for each of those there are. */
class AeadContractTest {

  private static final byte[] KEY = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
    27, 28, 29, 30, 31, 32
  };

  static Stream<AeadProvider> providers() {
    var providers =
        Stream.of(
            AeadProvider.java(),
            AeadProvider.jdk(),
            AeadProvider.fastest(),
            new JceAeads(Security.getProvider("SunJCE")));
    return Stream.concat(providers, ConscryptInstalled.provider().stream().map(JceAeads::new));
  }

  @ParameterizedTest
  @MethodSource("providers")
  void allSealAlikeAtEveryLength(AeadProvider provider) {
    var random = new Random(5);
    var twin = AeadProvider.java().create(KEY);
    var sealing = provider.create(KEY);
    var opening = provider.create(KEY);
    for (var length = 0; length < 2_200; length += 1 + random.nextInt(9)) {
      var octets = new byte[length + 40];
      random.nextBytes(octets);
      var expected = octets.clone();
      twin.seal(length, expected, 13, length);

      var sealed = octets.clone();
      sealing.seal(length, sealed, 13, length);
      assertThat(sealed).as("%s, %d octets", provider.name(), length).isEqualTo(expected);

      assertThat(opening.open(length, sealed, 13, length + 16)).isTrue();
      assertThat(Arrays.copyOfRange(sealed, 13, 13 + length))
          .isEqualTo(Arrays.copyOfRange(octets, 13, 13 + length));
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void everyFlippedBitIsFound(AeadProvider provider) {
    var sealing = provider.create(KEY);
    var opening = provider.create(KEY);
    var sealed = new byte[70 + 16];
    sealing.seal(9, sealed, 0, 70);
    for (var bit = 0; bit < 8 * sealed.length; bit++) {
      var forged = sealed.clone();
      forged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(opening.open(9, forged, 0, forged.length)).as("bit %d", bit).isFalse();
    }
    assertThat(opening.open(8, sealed.clone(), 0, sealed.length)).isFalse();
    assertThat(opening.open(9, sealed.clone(), 0, sealed.length)).isTrue();
  }

  /** A cipher of the JDK refuses the nonce that it just had; a forger could choose the next one. */
  @ParameterizedTest
  @MethodSource("providers")
  void aForgedPacketDoesNotBlockTheTrueOneOfItsCounter(AeadProvider provider) {
    var sealed = new byte[1424 + 16];
    provider.create(KEY).seal(77, sealed, 0, 1424);
    var forged = sealed.clone();
    forged[3] ^= 1;
    var opening = provider.create(KEY);

    assertThat(opening.open(77, forged, 0, forged.length)).isFalse();
    assertThat(opening.open(77, forged, 0, forged.length)).isFalse();
    assertThat(opening.open(77, sealed.clone(), 0, sealed.length)).isTrue();
    assertThat(opening.open(77, sealed.clone(), 0, sealed.length)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("providers")
  void counterZeroAndTheLastAreCounters(AeadProvider provider) {
    for (var counter : new long[] {0, -1, 1L << 32, Long.MIN_VALUE}) {
      var sealed = new byte[16];
      provider.create(KEY).seal(counter, sealed, 0, 0);
      assertThat(provider.create(KEY).open(counter, sealed, 0, 16)).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aWipedOneOpensNothing(AeadProvider provider) {
    var sealed = new byte[32];
    provider.create(KEY).seal(1, sealed, 0, 16);
    var opening = provider.create(KEY);
    opening.wipe();

    assertThat(opening.open(1, sealed, 0, 32)).isFalse();
  }

  /** draft-irtf-cfrg-xchacha-03 A.3.1. */
  @org.junit.jupiter.api.Test
  void theLongNoncesVector() {
    var hex = java.util.HexFormat.of();
    var plain =
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the"
            + " future, sunscreen would be it.";
    var octets =
        Arrays.copyOf(plain.getBytes(java.nio.charset.StandardCharsets.US_ASCII), 114 + 16);

    XChaCha20Poly1305.seal(
        hex.parseHex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"),
        hex.parseHex("404142434445464748494a4b4c4d4e4f5051525354555657"),
        hex.parseHex("50515253c0c1c2c3c4c5c6c7"),
        octets,
        0,
        114);

    assertThat(hex.formatHex(octets, 0, 16)).isEqualTo("bd6d179d3e83d43b9576579493c0e939");
    assertThat(hex.formatHex(octets, 114, 130)).isEqualTo("c0875924c1c7987947deafd8780acf49");
  }
}
