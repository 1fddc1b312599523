package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.wire.Seq.after;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.atOrAfter;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.before;

/**
 * Recent acknowledgment: a segment is lost when one that was sent long enough after it has arrived.
 * RFC 8985 6
 *
 * <p>Time and not the count of later segments is what decides, so a segment that was sent again and
 * lost again is noticed as well, and a path that reorders is forgiven by a quarter of a round trip.
 * The names are those of RFC 8985 5.2.
 */
final class Rack {

  private static final int DUP_THRESH = 3; // RFC 6675 2
  private static final int REO_WND_PERSIST = 16; // RFC 8985 6.2, step 4

  private boolean valid;
  private long xmitNs;
  private int endSeq;
  private long rttNs;

  private boolean fackValid;
  private int fack;
  private boolean reorderingSeen;

  private int reoWndMult = 1;
  private int reoWndPersist = REO_WND_PERSIST;
  private boolean dsackRoundRuns;
  private int dsackRound;

  /** RACK.rtt: of the segment delivered last. */
  long rttNs() {
    return rttNs;
  }

  boolean reorderingSeen() {
    return reorderingSeen;
  }

  /** Whether anything has been delivered yet. */
  boolean valid() {
    return valid;
  }

  /** The segment that has just been delivered may be the one sent last. Step 2 */
  void onDelivered(long sentNs, int end, long nowNs) {
    var rtt = nowNs - sentNs;
    rttNs = rtt;
    if (!valid || sentAfter(sentNs, end, xmitNs, endSeq)) {
      valid = true;
      xmitNs = sentNs;
      endSeq = end;
    }
  }

  /** Looks for reordering: an original that arrives after one sent after it. Step 3 */
  void onOrder(int end, boolean retransmitted) {
    if (!fackValid || after(end, fack)) {
      fackValid = true;
      fack = end;
    } else if (before(end, fack) && !retransmitted) {
      reorderingSeen = true;
    }
  }

  /** Adapts the reordering window to DSACKs: one seen means that we resent too soon. Step 4 */
  void onDuplicateReported(int sndNxt) {
    if (!dsackRoundRuns) {
      dsackRoundRuns = true;
      dsackRound = sndNxt;
      reoWndMult++;
      reoWndPersist = REO_WND_PERSIST;
    }
  }

  /** SND.UNA has moved. */
  void onAdvance(int sndUna) {
    if (dsackRoundRuns && atOrAfter(sndUna, dsackRound)) {
      dsackRoundRuns = false;
    }
  }

  /** A fast or a timeout recovery is over. */
  void onRecoveryOver() {
    if (--reoWndPersist <= 0) {
      reoWndMult = 1;
    }
  }

  /** RACK_update_reo_wnd(). Step 4 */
  long reorderWindowNs(boolean inRecovery, int sackedSegments, RoundTrip rtt) {
    if (!reorderingSeen && (inRecovery || sackedSegments >= DUP_THRESH)) {
      return 0;
    }
    var quarter = rtt.minNs() == Long.MAX_VALUE ? 0 : rtt.minNs() / 4;
    return Math.min(reoWndMult * quarter, rtt.smoothedNs());
  }

  /** Whether the segment was sent before the one delivered last. */
  boolean deliveredAfter(long sentNs, int end) {
    return valid && sentAfter(xmitNs, endSeq, sentNs, end);
  }

  private static boolean sentAfter(long t1, int end1, long t2, int end2) {
    return t1 - t2 > 0 || (t1 == t2 && after(end1, end2));
  }
}
