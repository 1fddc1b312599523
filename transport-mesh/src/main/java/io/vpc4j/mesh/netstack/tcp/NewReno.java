package io.vpc4j.mesh.netstack.tcp;

/** Slow start and congestion avoidance as RFC 5681 3.1 has them, counted in octets (RFC 3465). */
final class NewReno implements Congestion {

  /**
   * What one acknowledgment may open the window by in slow start. Octets are counted, so a peer
   * that splits its acknowledgments gains nothing (RFC 3465).
   *
   * <p>Departs from RFC 3465 2.2 and RFC 9406 4.2, which say 2 and 8: a receiver behind GRO, and
   * ours when packets come in batches, acknowledges up to 64 KiB at once, and would keep us in slow
   * start for seconds. What a cumulative jump after a loss would add is left out instead: {@link
   * Recovery} counts only what the acknowledgment has delivered.
   */
  static final int LIMIT_SEGMENTS = 48;

  private int mss;
  private int cwnd;
  private int ssthresh = Integer.MAX_VALUE;
  private int ackedInAvoidance;
  private int cwndBefore;
  private int ssthreshBefore;

  NewReno(int maxSegmentOctets) {
    mss = maxSegmentOctets;
    cwnd = Congestion.initialWindow(mss);
    cwndBefore = cwnd;
    ssthreshBefore = ssthresh;
  }

  @Override
  public int windowOctets() {
    return cwnd;
  }

  @Override
  public int thresholdOctets() {
    return ssthresh;
  }

  @Override
  public void onAck(int ackedOctets, Use use, long rttNs, long nowNs) {
    if (use == Use.PARTIAL) {
      return;
    }
    if (cwnd < ssthresh) {
      cwnd += Math.min(ackedOctets, LIMIT_SEGMENTS * mss);
      return;
    }
    ackedInAvoidance += ackedOctets;
    if (ackedInAvoidance >= cwnd) { // one segment per round trip, RFC 5681 3.1
      ackedInAvoidance -= cwnd;
      cwnd += mss;
    }
  }

  @Override
  public void onLoss(int flightOctets, long nowNs) {
    remember();
    ssthresh = Math.max(flightOctets / 2, 2 * mss); // equation 4
    cwnd = ssthresh;
    ackedInAvoidance = 0;
  }

  @Override
  public void onTimeout(int flightOctets, long nowNs) {
    onLoss(flightOctets, nowNs);
    cwnd = mss; // the loss window, RFC 5681 3.1
  }

  @Override
  public void undo() {
    cwnd = Math.max(cwnd, cwndBefore);
    ssthresh = Math.max(ssthresh, ssthreshBefore);
  }

  @Override
  public void setWindow(int octets) {
    cwnd = Math.max(mss, octets);
  }

  @Override
  public void onIdle() {
    cwnd = Math.min(cwnd, Congestion.initialWindow(mss));
  }

  @Override
  public void setMaxSegment(int octets) {
    mss = octets;
    cwnd = Math.max(cwnd, mss);
  }

  private void remember() {
    cwndBefore = cwnd;
    ssthreshBefore = ssthresh;
  }

  @Override
  public String toString() {
    return "NewReno[cwnd=" + cwnd + ", ssthresh=" + ssthresh + "]";
  }
}
