package io.vpc4j.mesh.netstack.tcp;

/**
 * Ends the first slow start when the round trip begins to grow, which is the queue of the
 * bottleneck filling up, and not only when that queue has run over. RFC 9406 4.2
 *
 * <p>A round ends when the octets that were in flight at its start are acknowledged; since growth
 * is by octets acknowledged, that is when as much has been acknowledged as the window was then.
 */
final class HyStart {

  private static final long MIN_RTT_THRESHOLD_NS = 4_000_000;
  private static final long MAX_RTT_THRESHOLD_NS = 16_000_000;
  private static final int RTT_DIVISOR = 8;
  private static final int RTT_SAMPLES = 8;
  private static final int GROWTH_DIVISOR = 4;
  private static final int CONSERVATIVE_ROUNDS = 5;
  private static final long UNKNOWN = Long.MAX_VALUE;

  private enum Phase {
    /** Doubling per round trip. */
    STANDARD,
    /** Growing a quarter as fast, until it is sure that the queue grows. */
    CONSERVATIVE,
    /** Over. */
    FINISHED
  }

  private Phase phase = Phase.STANDARD;
  private long roundOctets;
  private long ackedInRound;
  private long lastRoundMinNs = UNKNOWN;
  private long currentRoundMinNs = UNKNOWN;
  private long baselineNs = UNKNOWN;
  private int samples;
  private int conservativeRounds;

  HyStart(int windowOctets) {
    roundOctets = windowOctets;
  }

  boolean finished() {
    return phase == Phase.FINISHED;
  }

  /**
   * By how much the window grows for so many octets acknowledged.
   *
   * @param windowOctets cwnd before it grows
   */
  int growth(int ackedOctets, long rttNs, int windowOctets) {
    ackedInRound += ackedOctets;
    if (rttNs > 0) {
      currentRoundMinNs = Math.min(currentRoundMinNs, rttNs);
      samples++;
    }
    if (samples >= RTT_SAMPLES && lastRoundMinNs != UNKNOWN) {
      judge();
    }
    var growth = phase == Phase.STANDARD ? ackedOctets : ackedOctets / GROWTH_DIVISOR;
    if (ackedInRound >= roundOctets) {
      endRound(windowOctets + growth);
    }
    return growth;
  }

  private void judge() {
    if (phase == Phase.STANDARD) {
      var threshold =
          Math.max(
              MIN_RTT_THRESHOLD_NS, Math.min(lastRoundMinNs / RTT_DIVISOR, MAX_RTT_THRESHOLD_NS));
      if (currentRoundMinNs >= lastRoundMinNs + threshold) {
        baselineNs = currentRoundMinNs;
        phase = Phase.CONSERVATIVE;
        conservativeRounds = 0;
      }
    } else if (phase == Phase.CONSERVATIVE && currentRoundMinNs < baselineNs) {
      baselineNs = UNKNOWN;
      phase = Phase.STANDARD; // it was noise
    }
  }

  private void endRound(int windowOctets) {
    if (phase == Phase.CONSERVATIVE && ++conservativeRounds >= CONSERVATIVE_ROUNDS) {
      phase = Phase.FINISHED;
    }
    roundOctets = windowOctets; // what is in flight now
    ackedInRound = 0;
    lastRoundMinNs = currentRoundMinNs;
    currentRoundMinNs = UNKNOWN;
    samples = 0;
  }
}
