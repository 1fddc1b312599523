package io.vpc4j.mesh.wireguard.noise;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.mesh.wireguard.crypto.ChaCha20Poly1305;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.crypto.SecretBytes;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s as the Noise community's test vectors have it (those of
 * cacophony, which other implementations run, too): WireGuard's pattern with another prologue, and
 * payloads of other lengths.
 */
class NoiseVectorTest {

  private static final byte[] PROLOGUE = hex("4a6f686e2047616c74");
  private static final SecretBytes PSK =
      SecretBytes.owning(hex("54686973206973206d7920417573747269616e20706572737065637469766521"));
  private static final PrivateKey INITIATOR =
      PrivateKey.of(hex("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"));
  private static final PrivateKey INITIATOR_EPHEMERAL =
      PrivateKey.of(hex("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"));
  private static final PrivateKey RESPONDER =
      PrivateKey.of(hex("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"));
  private static final PrivateKey RESPONDER_EPHEMERAL =
      PrivateKey.of(hex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"));

  private static final String FIRST =
      "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944001e21de9f98ddd8"
          + "e2ad57527207feb56253c9c94a9e496782ecfcb2a75fbcaf1b52948cc48daefe660c62119ab50009"
          + "80c84831215f2441eba616548e832985464cf17e51ee93109008399a21f7e13f";
  private static final String SECOND =
      "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843cb765f2caef0751b"
          + "8f007572dab0322217755c0632f365717edbf34d33e87a";

  @Test
  void theVectorComesOutOctetForOctet() {
    var initiator = SymmetricState.towards(octets(RESPONDER), PROLOGUE);
    var responder = SymmetricState.towards(octets(RESPONDER), PROLOGUE);

    assertThat(first(initiator, hex("4c756477696720766f6e204d69736573"))).isEqualTo(FIRST);
    readFirst(responder, hex(FIRST));
    assertThat(responder.hash()).isEqualTo(initiator.hash());
    assertThat(second(responder, hex("4d757272617920526f746862617264"))).isEqualTo(SECOND);
    readSecond(initiator, hex(SECOND));

    assertThat(initiator.hash())
        .isEqualTo(hex("f5191b875290abcd41347ac3622d9679688a7e980229cb937ef748336cfde0e5"))
        .isEqualTo(responder.hash());
    transport(initiator.split());
    transport(responder.split());
  }

  private static void transport(TransportKeys keys) {
    var toResponder = keys.initiatorToResponder().borrow();
    var toInitiator = keys.responderToInitiator().borrow();
    assertThat(sealed(toResponder, 0, "462e20412e20486179656b"))
        .isEqualTo("8153ca9833bc3c1b91a7e66e5f4d4f5b59bf9e64c2f20d15f0bba7");
    assertThat(sealed(toInitiator, 0, "4361726c204d656e676572"))
        .isEqualTo("07af0c9c86e1b4e80f36b04ff7688d51141af3debd0332f0a705ef");
    assertThat(sealed(toResponder, 1, "4a65616e2d426170746973746520536179"))
        .isEqualTo("6ab1467c0448cc78394494abaaf23afce0e234315d6e2624dcbfa8a21c1c4d073d");
    assertThat(sealed(toInitiator, 1, "457567656e2042f6686d20766f6e2042617765726b"))
        .isEqualTo("dfc346c0d2296ae6cf1acf6f12b8456a1dba228cf8d8b774aacf1c47fc53aa80ebc7a4c292");
  }

  private static String sealed(byte[] key, long counter, String plain) {
    var octets = Arrays.copyOf(hex(plain), plain.length() / 2 + 16);
    new ChaCha20Poly1305(key).seal(counter, octets, 0, plain.length() / 2);
    return HexFormat.of().formatHex(octets);
  }

  /** e, es, s, ss. [N] 7.5 */
  private static String first(SymmetricState state, byte[] payload) {
    var message = new byte[32 + 48 + payload.length + 16];
    System.arraycopy(octets(INITIATOR_EPHEMERAL), 0, message, 0, 32);
    state.mixPublic(message, 0, 32);
    state.mixHash(message, 0, 32);
    state.mixKey(agree(INITIATOR_EPHEMERAL, octets(RESPONDER)));
    System.arraycopy(octets(INITIATOR), 0, message, 32, 32);
    state.encryptAndHash(message, 32, 32);
    state.mixKey(agree(INITIATOR, octets(RESPONDER)));
    System.arraycopy(payload, 0, message, 80, payload.length);
    state.encryptAndHash(message, 80, payload.length);
    return HexFormat.of().formatHex(message);
  }

  private static void readFirst(SymmetricState state, byte[] message) {
    state.mixPublic(message, 0, 32);
    state.mixHash(message, 0, 32);
    state.mixKey(agree(RESPONDER, Arrays.copyOf(message, 32)));
    assertThat(state.decryptAndHash(message, 32, 48)).isEqualTo(octets(INITIATOR));
    state.mixKey(agree(RESPONDER, octets(INITIATOR)));
    assertThat(state.decryptAndHash(message, 80, message.length - 80)).hasSize(16);
  }

  /** e, ee, se, psk. */
  private static String second(SymmetricState state, byte[] payload) {
    var message = new byte[32 + payload.length + 16];
    System.arraycopy(octets(RESPONDER_EPHEMERAL), 0, message, 0, 32);
    state.mixPublic(message, 0, 32);
    state.mixHash(message, 0, 32);
    state.mixKey(agree(RESPONDER_EPHEMERAL, octets(INITIATOR_EPHEMERAL)));
    state.mixKey(agree(RESPONDER_EPHEMERAL, octets(INITIATOR)));
    state.mixKeyAndHash(PSK);
    System.arraycopy(payload, 0, message, 32, payload.length);
    state.encryptAndHash(message, 32, payload.length);
    return HexFormat.of().formatHex(message);
  }

  private static void readSecond(SymmetricState state, byte[] message) {
    state.mixPublic(message, 0, 32);
    state.mixHash(message, 0, 32);
    var theirs = Arrays.copyOf(message, 32);
    state.mixKey(agree(INITIATOR_EPHEMERAL, theirs));
    state.mixKey(agree(INITIATOR, theirs));
    state.mixKeyAndHash(PSK);
    assertThat(state.decryptAndHash(message, 32, message.length - 32)).hasSize(15);
  }

  private static byte[] agree(PrivateKey own, byte[] theirs) {
    var shared = new byte[32];
    assertThat(own.agree(theirs, shared)).isTrue();
    return shared;
  }

  private static byte[] octets(PrivateKey key) {
    return key.publicKey().octets();
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
