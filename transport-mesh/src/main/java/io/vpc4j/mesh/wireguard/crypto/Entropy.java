package io.vpc4j.mesh.wireguard.crypto;

/**
 * Where unpredictable octets come from. The engine has no source of its own: a node passes its
 * {@code SecureRandom::nextBytes}, a test a seeded generator.
 */
@FunctionalInterface
public interface Entropy {

  /** Fills the whole array. */
  void fill(byte[] octets);

  /** A new array of that many octets. */
  default byte[] octets(int length) {
    var octets = new byte[length];
    fill(octets);
    return octets;
  }

  /** 32 bits. */
  default int nextInt() {
    var octets = octets(4);
    return octets[0] << 24
        | (octets[1] & 0xff) << 16
        | (octets[2] & 0xff) << 8
        | (octets[3] & 0xff);
  }
}
