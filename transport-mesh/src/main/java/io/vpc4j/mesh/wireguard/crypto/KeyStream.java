package io.vpc4j.mesh.wireguard.crypto;

/**
 * ChaCha20 under one key, message by message, RFC 8439 2.4. Belongs to one thread.
 *
 * <p>A message begins with {@link #begin}; then come any number of {@link #crypt}, each of which
 * but the last has a multiple of 64 octets.
 */
interface KeyStream {

  /** Octets of a block. */
  int BLOCK = 64;

  /**
   * Begins a message.
   *
   * @param nonce its low 64 bits, in little-endian; those before it are zero
   * @param first receives block 0 of the key stream, 64 octets: the authenticator's key. RFC 8439
   *     2.6
   */
  void begin(long nonce, byte[] first);

  /** The octets, exclusive-or the key stream from block 1 on. */
  void crypt(byte[] octets, int offset, int length);

  /** Overwrites the key and what came of it. No other call may follow. */
  void wipe();
}
