package io.vpc4j.mesh.wireguard.crypto;

/** {@link ChaCha20Poly1305} for each key. */
enum JavaAeads implements AeadProvider {
  INSTANCE;

  @Override
  public Aead create(byte[] key) {
    return new ChaCha20Poly1305(key);
  }
}
