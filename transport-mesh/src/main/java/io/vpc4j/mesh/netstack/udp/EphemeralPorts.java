package io.vpc4j.mesh.netstack.udp;

import java.util.function.IntPredicate;
import java.util.function.LongSupplier;

/**
 * Chooses local ports that cannot be guessed: a random one, and from there the next free one. RFC
 * 6056 3.3.1, algorithm 1
 */
public final class EphemeralPorts {

  /** The dynamic ports, RFC 6335 6, and the upper half of those registered: RFC 6056 3.2. */
  public static final int FIRST = 32_768;

  /** The last port there is. */
  public static final int LAST = 65_535;

  private final LongSupplier random;

  /**
   * Makes one.
   *
   * @param random unpredictable to peers
   */
  public EphemeralPorts(LongSupplier random) {
    this.random = random;
  }

  /**
   * A port that is free.
   *
   * @return 0 if none is
   */
  public int choose(IntPredicate free) {
    var count = LAST - FIRST + 1;
    var start = (int) Long.remainderUnsigned(random.getAsLong(), count);
    for (var i = 0; i < count; i++) {
      var port = FIRST + (start + i) % count;
      if (free.test(port)) {
        return port;
      }
    }
    return 0;
  }
}
