package io.vpc4j.mesh.netstack.tcp.wire;

/**
 * Arithmetic modulo 2^32. RFC 9293 3.4
 *
 * <p>Two numbers compare as long as they are less than 2^31 apart, which no window this stack
 * offers or takes comes near. Plain addition and subtraction of {@code int}s are already modulo
 * 2^32 and have no method here.
 */
public final class Seq {

  private Seq() {}

  /** Whether {@code a} comes before {@code b}. */
  public static boolean before(int a, int b) {
    return a - b < 0;
  }

  /** Whether {@code a} comes before {@code b} or is {@code b}. */
  public static boolean atOrBefore(int a, int b) {
    return a - b <= 0;
  }

  /** Whether {@code a} comes after {@code b}. */
  public static boolean after(int a, int b) {
    return a - b > 0;
  }

  /** Whether {@code a} comes after {@code b} or is {@code b}. */
  public static boolean atOrAfter(int a, int b) {
    return a - b >= 0;
  }

  /** Whether {@code low <= seq < high}. */
  public static boolean within(int seq, int low, int high) {
    return seq - low >= 0 && seq - high < 0;
  }

  /** The later of the two. */
  public static int max(int a, int b) {
    return a - b >= 0 ? a : b;
  }

  /** The earlier of the two. */
  public static int min(int a, int b) {
    return a - b <= 0 ? a : b;
  }
}
