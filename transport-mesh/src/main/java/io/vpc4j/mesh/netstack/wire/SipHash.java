package io.vpc4j.mesh.netstack.wire;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * SipHash-2-4, a keyed hash that is cheap on short input. J.-P. Aumasson and D. J. Bernstein,
 * "SipHash: a fast short-input PRF"
 *
 * <p>Whoever does not have the key can neither foretell a value nor choose inputs that collide.
 * That is what RFC 6528 3 asks of initial sequence numbers, RFC 6056 3.3.3 of ephemeral ports, RFC
 * 4987 3.6 of SYN cookies, and what a table that a peer's packets are looked up in needs.
 *
 * <p>Belongs to one thread.
 */
public final class SipHash {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);

  private final long k0;
  private final long k1;
  private final State state = new State();

  /** The 128 bits of the key, from a secure random source, made anew at each start. */
  public SipHash(long k0, long k1) {
    this.k0 = k0;
    this.k1 = k1;
  }

  /** The hash of a part of an array. */
  public long hash(byte[] octets, int offset, int length) {
    state.begin(k0, k1);
    var at = offset;
    var end = offset + length;
    for (; at + 8 <= end; at += 8) {
      state.absorb((long) LONGS.get(octets, at));
    }
    var last = (long) length << 56;
    for (var shift = 0; at < end; at++, shift += 8) {
      last |= (octets[at] & 0xFFL) << shift;
    }
    state.absorb(last);
    return state.digest();
  }

  /** The hash of two words, as of their sixteen octets in little-endian order. */
  public long hash(long first, long second) {
    state.begin(k0, k1);
    state.absorb(first);
    state.absorb(second);
    state.absorb(16L << 56);
    return state.digest();
  }

  @Override
  public String toString() { // never the key
    return "SipHash";
  }

  /** Four words, used again: where a packet comes in, no object is made. */
  private static final class State {
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    void begin(long k0, long k1) {
      v0 = k0 ^ 0x736f6d6570736575L;
      v1 = k1 ^ 0x646f72616e646f6dL;
      v2 = k0 ^ 0x6c7967656e657261L;
      v3 = k1 ^ 0x7465646279746573L;
    }

    void absorb(long word) {
      v3 ^= word;
      round();
      round();
      v0 ^= word;
    }

    long digest() {
      v2 ^= 0xFF;
      round();
      round();
      round();
      round();
      return v0 ^ v1 ^ v2 ^ v3;
    }

    private void round() {
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
    }
  }
}
