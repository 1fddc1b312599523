package io.vpc4j.mesh.wireguard.crypto;

import java.util.Arrays;

/**
 * The AEAD of RFC 8439 2.8, in place. [W] 5.4
 *
 * <p>Authenticity is checked before anything is decrypted: a forged message leaves the array as it
 * was.
 */
public final class ChaCha20Poly1305 implements Aead {

  private static final byte[] NO_DATA = {};

  private final KeyStream stream;
  private final Poly1305 authenticator = new Poly1305();
  private final byte[] first = new byte[KeyStream.BLOCK];

  /** In plain Java, without allocation per message. Copies the key, 32 octets. */
  public ChaCha20Poly1305(byte[] key) {
    this(new ChaCha20(key));
  }

  ChaCha20Poly1305(KeyStream stream) {
    this.stream = stream;
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
    stream.crypt(octets, offset, length);
    authenticate(associated, octets, offset, length);
    Octets.putLong(octets, offset + length, authenticator.tagLow());
    Octets.putLong(octets, offset + length + 8, authenticator.tagHigh());
  }

  /** As {@link Aead#open}, with associated data. */
  public boolean open(long counter, byte[] associated, byte[] octets, int offset, int length) {
    var sealed = length - TAG_LENGTH;
    begin(counter);
    authenticate(associated, octets, offset, sealed);
    var low = Octets.getLong(octets, offset + sealed) ^ authenticator.tagLow();
    var high = Octets.getLong(octets, offset + sealed + 8) ^ authenticator.tagHigh();
    if ((low | high) != 0) {
      return false;
    }
    stream.crypt(octets, offset, sealed);
    return true;
  }

  @Override
  public void wipe() {
    stream.wipe();
    authenticator.wipe();
    Arrays.fill(first, (byte) 0);
  }

  @Override
  public String toString() {
    return "ChaCha20Poly1305[***]";
  }

  /** The first half of block 0 is the one-time key: r, then s. RFC 8439 2.6 */
  private void begin(long counter) {
    stream.begin(counter, first);
    authenticator.init(
        Octets.getLong(first, 0),
        Octets.getLong(first, 8),
        Octets.getLong(first, 16),
        Octets.getLong(first, 24));
  }

  private void authenticate(byte[] associated, byte[] octets, int offset, int length) {
    authenticator.updatePadded(associated, 0, associated.length);
    authenticator.updatePadded(octets, offset, length);
    authenticator.updateBlock(associated.length, length);
    authenticator.finish();
  }
}
