package io.vpc4j.mesh.wireguard;

import io.vpc4j.mesh.wireguard.crypto.Aead;
import io.vpc4j.mesh.wireguard.crypto.AeadProvider;
import io.vpc4j.mesh.wireguard.noise.TransportKeys;

/** One pair of keys and what was sent and seen under it. [W] 5.4.5, 5.4.6 */
final class Session implements Indexed {

  final int localIndex;
  final int remoteIndex;
  final Role role;
  final long createdAtNs;
  final Aead sealing;
  final Aead opening;
  final ReplayWindow window = new ReplayWindow();

  /** Datagrams that were authentic and new. */
  long taken;

  private final Peer peer;
  private final Timings timings;
  private long sendCounter;
  private boolean wiped;

  /** Takes {@code keys}, and wipes them. */
  Session(
      Peer peer,
      Role role,
      int localIndex,
      int remoteIndex,
      TransportKeys keys,
      AeadProvider aeads,
      Timings timings,
      long nowNs) {
    this.peer = peer;
    this.role = role;
    this.localIndex = localIndex;
    this.remoteIndex = remoteIndex;
    this.timings = timings;
    createdAtNs = nowNs;
    var toResponder = aeads.create(keys.initiatorToResponder().borrow());
    var toInitiator = aeads.create(keys.responderToInitiator().borrow());
    sealing = role == Role.INITIATOR ? toResponder : toInitiator;
    opening = role == Role.INITIATOR ? toInitiator : toResponder;
    keys.wipe();
  }

  @Override
  public Peer peer() {
    return peer;
  }

  /** Whether it may still send. [W] 6.2 */
  boolean maySend(long nowNs) {
    return isYoung(nowNs) && isBelow(sendCounter, timings.rejectAfterMessages());
  }

  /** Whether it may still take a packet with that counter. [W] 6.2 */
  boolean mayTake(long counter, long nowNs) {
    return isYoung(nowNs) && isBelow(counter, timings.rejectAfterMessages());
  }

  /** Whether, having sent, it is time for the next one. [W] 6.2 */
  boolean isOldAfterSending(long nowNs) {
    return !isBelow(sendCounter, timings.rekeyAfterMessages())
        || (role == Role.INITIATOR && nowNs - createdAtNs >= timings.rekeyAfterNs());
  }

  /** Whether, having received, it is time for the next one. [W] 6.2 */
  boolean isOldAfterReceiving(long nowNs) {
    return role == Role.INITIATOR && nowNs - createdAtNs >= timings.rekeyOnReceiptAfterNs();
  }

  /** A counter that was not used before. */
  long nextCounter() {
    return sendCounter++;
  }

  /**
   * Datagrams that the peer must have sent under it, as far as we can tell: it counts them from 0.
   * [W] 5.4.6
   */
  long expected() {
    return taken == 0 ? 0 : window.highest() + 1;
  }

  /** Overwrites the keys. Again is allowed. */
  void wipe() {
    if (!wiped) {
      wiped = true;
      sealing.wipe();
      opening.wipe();
    }
  }

  private boolean isYoung(long nowNs) {
    return nowNs - createdAtNs < timings.rejectAfterNs();
  }

  private static boolean isBelow(long counter, long limit) {
    return Long.compareUnsigned(counter, limit) < 0;
  }
}
