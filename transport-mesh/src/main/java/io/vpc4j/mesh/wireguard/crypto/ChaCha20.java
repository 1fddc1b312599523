package io.vpc4j.mesh.wireguard.crypto;

import java.util.Arrays;

/**
 * ChaCha20, RFC 8439 2.3 and 2.4, many blocks at once.
 *
 * <p><b>Idea.</b> The sixteen words of a block are sixteen rows; a row holds that word of {@link
 * #LANES} blocks whose counters follow each other. A quarter round is then the same dozen
 * operations on every element of four rows: a loop that the JIT compiler turns into vector
 * instructions, whatever their width on that machine.
 *
 * <p>Belongs to one thread.
 */
final class ChaCha20 {

  /** Blocks that are computed at once. */
  static final int LANES = 32;

  static final int BLOCK = 64;

  /** "expand 32-byte k". RFC 8439 2.3 */
  private static final int[] CONSTANTS = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

  private final int[] input = new int[16];
  private final int[][] rows = new int[16][LANES];

  ChaCha20(byte[] key) {
    System.arraycopy(CONSTANTS, 0, input, 0, 4);
    for (var i = 0; i < 8; i++) {
      input[4 + i] = Octets.getInt(key, 4 * i);
    }
  }

  /**
   * HChaCha20: a key of its own for the first 16 octets of a long nonce. draft-irtf-cfrg-xchacha-03
   * 2.2
   */
  static byte[] subkey(byte[] key, byte[] nonce) {
    var cipher = new ChaCha20(key);
    for (var i = 0; i < 3; i++) {
      cipher.input[13 + i] = Octets.getInt(nonce, 4 + 4 * i);
    }
    cipher.generate(Octets.getInt(nonce, 0));
    var subkey = new byte[32];
    for (var i = 0; i < 4; i++) { // the rows as the rounds left them: nothing is added
      Octets.putInt(subkey, 4 * i, cipher.rows[i][0]);
      Octets.putInt(subkey, 16 + 4 * i, cipher.rows[12 + i][0]);
    }
    cipher.wipe();
    return subkey;
  }

  /** Sets the nonce: 32 bits of zero and {@code nonce} in little-endian. [W] 5.4.6 */
  void nonce(long nonce) {
    input[13] = 0;
    input[14] = (int) nonce;
    input[15] = (int) (nonce >>> 32);
  }

  /** Computes the key stream of {@link #LANES} blocks from {@code block} on. */
  void generate(int block) {
    for (var i = 0; i < 16; i++) {
      Arrays.fill(rows[i], input[i]);
    }
    var counters = rows[12];
    for (var lane = 0; lane < LANES; lane++) {
      counters[lane] = block + lane;
    }
    input[12] = block;
    var x = rows;
    for (var round = 0; round < 10; round++) {
      quarterRound(x[0], x[4], x[8], x[12]);
      quarterRound(x[1], x[5], x[9], x[13]);
      quarterRound(x[2], x[6], x[10], x[14]);
      quarterRound(x[3], x[7], x[11], x[15]);
      quarterRound(x[0], x[5], x[10], x[15]);
      quarterRound(x[1], x[6], x[11], x[12]);
      quarterRound(x[2], x[7], x[8], x[13]);
      quarterRound(x[3], x[4], x[9], x[14]);
    }
  }

  /** Word {@code i} of the key stream in that lane. */
  int word(int i, int lane) {
    return rows[i][lane] + input[i] + (i == 12 ? lane : 0);
  }

  /** Words {@code i} and {@code i + 1} as one little-endian word. */
  long words(int i, int lane) {
    return (word(i, lane) & 0xffff_ffffL) | (long) word(i + 1, lane) << 32;
  }

  private static void quarterRound(int[] a, int[] b, int[] c, int[] d) {
    for (var i = 0; i < LANES; i++) {
      var x = a[i] + b[i];
      var w = Integer.rotateLeft(d[i] ^ x, 16);
      var z = c[i] + w;
      var y = Integer.rotateLeft(b[i] ^ z, 12);
      x += y;
      w = Integer.rotateLeft(w ^ x, 8);
      z += w;
      y = Integer.rotateLeft(y ^ z, 7);
      a[i] = x;
      b[i] = y;
      c[i] = z;
      d[i] = w;
    }
  }

  /** Overwrites the key and what came of it. */
  void wipe() {
    Arrays.fill(input, 0);
    for (var row : rows) {
      Arrays.fill(row, 0);
    }
  }
}
