package io.vpc4j.tunnel.carrier.quic;

/**
 * Whether what is to move moves: the last octets of a stream whose channel is closed have as long
 * as they need while any of them go, and a bounded time while none do.
 *
 * <p>Time is an argument, of one clock. Confined to one thread.
 */
final class Progress {

  private final long patienceNs;
  private long movedBefore;
  private long sinceNs;

  /**
   * Begins to watch.
   *
   * @param patienceNs how long nothing may move
   * @param moved how much has moved so far; only grows
   */
  Progress(long patienceNs, long moved, long nowNs) {
    this.patienceNs = patienceNs;
    movedBefore = moved;
    sinceNs = nowNs;
  }

  /** Whether nothing has moved for as long as that is put up with, at the times it was asked. */
  boolean isStalled(long moved, long nowNs) {
    if (moved != movedBefore) {
      movedBefore = moved;
      sinceNs = nowNs;
      return false;
    }
    return nowNs - sinceNs >= patienceNs;
  }
}
