package io.vpc4j.mesh.wireguard.crypto;

import java.util.Arrays;

/**
 * BLAKE2s, with or without a key. RFC 7693
 *
 * <p>WireGuard hashes in handshakes and cookies alone, never per packet; this is written to be
 * read. One object makes one digest and is wiped by that.
 */
public final class Blake2s {

  /** Octets of the longest digest, and of the longest key. */
  public static final int LENGTH = 32;

  /** Octets that are compressed at once. RFC 7693 2.1 */
  public static final int BLOCK = 64;

  /** RFC 7693 2.6 */
  private static final int[] IV = {
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19
  };

  /** The order of the words in each round, in hexadecimal digits. RFC 7693 2.7 */
  private static final String[] SIGMA = {
    "0123456789ABCDEF",
    "EA489FD61C02B753",
    "B8C052FDAE367194",
    "7931DCBE265A40F8",
    "905724AFE1BC683D",
    "2C6A0B834D75FE19",
    "C51FED4A0763928B",
    "DB7EC13950F4862A",
    "6FE9B308C2D714A5",
    "A2847615FB9E3CD0"
  };

  private final int digestLength;
  private final int[] h = IV.clone();
  private final byte[] block = new byte[BLOCK];
  private final int[] m = new int[16];
  private final int[] v = new int[16];
  private int filled;
  private long counted;

  /** A digest of {@code digestLength} octets, 1 to 32. */
  public Blake2s(int digestLength) {
    this(digestLength, new byte[0]);
  }

  /** As {@link #Blake2s(int)}, keyed: a MAC. {@code key} has 0 to 32 octets and is copied. */
  public Blake2s(int digestLength, byte[] key) {
    if (digestLength < 1 || digestLength > LENGTH || key.length > LENGTH) {
      throw new IllegalArgumentException(
          "digest of " + digestLength + " octets under a key of " + key.length);
    }
    this.digestLength = digestLength;
    h[0] ^= 0x0101_0000 ^ key.length << 8 ^ digestLength; // RFC 7693 2.5
    if (key.length > 0) {
      System.arraycopy(key, 0, block, 0, key.length);
      filled = BLOCK; // the key is a block of its own
    }
  }

  /** HASH(parts[0] || parts[1] ...), 32 octets. [W] 5.4 */
  public static byte[] hash(byte[]... parts) {
    var hash = new Blake2s(LENGTH);
    for (var part : parts) {
      hash.update(part, 0, part.length);
    }
    return hash.digest();
  }

  /** MAC(key, the octets), 16 octets at {@code out[outOffset]}. [W] 5.4 */
  public static void mac(
      byte[] key, byte[] octets, int offset, int length, byte[] out, int outOffset) {
    var mac = new Blake2s(16, key);
    mac.update(octets, offset, length);
    mac.digest(out, outOffset);
  }

  /** Takes more octets. */
  public Blake2s update(byte[] octets, int offset, int length) {
    var from = offset;
    var left = length;
    while (left > 0) {
      if (filled == BLOCK) { // only now is it known not to be the last
        counted += BLOCK;
        compress(block, 0);
        filled = 0;
      }
      var taken = Math.min(left, BLOCK - filled);
      System.arraycopy(octets, from, block, filled, taken);
      filled += taken;
      from += taken;
      left -= taken;
    }
    return this;
  }

  /** Ends: a new array with the digest. */
  public byte[] digest() {
    var out = new byte[digestLength];
    digest(out, 0);
    return out;
  }

  /** Ends: the digest goes to {@code out[offset]}; what this object held is overwritten. */
  public void digest(byte[] out, int offset) {
    counted += filled;
    Arrays.fill(block, filled, BLOCK, (byte) 0);
    compress(block, -1);
    for (var i = 0; i < digestLength; i++) {
      out[offset + i] = (byte) (h[i / 4] >>> (8 * (i % 4)));
    }
    Arrays.fill(h, 0);
    Arrays.fill(m, 0);
    Arrays.fill(v, 0);
    Arrays.fill(block, (byte) 0);
  }

  /** The compression function F. RFC 7693 3.2 */
  private void compress(byte[] octets, int lastBlock) {
    for (var i = 0; i < 16; i++) {
      m[i] = Octets.getInt(octets, 4 * i);
    }
    System.arraycopy(h, 0, v, 0, 8);
    System.arraycopy(IV, 0, v, 8, 8);
    v[12] ^= (int) counted;
    v[13] ^= (int) (counted >>> 32);
    v[14] ^= lastBlock;
    for (var sigma : SIGMA) {
      mix(0, 4, 8, 12, sigma, 0);
      mix(1, 5, 9, 13, sigma, 2);
      mix(2, 6, 10, 14, sigma, 4);
      mix(3, 7, 11, 15, sigma, 6);
      mix(0, 5, 10, 15, sigma, 8);
      mix(1, 6, 11, 12, sigma, 10);
      mix(2, 7, 8, 13, sigma, 12);
      mix(3, 4, 9, 14, sigma, 14);
    }
    for (var i = 0; i < 8; i++) {
      h[i] ^= v[i] ^ v[i + 8];
    }
  }

  /** The mixing function G. RFC 7693 3.1 */
  private void mix(int a, int b, int c, int d, String sigma, int at) {
    v[a] += v[b] + m[Character.digit(sigma.charAt(at), 16)];
    v[d] = Integer.rotateRight(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = Integer.rotateRight(v[b] ^ v[c], 12);
    v[a] += v[b] + m[Character.digit(sigma.charAt(at + 1), 16)];
    v[d] = Integer.rotateRight(v[d] ^ v[a], 8);
    v[c] += v[d];
    v[b] = Integer.rotateRight(v[b] ^ v[c], 7);
  }
}
