package io.vpc4j.mesh.wireguard.crypto;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Little-endian words in arrays of octets, at any offset. Bounds are checked by the JVM. */
public final class Octets {

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, LITTLE_ENDIAN);

  private Octets() {}

  /** The 4 octets from {@code offset} on. */
  public static int getInt(byte[] octets, int offset) {
    return (int) INT.get(octets, offset);
  }

  /** Writes 4 octets. */
  public static void putInt(byte[] octets, int offset, int value) {
    INT.set(octets, offset, value);
  }

  /** The 8 octets from {@code offset} on. */
  public static long getLong(byte[] octets, int offset) {
    return (long) LONG.get(octets, offset);
  }

  /** Writes 8 octets. */
  public static void putLong(byte[] octets, int offset, long value) {
    LONG.set(octets, offset, value);
  }

  /** Whether two ranges are equal; the time taken depends on {@code length} alone. */
  public static boolean equal(byte[] a, int aOffset, byte[] b, int bOffset, int length) {
    var difference = 0;
    for (var i = 0; i < length; i++) {
      difference |= a[aOffset + i] ^ b[bOffset + i];
    }
    return difference == 0;
  }
}
