package io.vpc4j.mesh.wireguard.crypto;

import java.security.Security;

/** Makes an {@link Aead} for each new key. */
public interface AeadProvider {

  /**
   * A system property that has who seals, in place of {@link #fastest}: {@code java}, {@code jdk},
   * or the name of an installed security provider.
   */
  String PROPERTY = "io.vpc4j.mesh.aead";

  /** A short name for a status line, such as {@code "java"} or {@code "jdk"}. */
  String name();

  /**
   * A cipher of its own.
   *
   * @param key 32 octets, copied
   */
  Aead create(byte[] key);

  /** This project's own: plain Java, no allocation per packet. */
  static AeadProvider java() {
    return Ciphers.JAVA;
  }

  /**
   * The JDK's ChaCha20 with our Poly1305: 128 octets of garbage per packet, see {@link KeyStream}.
   */
  static AeadProvider jdk() {
    return Ciphers.JDK;
  }

  /**
   * What {@link #PROPERTY} says, or the fastest.
   *
   * @throws IllegalArgumentException if it says what is not here
   */
  static AeadProvider chosen() {
    var wanted = System.getProperty(PROPERTY);
    if (wanted == null) {
      return fastest();
    }
    if (wanted.equals(java().name())) {
      return java();
    }
    if (wanted.equals(jdk().name())) {
      return jdk();
    }
    var provider = Security.getProvider(wanted);
    if (provider == null) {
      throw new IllegalArgumentException(
          "-D" + PROPERTY + "=" + wanted + ": java, jdk or an installed provider's name is meant");
    }
    return new JceAeads(provider);
  }

  /**
   * The fastest that is here: Conscrypt, if the application installed it as a security provider;
   * else {@link #jdk} where its ChaCha20 is an intrinsic (JDK 20 and newer); else {@link #java}.
   */
  static AeadProvider fastest() {
    var conscrypt = Security.getProvider("Conscrypt");
    if (conscrypt != null) {
      return new JceAeads(conscrypt);
    }
    return Runtime.version().feature() >= Ciphers.INTRINSIC_SINCE ? jdk() : java();
  }
}
