package io.vpc4j.mesh.wireguard.crypto;

/** Makes an {@link Aead} for each new key. Its implementations have no state. */
public interface AeadProvider {

  /** A short name for a status line, such as {@code "java"} or {@code "SunJCE"}. */
  String name();

  /**
   * A cipher of its own.
   *
   * @param key 32 octets, copied
   */
  Aead create(byte[] key);

  /** This project's own: plain Java, no allocation per packet. */
  static AeadProvider java() {
    return JavaAeads.INSTANCE;
  }
}
