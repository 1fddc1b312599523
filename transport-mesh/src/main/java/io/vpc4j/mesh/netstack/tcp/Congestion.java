package io.vpc4j.mesh.netstack.tcp;

/**
 * How much may be in flight: cwnd and ssthresh, and how they move. RFC 5681 3
 *
 * <p>What counts as an acknowledgment, a loss or a recovery is not decided here; {@link Recovery}
 * tells. Nothing is told of acknowledgments while a recovery lasts, but for one after a timeout.
 */
interface Congestion {

  /** Whether the flight filled the window, so that it may grow. RFC 9438 4.2.1, RFC 7661 4.3 */
  enum Use {
    /** The window was what held the sender back. */
    FULL,
    /** The application or the peer's window was. */
    PARTIAL
  }

  /** cwnd. */
  int windowOctets();

  /** ssthresh, or {@link Integer#MAX_VALUE} before the first loss. */
  int thresholdOctets();

  /** Data was acknowledged for the first time; {@code rttNs} is the latest sample, or 0. */
  void onAck(int ackedOctets, Use use, long rttNs, long nowNs);

  /** A loss, or a router's mark: less from now on. RFC 5681 3.2, RFC 3168 6.1.2 */
  void onLoss(int flightOctets, long nowNs);

  /** The retransmission timer ran out for the first time on this flight. RFC 5681 3.1 */
  void onTimeout(int flightOctets, long nowNs);

  /** The last loss or timeout was none: back to what was before. RFC 3522 3.2 */
  void undo();

  /** Recovery sets cwnd while it lasts. RFC 6937 */
  void setWindow(int octets);

  /** Nothing was sent for a retransmission timeout: cwnd is stale. RFC 5681 4.1 */
  void onIdle();

  /** The largest data segment changed; cwnd keeps its octets, but for a least. */
  void setMaxSegment(int octets);

  /** RFC 6928 2: ten segments, and less of large ones. */
  static int initialWindow(int maxSegmentOctets) {
    return Math.min(10 * maxSegmentOctets, Math.max(2 * maxSegmentOctets, 14_600));
  }
}
