package io.vpc4j.mesh.netstack.tcp;

/** Moments on a clock that may be negative and may wrap, and the one that never comes. */
final class Deadline {

  static final long NONE = TcpConnection.NO_DEADLINE;

  private Deadline() {}

  static boolean passed(long deadlineNs, long nowNs) {
    return deadlineNs != NONE && deadlineNs - nowNs <= 0;
  }

  static long earliest(long a, long b) {
    if (a == NONE) {
      return b;
    }
    return b == NONE || a - b <= 0 ? a : b;
  }

  static long after(long nowNs, long delayNs) {
    var at = nowNs + delayNs;
    return at == NONE ? NONE - 1 : at;
  }
}
