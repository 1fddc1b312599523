package io.vpc4j.mesh.wireguard;

/**
 * A peer's five timers, each the time at which it is due or {@link #NEVER}. What sets and clears
 * them are the events of [W] 6; what is done when one is due is {@link Handshakes#onTimers}.
 *
 * <pre>
 *   timer          set when                        to                            cleared when
 *   retry          a handshake is begun            REKEY-TIMEOUT + jitter        it is complete
 *   keepalive      data is received, if not set    KEEPALIVE-TIMEOUT             anything is sent
 *   newHandshake   data is sent, if not set        KEEPALIVE-TIMEOUT +           anything authentic
 *                                                  REKEY-TIMEOUT + jitter        is received
 *   erase          a session is made               3 x REJECT-AFTER-TIME         -
 *   persistent     anything is sent or received    the peer's own                -
 * </pre>
 */
final class PeerTimers {

  static final long NEVER = Long.MAX_VALUE;

  private final Timings timings;
  private final Jitter jitter;

  long retryNs = NEVER;
  long keepaliveNs = NEVER;
  long newHandshakeNs = NEVER;
  long eraseNs = NEVER;
  long persistentNs = NEVER;

  /** Data came while a keepalive was due: one more after it. */
  private boolean anotherKeepalive;

  /** How often the peer wants to hear something; 0 for never. */
  long persistentEveryNs;

  PeerTimers(Timings timings, Jitter jitter) {
    this.timings = timings;
    this.jitter = jitter;
  }

  void onHandshakeBegun(long nowNs) {
    retryNs = nowNs + timings.rekeyTimeoutNs() + jitter.nextNs();
  }

  void onSessionMade(long nowNs) {
    eraseNs = nowNs + 3 * timings.rejectAfterNs(); // [W] 6.3
  }

  void onHandshakeComplete() {
    retryNs = NEVER;
  }

  /** Data, not a keepalive. [W] 6.5 */
  void onDataReceived(long nowNs) {
    if (keepaliveNs == NEVER) {
      keepaliveNs = nowNs + timings.keepaliveNs();
    } else {
      anotherKeepalive = true;
    }
  }

  /** Data, not a keepalive. [W] 6.2: a peer that does not answer has lost the session. */
  void onDataSent(long nowNs) {
    if (newHandshakeNs == NEVER) {
      newHandshakeNs = nowNs + timings.keepaliveNs() + timings.rekeyTimeoutNs() + jitter.nextNs();
    }
  }

  /** Anything at all. */
  void onSent(long nowNs) {
    keepaliveNs = NEVER;
    onEither(nowNs);
  }

  /** Anything authentic. */
  void onReceived(long nowNs) {
    newHandshakeNs = NEVER;
    onEither(nowNs);
  }

  /** The keepalive is due and sent: is one more wanted? */
  void onKeepaliveDue(long nowNs) {
    keepaliveNs = anotherKeepalive ? nowNs + timings.keepaliveNs() : NEVER;
    anotherKeepalive = false;
  }

  void persistentEvery(long everyNs, long nowNs) {
    persistentEveryNs = everyNs;
    persistentNs = NEVER;
    onEither(nowNs);
  }

  /** The one that is due first. */
  long earliestNs() {
    return Math.min(
        Math.min(Math.min(retryNs, keepaliveNs), Math.min(newHandshakeNs, eraseNs)), persistentNs);
  }

  void clear() {
    retryNs = NEVER;
    keepaliveNs = NEVER;
    newHandshakeNs = NEVER;
    eraseNs = NEVER;
    persistentNs = NEVER;
    anotherKeepalive = false;
  }

  private void onEither(long nowNs) {
    if (persistentEveryNs > 0) {
      persistentNs = nowNs + persistentEveryNs;
    }
  }
}
