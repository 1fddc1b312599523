package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.Deadline.NONE;

/** Everything a connection waits for, each a moment or {@link Deadline#NONE}. */
final class Timers {

  /** Our SYN, with or without ACK, is sent again. */
  long handshakeAt = NONE;

  /** The oldest segment in flight is taken for lost. RFC 6298 5 */
  long retransmitAt = NONE;

  /** The tail is probed. RFC 8985 7.2 */
  long tailProbeAt = NONE;

  /** Segments that may only have been overtaken are taken for lost. RFC 8985 6.2, step 5 */
  long reorderAt = NONE;

  /** The closed window is probed. RFC 9293 3.8.6.1 */
  long persistAt = NONE;

  /** The acknowledgment has waited long enough for company. RFC 9293 3.8.6.3 */
  long delayedAckAt = NONE;

  /** The silent peer is asked whether it is there. RFC 9293 3.8.4 */
  long keepaliveAt = NONE;

  /** TIME-WAIT, or FIN-WAIT-2 of a closed application, is over. */
  long lingerAt = NONE;

  /** Patience is over: nothing was acknowledged for too long. RFC 9293 3.8.3 */
  long giveUpAt = NONE;

  long earliest() {
    var sooner = Deadline.earliest(retransmitAt, tailProbeAt);
    sooner = Deadline.earliest(sooner, reorderAt);
    sooner = Deadline.earliest(sooner, persistAt);
    sooner = Deadline.earliest(sooner, delayedAckAt);
    sooner = Deadline.earliest(sooner, handshakeAt);
    sooner = Deadline.earliest(sooner, keepaliveAt);
    sooner = Deadline.earliest(sooner, lingerAt);
    return Deadline.earliest(sooner, giveUpAt);
  }

  /** Those that wait for an acknowledgment. */
  void stopRetransmission() {
    retransmitAt = NONE;
    tailProbeAt = NONE;
    reorderAt = NONE;
    giveUpAt = NONE;
  }

  /** Those that a retransmission timeout makes pointless. */
  void stopTailAndReorder() {
    tailProbeAt = NONE;
    reorderAt = NONE;
  }

  void stopAll() {
    stopRetransmission();
    handshakeAt = NONE;
    persistAt = NONE;
    delayedAckAt = NONE;
    keepaliveAt = NONE;
    lingerAt = NONE;
  }
}
