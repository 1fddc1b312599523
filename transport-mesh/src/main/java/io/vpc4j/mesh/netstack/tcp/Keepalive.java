package io.vpc4j.mesh.netstack.tcp;

/** Asks a silent peer whether it is there. RFC 9293 3.8.4 */
final class Keepalive {

  private final TcpSettings settings;
  private final Timers timers;
  private int probes;

  Keepalive(TcpSettings settings, Timers timers) {
    this.settings = settings;
    this.timers = timers;
  }

  void onSignOfLife(TcpState state, long nowNs) {
    probes = 0;
    if (settings.keepaliveIdleNs() > 0 && state.synchronised() && state != TcpState.TIME_WAIT) {
      timers.keepaliveAt = Deadline.after(nowNs, settings.keepaliveIdleNs());
    }
  }

  /** The timer has run out; true if the peer has been asked often enough. */
  boolean isOver() {
    return probes >= settings.keepaliveProbes();
  }

  /** The next question; none while something is in flight, whose retransmission asks already. */
  void ask(Outbound out, SentSegments sent, long nowNs) {
    timers.keepaliveAt = Deadline.after(nowNs, settings.keepaliveIntervalNs());
    if (sent.isEmpty()) {
      probes++;
      out.oweKeepalive();
    }
  }
}
