package io.vpc4j.mesh.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {

  private static final HexFormat HEX = HexFormat.of();

  /** RFC 7748 5.2, the first vector. */
  @Test
  void theStandardsVector() {
    var key =
        PrivateKey.of(
            HEX.parseHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"));
    var shared = new byte[32];

    assertThat(
            key.agree(
                HEX.parseHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
                shared))
        .isTrue();

    assertThat(HEX.formatHex(shared))
        .isEqualTo("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  }

  /** RFC 7748 5.2, iterated. */
  @Test
  void aThousandTimesOver() {
    var k = new byte[32];
    k[0] = 9;
    var u = k.clone();
    for (var i = 1; i <= 1000; i++) {
      var out = new byte[32];
      assertThat(PrivateKey.of(k).agree(u, out)).isTrue();
      u = k;
      k = out;
      if (i == 1) {
        assertThat(HEX.formatHex(k))
            .isEqualTo("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
      }
    }
    assertThat(HEX.formatHex(k))
        .isEqualTo("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
  }

  /** RFC 7748 6.1: "the check for the all-zero value". */
  @Test
  void aPointOfSmallOrderAgreesWithNobody() {
    var random = new Random(1);
    var key = PrivateKey.generate(random::nextBytes);

    assertThat(key.agree(new byte[32], new byte[32])).isFalse();
  }

  @Test
  void keysSurviveTheirText() {
    var random = new Random(2);
    var key = PrivateKey.generate(random::nextBytes);

    assertThat(PrivateKey.ofBase64(key.toSecretBase64()).publicKey()).isEqualTo(key.publicKey());
    assertThat(PublicKey.ofBase64(key.publicKey().toString())).isEqualTo(key.publicKey());
    assertThat(PublicKey.of(key.publicKey().octets()).hashCode())
        .isEqualTo(key.publicKey().hashCode());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "AAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA*=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
      })
  void whatIsNoKeyIsRefusedWithoutRepeatingIt(String text) {
    assertThatThrownBy(() -> PrivateKey.ofBase64(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("key")
        .hasMessageNotContaining("AAAA");
    assertThatThrownBy(() -> PublicKey.ofBase64(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void secretsPrintNothingAndCanBeWiped() {
    var random = new Random(3);
    var key = PrivateKey.generate(random::nextBytes);
    var copy = key.copy();
    var secret = SecretBytes.copyOf(new byte[] {1, 2, 3});

    assertThat(key).hasToString("PrivateKey[***]");
    assertThat(secret).hasToString("SecretBytes[***]");
    assertThat(new ChaCha20Poly1305(new byte[32])).hasToString("ChaCha20Poly1305[***]");
    key.wipe();
    secret.wipe();
    assertThat(key.isWiped()).isTrue();
    assertThat(secret.borrow()).containsOnly(0);
    assertThat(copy.isWiped()).isFalse();
  }
}
