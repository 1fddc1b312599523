package io.vpc4j.mesh.netstack.tcp;

/**
 * How many acknowledgments a connection gives to segments that are wrong. RFC 5961 7
 *
 * <p>Per connection, and not for the host as RFC 5961 allows: a common count tells whoever can send
 * to us that somebody else's guess has hit (CVE-2016-5696). It also ends the quarrel of two ends
 * that each find the other's acknowledgments unacceptable.
 */
final class ChallengeLimit {

  private static final long PERIOD_NS = 5_000_000_000L;
  private static final int PER_PERIOD = 10;

  private long periodBeganNs;
  private int inPeriod;
  private boolean began;
  long given;

  boolean allows(long nowNs) {
    if (!began || nowNs - periodBeganNs >= PERIOD_NS) {
      began = true;
      periodBeganNs = nowNs;
      inPeriod = 0;
    }
    if (inPeriod == PER_PERIOD) {
      return false;
    }
    inPeriod++;
    given++;
    return true;
  }
}
