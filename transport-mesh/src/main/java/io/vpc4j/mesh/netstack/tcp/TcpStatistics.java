package io.vpc4j.mesh.netstack.tcp;

/**
 * How a connection fares, for humans and metrics.
 *
 * @param state where it stands
 * @param smoothedRttNs SRTT, RFC 6298 2; 0 before the first measurement
 * @param rttVariationNs RTTVAR, RFC 6298 2
 * @param retransmissionTimeoutNs RTO with its back-off
 * @param congestionWindowOctets cwnd
 * @param slowStartThresholdOctets ssthresh; {@link Integer#MAX_VALUE} before the first loss
 * @param inFlightOctets sent, and neither acknowledged nor taken for lost
 * @param sendWindowOctets SND.WND, the peer's window
 * @param receiveWindowOctets RCV.WND, ours
 * @param maxSegmentOctets data in a full segment without options
 * @param sentOctets data sent for the first time
 * @param receivedOctets data received in order
 * @param retransmittedSegments segments with data sent again
 * @param timeouts how often the retransmission timer ran out
 * @param recoveries how often a loss was noticed without it
 * @param spurious how many of both were taken back, RFC 3522
 * @param congestionMarks how often the peer said that a router marked, RFC 3168
 * @param challengeAcks challenge ACKs sent, RFC 5961
 */
public record TcpStatistics(
    TcpState state,
    long smoothedRttNs,
    long rttVariationNs,
    long retransmissionTimeoutNs,
    int congestionWindowOctets,
    int slowStartThresholdOctets,
    int inFlightOctets,
    int sendWindowOctets,
    int receiveWindowOctets,
    int maxSegmentOctets,
    long sentOctets,
    long receivedOctets,
    long retransmittedSegments,
    long timeouts,
    long recoveries,
    long spurious,
    long congestionMarks,
    long challengeAcks) {

  static TcpStatistics of(
      TcpState state, Inbound in, Outbound out, Recovery recovery, ChallengeLimit challenges) {
    return new TcpStatistics(
        state,
        recovery.rtt.smoothedNs(),
        recovery.rtt.variationNs(),
        recovery.rtt.timeoutNs(),
        recovery.congestion.windowOctets(),
        recovery.congestion.thresholdOctets(),
        recovery.inFlightOctets(),
        out.sndWnd(),
        in.offeredOctets(),
        out.maxSegmentOctets(),
        out.sentOctets,
        in.receivedOctets,
        recovery.retransmittedSegments,
        recovery.timeouts,
        recovery.recoveries,
        recovery.spurious,
        recovery.congestionMarks,
        challenges.given);
  }
}
