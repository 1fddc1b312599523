package io.vpc4j.mesh.wireguard.crypto;

import java.security.GeneralSecurityException;
import java.security.Provider;
import javax.crypto.Cipher;

/** The AEAD of a security provider, such as Conscrypt, which is faster than anything in Java. */
public final class JceAeads implements AeadProvider {

  private final Provider provider;

  /**
   * Of {@code provider}.
   *
   * @throws IllegalArgumentException if it has no ChaCha20-Poly1305
   */
  public JceAeads(Provider provider) {
    this.provider = provider;
    cipher();
  }

  @Override
  public String name() {
    return provider.getName();
  }

  @Override
  public Aead create(byte[] key) {
    return new JceAead(cipher(), key);
  }

  private Cipher cipher() {
    try {
      return Cipher.getInstance("ChaCha20-Poly1305", provider);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(provider.getName() + " has no ChaCha20-Poly1305", e);
    }
  }
}
