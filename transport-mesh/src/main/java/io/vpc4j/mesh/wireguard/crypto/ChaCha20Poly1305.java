package io.vpc4j.mesh.wireguard.crypto;

/**
 * The AEAD of RFC 8439 2.8 in plain Java, in place, without allocation per message. [W] 5.4
 *
 * <p>Authenticity is checked before anything is decrypted: a forged message costs no key stream but
 * the one batch that its one-time key came from, and leaves the array as it was.
 */
public final class ChaCha20Poly1305 implements Aead {

  private static final byte[] NO_DATA = {};

  private final ChaCha20 cipher;
  private final Poly1305 authenticator = new Poly1305();

  /** Copies the key, 32 octets. */
  public ChaCha20Poly1305(byte[] key) {
    cipher = new ChaCha20(key);
  }

  @Override
  public void seal(long counter, byte[] octets, int offset, int length) {
    seal(counter, NO_DATA, octets, offset, length);
  }

  @Override
  public boolean open(long counter, byte[] octets, int offset, int length) {
    return open(counter, NO_DATA, octets, offset, length);
  }

  /** As {@link Aead#seal}, with associated data. */
  public void seal(long counter, byte[] associated, byte[] octets, int offset, int length) {
    begin(counter);
    crypt(octets, offset, length);
    authenticate(associated, octets, offset, length);
    Octets.putLong(octets, offset + length, authenticator.tagLow());
    Octets.putLong(octets, offset + length + 8, authenticator.tagHigh());
  }

  /** As {@link Aead#open}, with associated data. */
  public boolean open(long counter, byte[] associated, byte[] octets, int offset, int length) {
    var sealed = length - TAG_LENGTH;
    begin(counter);
    authenticate(associated, octets, offset, sealed);
    var difference =
        (Octets.getLong(octets, offset + sealed) ^ authenticator.tagLow())
            | (Octets.getLong(octets, offset + sealed + 8) ^ authenticator.tagHigh());
    if (difference != 0) {
      return false;
    }
    crypt(octets, offset, sealed);
    return true;
  }

  @Override
  public void wipe() {
    cipher.wipe();
    authenticator.wipe();
  }

  @Override
  public String toString() {
    return "ChaCha20Poly1305[***]";
  }

  /** Block 0 is the one-time key; those after it are the key stream. RFC 8439 2.6, 2.8 */
  private void begin(long counter) {
    cipher.nonce(counter);
    cipher.generate(0);
    authenticator.init(
        cipher.words(0, 0), cipher.words(2, 0), cipher.words(4, 0), cipher.words(6, 0));
  }

  /** The octets, exclusive-or the key stream from block 1 on; the first batch is there already. */
  private void crypt(byte[] octets, int offset, int length) {
    var lane = 1;
    var block = 0;
    var at = offset;
    var end = offset + length;
    while (at < end) {
      if (lane == ChaCha20.LANES) {
        block += ChaCha20.LANES;
        cipher.generate(block);
        lane = 0;
      }
      if (end - at >= ChaCha20.BLOCK) {
        for (var i = 0; i < 16; i += 2) {
          Octets.putLong(
              octets, at + 4 * i, Octets.getLong(octets, at + 4 * i) ^ cipher.words(i, lane));
        }
      } else {
        for (var i = 0; i < end - at; i++) {
          octets[at + i] ^= (byte) (cipher.word(i / 4, lane) >>> (8 * (i % 4)));
        }
      }
      at += ChaCha20.BLOCK;
      lane++;
    }
  }

  private void authenticate(byte[] associated, byte[] octets, int offset, int length) {
    authenticator.updatePadded(associated, 0, associated.length);
    authenticator.updatePadded(octets, offset, length);
    authenticator.updateBlock(associated.length, length);
    authenticator.finish();
  }
}
