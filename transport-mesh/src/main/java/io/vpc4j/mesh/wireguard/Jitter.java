package io.vpc4j.mesh.wireguard;

/**
 * Spreads retries. Asked for at the pace of packets, so it is three shifts (Marsaglia's xorshift64)
 * and not a cryptographic source; nothing secret depends on it.
 */
final class Jitter {

  private final long boundNs;
  private long state;

  /** From 0 up to {@code boundNs}. */
  Jitter(long boundNs, long seed) {
    this.boundNs = boundNs;
    state = seed | 1;
  }

  long nextNs() {
    state ^= state << 13;
    state ^= state >>> 7;
    state ^= state << 17;
    return (state >>> 1) % (boundNs + 1);
  }
}
