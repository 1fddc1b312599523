package io.vpc4j.mesh.wireguard.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8439's vectors whose nonce WireGuard could make, and BouncyCastle as a twin. */
class ChaCha20Poly1305Test {

  private static final HexFormat HEX = HexFormat.of();

  /** RFC 8439 A.5, whose nonce is 32 bits of zero and then 0102030405060708. */
  @Test
  void opensTheStandardsVector() {
    var key = HEX.parseHex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
    var aad = HEX.parseHex("f33388860000000000004e91");
    var sealed =
        HEX.parseHex(
            "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2"
                + "4c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf"
                + "332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855"
                + "9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4"
                + "b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523e"
                + "af4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a"
                + "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10"
                + "49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29"
                + "a6ad5cb4022b02709b"
                + "eead9d67890cbb22392336fea1851f38");
    var aead = new io.vpc4j.mesh.wireguard.crypto.ChaCha20Poly1305(key);

    assertThat(aead.open(0x0807060504030201L, aad, sealed, 0, sealed.length)).isTrue();

    assertThat(new String(sealed, 0, 60, java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("Internet-Drafts are draft documents valid for a maximum of s");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void agreesWithItsTwinAtEveryLength(long seed) throws Exception {
    var random = new Random(seed);
    var key = new byte[32];
    random.nextBytes(key);
    var aead = new io.vpc4j.mesh.wireguard.crypto.ChaCha20Poly1305(key);
    for (var length = 0; length < 3000; length += 1 + random.nextInt(7)) {
      var counter = random.nextLong();
      var aad = new byte[random.nextInt(40)];
      random.nextBytes(aad);
      var plain = new byte[length];
      random.nextBytes(plain);
      var offset = random.nextInt(20);
      var ours = new byte[offset + length + 16 + 5];
      System.arraycopy(plain, 0, ours, offset, length);
      var twin = new byte[length + 16];
      var cipher = new ChaCha20Poly1305();
      var nonce = new byte[12];
      Octets.putLong(nonce, 4, counter);
      cipher.init(true, new AEADParameters(new KeyParameter(key), 128, nonce, aad));
      cipher.doFinal(twin, cipher.processBytes(plain, 0, length, twin, 0));

      aead.seal(counter, aad, ours, offset, length);

      assertThat(Arrays.copyOfRange(ours, offset, offset + length + 16))
          .as("seed %d, length %d", seed, length)
          .isEqualTo(twin);
      assertThat(aead.open(counter, aad, ours, offset, length + 16)).isTrue();
      assertThat(Arrays.copyOfRange(ours, offset, offset + length)).isEqualTo(plain);
    }
  }
}
