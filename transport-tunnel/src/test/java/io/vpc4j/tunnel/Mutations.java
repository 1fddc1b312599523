package io.vpc4j.tunnel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** What chance makes of recorded octets: mostly still a message, and wrong somewhere. */
public final class Mutations {

  private static final long[] WORDS = {
    0,
    -1,
    1,
    2, // far, to the first word of the first segment
    6, // double-far, to the same
    3,
    0xffff_ffffL,
    0xfffffffcL, // one word back
    0x0001_0000_0000_0000L,
    0xffff_ffff_0000_0000L,
    0x0000_0007_0000_0001L,
    0xffff_ffff_ffff_fffdL
  };

  private Mutations() {}

  /** A changed copy of {@code seed}; {@code other} may lend a part of itself. */
  public static byte[] mutate(byte[] seed, byte[] other, Random random) {
    var octets = seed.clone();
    for (var times = 1 + random.nextInt(4); times > 0 && octets.length > 0; times--) {
      octets = once(octets, other, random);
    }
    return octets;
  }

  private static byte[] once(byte[] octets, byte[] other, Random random) {
    var at = random.nextInt(octets.length);
    switch (random.nextInt(8)) {
      case 0 -> octets[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> octets[at] = (byte) random.nextInt(256);
      case 2, 3 -> putWord(octets, at & ~7, WORDS[random.nextInt(WORDS.length)]);
      case 4 -> copyWord(octets, at & ~7, random.nextInt(octets.length) & ~7);
      case 5 -> {
        return Arrays.copyOf(octets, at);
      }
      case 6 -> {
        return spliced(octets, at, other, random.nextInt(other.length));
      }
      default -> octets[at] += (byte) (random.nextInt(5) - 2);
    }
    return octets;
  }

  private static void putWord(byte[] octets, int at, long word) {
    if (at + 8 <= octets.length) {
      ByteBuffer.wrap(octets).order(ByteOrder.LITTLE_ENDIAN).putLong(at, word);
    }
  }

  private static void copyWord(byte[] octets, int to, int from) {
    System.arraycopy(octets, from, octets, to, Math.min(8, octets.length - Math.max(from, to)));
  }

  private static byte[] spliced(byte[] octets, int at, byte[] other, int from) {
    var spliced = Arrays.copyOf(octets, at + other.length - from);
    System.arraycopy(other, from, spliced, at, other.length - from);
    return spliced;
  }
}
