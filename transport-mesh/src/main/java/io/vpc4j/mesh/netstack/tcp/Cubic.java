package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.NewReno.LIMIT_SEGMENTS;

/**
 * CUBIC. RFC 9438
 *
 * <p><b>Idea.</b> After a loss at a window of W_max the window comes back along a cubic curve of
 * <i>time</i>: fast while far below W_max, flat around it, then fast again in search of more. How
 * fast does not depend on the round trip, as it does with Reno, so a long path is filled in seconds
 * and not in minutes.
 *
 * <p><b>Trade.</b> Where the round trip is short the curve would be slower than Reno, so Reno's
 * window is kept beside it and the larger counts (4.3). An aggressive curve also overshoots more;
 * {@link HyStart} ends the first slow start before the queue is full.
 *
 * <p><b>What a peer may do.</b> Acknowledge more finely, or what it has not got. Growth goes by
 * octets acknowledged, so the first gains nothing; the second makes us send faster than the path
 * bears, to the peer alone, and no faster than our send buffer.
 *
 * <p><b>Numbers.</b> Windows are {@code double}s of octets, so that growth of less than an octet
 * per acknowledgment is not lost; the equations are in segments as in the RFC.
 */
final class Cubic implements Congestion {

  private static final double C = 0.4; // 5.1
  private static final double BETA = 0.7; // 4.6
  private static final double ALPHA = 3 * (1 - BETA) / (1 + BETA); // 4.3
  private static final long NO_EPOCH = Long.MIN_VALUE;

  private final HyStart hyStart;

  private int mss;
  private double cwnd;
  private int ssthresh = Integer.MAX_VALUE;

  /** W_max, in octets. */
  private double wMax;

  /** W_est: what Reno's window would be, in octets. */
  private double wEst;

  private double cwndPrior;
  private double kSeconds;
  private long epochNs = NO_EPOCH;
  private long lastAckNs;

  private double cwndBefore;
  private int ssthreshBefore = Integer.MAX_VALUE;
  private double wMaxBefore;
  private double kBefore;
  private long epochBefore = NO_EPOCH;

  Cubic(int maxSegmentOctets) {
    mss = maxSegmentOctets;
    cwnd = Congestion.initialWindow(mss);
    cwndBefore = cwnd;
    hyStart = new HyStart((int) cwnd);
  }

  @Override
  public int windowOctets() {
    return (int) cwnd;
  }

  @Override
  public int thresholdOctets() {
    return ssthresh;
  }

  @Override
  public void onAck(int ackedOctets, Use use, long rttNs, long nowNs) {
    var sinceLastNs = nowNs - lastAckNs;
    lastAckNs = nowNs;
    if (use == Use.PARTIAL) {
      if (epochNs != NO_EPOCH) {
        epochNs += sinceLastNs; // time in which nothing was asked of the window does not count, 5.8
      }
      return;
    }
    if (cwnd < ssthresh) {
      slowStart(ackedOctets, rttNs);
    } else {
      avoidance(ackedOctets, rttNs, nowNs);
    }
  }

  private void slowStart(int ackedOctets, long rttNs) {
    var limited = Math.min(ackedOctets, LIMIT_SEGMENTS * mss);
    var growth =
        ssthresh == Integer.MAX_VALUE ? hyStart.growth(limited, rttNs, (int) cwnd) : limited;
    cwnd += growth;
    if (hyStart.finished() && ssthresh == Integer.MAX_VALUE) {
      ssthresh = (int) cwnd;
    }
  }

  private void avoidance(int ackedOctets, long rttNs, long nowNs) {
    if (epochNs == NO_EPOCH) {
      epochNs = nowNs;
      wEst = cwnd;
      if (cwnd < wMax) {
        kSeconds = StrictMath.cbrt((wMax - cwnd) / mss / C); // figure 2
      } else { // slow start came this far: the curve begins at its flat part, 4.8 and 4.10
        kSeconds = 0;
        wMax = cwnd;
      }
    }
    var seconds = (nowNs - epochNs) / 1e9;
    wEst += (wEst >= cwndPrior ? 1 : ALPHA) * ackedOctets / cwnd * mss; // figure 4
    if (curve(seconds) < wEst) { // 4.3, the Reno-friendly region
      cwnd = Math.max(cwnd, wEst);
      return;
    }
    var target = Math.min(1.5 * cwnd, curve(seconds + rttNs / 1e9)); // 4.2: one round trip ahead
    if (target > cwnd) { // 4.4 and 4.5
      cwnd += (target - cwnd) / cwnd * ackedOctets;
    }
  }

  /** W_cubic(t), in octets. Figure 1 */
  private double curve(double seconds) {
    var t = seconds - kSeconds;
    return C * t * t * t * mss + wMax;
  }

  @Override
  public void onLoss(int flightOctets, long nowNs) {
    remember();
    reduce(flightOctets);
    cwnd = ssthresh;
  }

  @Override
  public void onTimeout(int flightOctets, long nowNs) {
    remember();
    reduce(flightOctets);
    cwnd = mss; // 4.8, and RFC 5681 3.1
  }

  private void reduce(int flightOctets) {
    cwndPrior = cwnd;
    wMax = cwnd < wMax ? cwnd * (1 + BETA) / 2 : cwnd; // 4.7, fast convergence
    ssthresh = (int) Math.max(Math.min(flightOctets, cwnd) * BETA, 2.0 * mss); // 4.6
    epochNs = NO_EPOCH;
  }

  @Override
  public void undo() { // 4.9
    if (cwnd < cwndBefore) {
      cwnd = cwndBefore;
      ssthresh = ssthreshBefore;
      wMax = wMaxBefore;
      kSeconds = kBefore;
      epochNs = epochBefore;
    }
  }

  private void remember() {
    cwndBefore = cwnd;
    ssthreshBefore = ssthresh;
    wMaxBefore = wMax;
    kBefore = kSeconds;
    epochBefore = epochNs;
  }

  @Override
  public void setWindow(int octets) {
    cwnd = Math.max(mss, octets);
  }

  @Override
  public void onIdle() {
    cwnd = Math.min(cwnd, Congestion.initialWindow(mss));
    epochNs = NO_EPOCH;
  }

  @Override
  public void setMaxSegment(int octets) {
    mss = octets;
    cwnd = Math.max(cwnd, mss);
  }

  @Override
  public String toString() {
    return "Cubic[cwnd=" + (int) cwnd + ", ssthresh=" + ssthresh + ", wMax=" + (int) wMax + "]";
  }
}
