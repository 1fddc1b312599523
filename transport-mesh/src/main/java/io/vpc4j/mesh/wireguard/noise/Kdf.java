package io.vpc4j.mesh.wireguard.noise;

import io.vpc4j.mesh.wireguard.crypto.Blake2s;
import java.util.Arrays;

/** HMAC over BLAKE2s, and HKDF over that. RFC 2104, RFC 5869, [N] 4.3, [W] 5.4 */
final class Kdf {

  private static final int LENGTH = Blake2s.LENGTH;

  private Kdf() {}

  /** KDF<sub>n</sub>(key, input): n new arrays of 32 octets, n from 1 to 3. */
  static byte[][] derive(int n, byte[] key, byte[] input) {
    var outputs = new byte[n][];
    var secret = hmac(key, input);
    var previous = new byte[0];
    for (var i = 0; i < n; i++) {
      var block = Arrays.copyOf(previous, previous.length + 1);
      block[previous.length] = (byte) (i + 1);
      outputs[i] = hmac(secret, block);
      Arrays.fill(block, (byte) 0);
      previous = outputs[i];
    }
    Arrays.fill(secret, (byte) 0);
    return outputs;
  }

  /** HMAC(key, input); {@code key} has at most 64 octets. */
  static byte[] hmac(byte[] key, byte[] input) {
    var inner = new byte[Blake2s.BLOCK];
    var outer = new byte[Blake2s.BLOCK];
    System.arraycopy(key, 0, inner, 0, key.length);
    System.arraycopy(key, 0, outer, 0, key.length);
    for (var i = 0; i < Blake2s.BLOCK; i++) {
      inner[i] ^= 0x36;
      outer[i] ^= 0x5c;
    }
    var digest = Blake2s.hash(inner, input);
    var mac = Blake2s.hash(outer, digest);
    Arrays.fill(inner, (byte) 0);
    Arrays.fill(outer, (byte) 0);
    Arrays.fill(digest, (byte) 0);
    assert mac.length == LENGTH;
    return mac;
  }
}
