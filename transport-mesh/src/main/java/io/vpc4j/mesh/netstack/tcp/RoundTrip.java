package io.vpc4j.mesh.netstack.tcp;

/**
 * How long a segment and its acknowledgment take, and so how long to wait for one. RFC 6298
 *
 * <p>Every acknowledgment gives a sample, so a sample weighs less the more of them a round trip
 * has. RFC 7323 appendix G
 *
 * <p>Departs from RFC 6298 2.3: the least timeout is added to SRTT in place of 4 * RTTVAR where
 * that is larger, and not compared with the sum. On a path of 300 ms that never varies the sum
 * would be 300 ms, and each delayed acknowledgment a timeout. Linux does the same.
 */
final class RoundTrip {

  private static final long INITIAL_RTO_NS = 1_000_000_000; // RFC 6298 2.1
  private static final long INITIAL_RTO_AFTER_SYN_LOSS_NS = 3_000_000_000L; // RFC 6298 5.7
  private static final int MAX_BACK_OFF = 16;

  private final long minRtoNs;
  private final long maxRtoNs;

  private long srttNs;
  private long rttvarNs;
  private long minNs = Long.MAX_VALUE;
  private long initialRtoNs = INITIAL_RTO_NS;
  private int backOff;

  RoundTrip(long minRtoNs, long maxRtoNs) {
    this.minRtoNs = minRtoNs;
    this.maxRtoNs = maxRtoNs;
  }

  /**
   * One measurement.
   *
   * @param segmentsInFlight how many segments a round trip has about now; each second one is
   *     acknowledged
   */
  void onSample(long rttNs, int segmentsInFlight) {
    var sample = Math.max(rttNs, 1);
    minNs = Math.min(minNs, sample);
    if (srttNs == 0) { // 2.2
      srttNs = sample;
      rttvarNs = sample / 2;
      return;
    }
    var expected = Math.max(1, (segmentsInFlight + 1) / 2);
    var error = Math.abs(srttNs - sample);
    rttvarNs += (error - rttvarNs) / (4L * expected); // 2.3: beta is 1/4
    srttNs += (sample - srttNs) / (8L * expected); // 2.3: alpha is 1/8
    srttNs = Math.max(1, srttNs);
  }

  /** The SYN was sent again and nothing was measured. RFC 6298 5.7 */
  void onSynLost() {
    if (srttNs == 0) {
      initialRtoNs = INITIAL_RTO_AFTER_SYN_LOSS_NS;
    }
  }

  /** The timer ran out. RFC 6298 5.5 */
  void backOff() {
    backOff = Math.min(backOff + 1, MAX_BACK_OFF);
  }

  /** Something new was acknowledged. */
  void resetBackOff() {
    backOff = 0;
  }

  boolean measured() {
    return srttNs != 0;
  }

  /** SRTT, or 0. */
  long smoothedNs() {
    return srttNs;
  }

  /** RTTVAR. */
  long variationNs() {
    return rttvarNs;
  }

  /** The least ever measured, or {@link Long#MAX_VALUE}. */
  long minNs() {
    return minNs;
  }

  /** RTO, with the back-off. */
  long timeoutNs() {
    var base = srttNs == 0 ? initialRtoNs : srttNs + Math.max(minRtoNs, 4 * rttvarNs);
    return Math.min(maxRtoNs, base << backOff);
  }

  /** The same after so many more doublings, for probes that count their own. */
  long timeoutNs(int doublings) {
    var base = srttNs == 0 ? initialRtoNs : srttNs + Math.max(minRtoNs, 4 * rttvarNs);
    return Math.min(maxRtoNs, base << Math.min(doublings, MAX_BACK_OFF));
  }
}
