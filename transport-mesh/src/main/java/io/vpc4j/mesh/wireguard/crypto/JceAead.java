package io.vpc4j.mesh.wireguard.crypto;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/**
 * A security provider's ChaCha20-Poly1305, one cipher object for one key and direction.
 *
 * <p><b>A trap</b>, as in {@link JdkKeyStream}: SunJCE refuses a nonce that it just had, on JDK 17
 * to decrypt as well. A forged packet with the true one's counter must not block it; so upon
 * refusal the cipher is led over another nonce.
 */
final class JceAead implements Aead {

  private final Cipher cipher;
  private final ErasableKey key;
  private final byte[] nonce = new byte[12];

  JceAead(Cipher cipher, byte[] key) {
    this.cipher = cipher;
    this.key = new ErasableKey(key.clone());
  }

  @Override
  public void seal(long counter, byte[] octets, int offset, int length) {
    try {
      initOnce(Cipher.ENCRYPT_MODE, counter);
      cipher.doFinal(octets, offset, length, octets, offset);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a counter is used once, and there is room for the tag", e);
    }
  }

  @Override
  public boolean open(long counter, byte[] octets, int offset, int length) {
    try {
      init(Cipher.DECRYPT_MODE, counter);
      cipher.doFinal(octets, offset, length, octets, offset);
      return true;
    } catch (AEADBadTagException forged) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key of 32 octets and a nonce of 12 are in order", e);
    }
  }

  @Override
  public void wipe() {
    Arrays.fill(key.octets, (byte) 0);
    try {
      init(Cipher.DECRYPT_MODE, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key of 32 octets and a nonce of 12 are in order", e);
    }
  }

  private void init(int mode, long counter) throws GeneralSecurityException {
    try {
      initOnce(mode, counter);
    } catch (InvalidKeyException repeated) {
      initOnce(mode, ~counter);
      initOnce(mode, counter);
    }
  }

  private void initOnce(int mode, long counter) throws GeneralSecurityException {
    Octets.putLong(nonce, 4, counter);
    cipher.init(mode, key, new IvParameterSpec(nonce));
  }
}
