package io.vpc4j.mesh.netstack.ip;

/**
 * A rate with a burst, as RFC 4443 2.4 (f) recommends for errors: a message may be sent while there
 * is a token, and tokens come back with time.
 */
public final class TokenBucket {

  private final long perTokenNs;
  private final int burst;
  private int tokens;
  private long lastNs;

  /**
   * Makes a full one.
   *
   * @param perSecond 1 to 1,000,000
   * @param burst how many may go at once
   */
  public TokenBucket(int perSecond, int burst, long nowNs) {
    perTokenNs = 1_000_000_000L / perSecond;
    this.burst = burst;
    tokens = burst;
    lastNs = nowNs;
  }

  /** Takes a token if there is one. */
  public boolean take(long nowNs) {
    var passed = nowNs - lastNs;
    if (passed >= perTokenNs) {
      var earned = passed / perTokenNs;
      tokens = (int) Math.min(burst, tokens + Math.min(earned, burst));
      lastNs += earned * perTokenNs;
    }
    if (tokens == 0) {
      return false;
    }
    tokens--;
    return true;
  }
}
