package io.vpc4j.mesh.wireguard.crypto;

import static java.lang.Math.multiplyHigh;

import java.util.Arrays;

/**
 * Poly1305, RFC 8439 2.5: a polynomial over octets, evaluated modulo 2^130 - 5.
 *
 * <p><b>Idea.</b> The accumulator and r are three words of 44, 44 and 42 bits. A product of two
 * such words has 88 bits. It is taken in two halves that both fit where they are summed: the low 44
 * bits by a mask, the rest by {@link Math#multiplyHigh} of operands that were shifted so that the
 * product's bit 44 lies at bit 64. So nothing is carried between halves, which in Java, without a
 * carry flag, cost more than the products did (1,740 against 1,020 ns per 1,424 octets). What
 * passes 2^130 comes back times 5, and since the words lie at 44 bits and not at 43 1/3, times 20.
 *
 * <p><b>Bounds.</b> A word of the accumulator is below 2^45 with the block added, r's below 2^44,
 * and 20 r below 2^49; shifted by 18 and 2 they stay below 2^63, so that {@code multiplyHigh},
 * which knows signs, sees none. A sum of three halves is below 2^52. No branch and no index depends
 * on a secret.
 *
 * <p>Belongs to one thread; {@link #init} begins a new message.
 */
final class Poly1305 {

  static final int TAG_LENGTH = 16;

  private static final long MASK_44 = (1L << 44) - 1;
  private static final long MASK_42 = (1L << 42) - 1;

  // r, clamped; and r times 20
  private long r0;
  private long r1;
  private long r2;
  private long s1;
  private long s2;

  // the accumulator
  private long h0;
  private long h1;
  private long h2;

  // s, added at the end
  private long padLow;
  private long padHigh;

  private final byte[] last = new byte[16];

  /** Takes the one-time key: r and s, 16 octets each, as little-endian words. */
  void init(long rLow, long rHigh, long sLow, long sHigh) {
    var low = rLow & 0x0ffffffc0fffffffL; // RFC 8439 2.5.1
    var high = rHigh & 0x0ffffffc0ffffffcL;
    r0 = low & MASK_44;
    r1 = (low >>> 44 | high << 20) & MASK_44;
    r2 = high >>> 24 & MASK_42;
    s1 = r1 * 20;
    s2 = r2 * 20;
    h0 = 0;
    h1 = 0;
    h2 = 0;
    padLow = sLow;
    padHigh = sHigh;
  }

  /** Takes octets, zeros after them up to a multiple of 16. RFC 8439 2.8, pad16 */
  void updatePadded(byte[] octets, int offset, int length) {
    var whole = length & ~15;
    blocks(octets, offset, whole);
    var rest = length - whole;
    if (rest > 0) {
      System.arraycopy(octets, offset + whole, last, 0, rest);
      Arrays.fill(last, rest, 16, (byte) 0);
      blocks(last, 0, 16);
    }
  }

  /** Takes one block, given as words. */
  void updateBlock(long low, long high) {
    Octets.putLong(last, 0, low);
    Octets.putLong(last, 8, high);
    blocks(last, 0, 16);
  }

  private void blocks(byte[] octets, int offset, int length) {
    final var r0 = this.r0;
    final var r1 = this.r1;
    final var r2 = this.r2;
    final var s1 = this.s1;
    final var s2 = this.s2;
    // multiplyHigh of h << 18 and r << 2 is what of h * r lies above 2^44
    final var r0Up = r0 << 2;
    final var r1Up = r1 << 2;
    final var r2Up = r2 << 2;
    final var s1Up = s1 << 2;
    final var s2Up = s2 << 2;
    var h0 = this.h0;
    var h1 = this.h1;
    var h2 = this.h2;
    for (var at = offset; at < offset + length; at += 16) {
      var low = Octets.getLong(octets, at);
      var high = Octets.getLong(octets, at + 8);
      h0 += low & MASK_44;
      h1 += ((low >>> 44) | (high << 20)) & MASK_44;
      h2 += (high >>> 24) | (1L << 40); // the 1 after each block
      var h0Up = h0 << 18;
      var h1Up = h1 << 18;
      var h2Up = h2 << 18;

      var d0 = (h0 * r0 & MASK_44) + (h1 * s2 & MASK_44) + (h2 * s1 & MASK_44);
      var d1 = (h0 * r1 & MASK_44) + (h1 * r0 & MASK_44) + (h2 * s2 & MASK_44);
      var d2 = (h0 * r2 & MASK_44) + (h1 * r1 & MASK_44) + (h2 * r0 & MASK_44);
      d1 += multiplyHigh(h0Up, r0Up) + multiplyHigh(h1Up, s2Up) + multiplyHigh(h2Up, s1Up);
      d2 += multiplyHigh(h0Up, r1Up) + multiplyHigh(h1Up, r0Up) + multiplyHigh(h2Up, s2Up);
      var d3 = multiplyHigh(h0Up, r2Up) + multiplyHigh(h1Up, r1Up) + multiplyHigh(h2Up, r0Up);

      d1 += d0 >>> 44;
      d2 += d1 >>> 44;
      var past = (d3 << 2) + (d2 >>> 42); // in units of 2^130
      h0 = (d0 & MASK_44) + past * 5;
      h1 = (d1 & MASK_44) + (h0 >>> 44);
      h0 &= MASK_44;
      h2 = d2 & MASK_42;
    }
    this.h0 = h0;
    this.h1 = h1;
    this.h2 = h2;
  }

  /** Ends; the tag as two little-endian words, the low one by {@link #tagLow}. */
  void finish() {
    // full carry, twice round
    var c = h1 >>> 44;
    h1 &= MASK_44;
    h2 += c;
    c = h2 >>> 42;
    h2 &= MASK_42;
    h0 += c * 5;
    c = h0 >>> 44;
    h0 &= MASK_44;
    h1 += c;
    c = h1 >>> 44;
    h1 &= MASK_44;
    h2 += c;
    c = h2 >>> 42;
    h2 &= MASK_42;
    h0 += c * 5;
    c = h0 >>> 44;
    h0 &= MASK_44;
    h1 += c;

    // h - p, taken if it is not negative
    var g0 = h0 + 5;
    c = g0 >>> 44;
    g0 &= MASK_44;
    var g1 = h1 + c;
    c = g1 >>> 44;
    g1 &= MASK_44;
    var g2 = h2 + c - (1L << 42);
    var take = ~(g2 >> 63);
    h0 = (h0 & ~take) | (g0 & take);
    h1 = (h1 & ~take) | (g1 & take);
    h2 = (h2 & ~take) | (g2 & take);

    // h + s modulo 2^128
    var low = h0 | h1 << 44;
    var high = h1 >>> 20 | h2 << 24;
    var sum = low + padLow;
    high += padHigh + (((low & padLow) | ((low | padLow) & ~sum)) >>> 63);
    padLow = sum;
    padHigh = high;
  }

  /** After {@link #finish}: the tag's first 8 octets. */
  long tagLow() {
    return padLow;
  }

  /** After {@link #finish}: the tag's last 8 octets. */
  long tagHigh() {
    return padHigh;
  }

  /** Overwrites what a key or a message left. */
  void wipe() {
    init(0, 0, 0, 0);
    Arrays.fill(last, (byte) 0);
  }
}
