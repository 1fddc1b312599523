package io.vpc4j.mesh.wireguard.crypto;

import java.util.function.Function;

/** {@link ChaCha20Poly1305} over one of the key streams. */
record Ciphers(String name, Function<byte[], KeyStream> streams) implements AeadProvider {

  static final AeadProvider JAVA = new Ciphers("java", ChaCha20::new);
  static final AeadProvider JDK = new Ciphers("jdk", JdkKeyStream::new);

  /** The JDK whose ChaCha20 is an intrinsic on x86-64 and aarch64. */
  static final int INTRINSIC_SINCE = 20;

  @Override
  public Aead create(byte[] key) {
    return new ChaCha20Poly1305(streams.apply(key));
  }
}
