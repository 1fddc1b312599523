package io.vpc4j.mesh.wireguard.crypto;

/**
 * ChaCha20-Poly1305 under one key for one direction of one session, on the hot path: in place, with
 * WireGuard's nonce (32 bits of zero, then the counter in little-endian, [W] 5.4.6) and no
 * associated data. RFC 8439 2.8
 *
 * <p>Belongs to one thread. The caller never seals twice under one counter; opening may see any
 * counter any number of times, since a forged packet carries whatever counter it likes.
 */
public interface Aead {

  /** Octets that sealing adds. */
  int TAG_LENGTH = 16;

  /**
   * Seals {@code length} octets from {@code offset} on, and writes the tag after them.
   *
   * @param octets has at least {@code offset + length + 16} octets
   */
  void seal(long counter, byte[] octets, int offset, int length);

  /**
   * Opens {@code length} octets from {@code offset} on, of which the last 16 are the tag.
   *
   * @param length 16 or more
   * @return false if they are not authentic; what the array then holds is unspecified
   */
  boolean open(long counter, byte[] octets, int offset, int length);

  /** Overwrites the key. No other call may follow. */
  void wipe();
}
