package io.vpc4j.mesh.wireguard.cookie;

import io.vpc4j.core.net.IpAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * How many handshakes one source may ask for: a token bucket for each IPv4 address and each IPv6
 * prefix of 64 bits. Asked under load alone and after mac2, so a source is an address that its
 * sender does receive at. [W] 5.3
 *
 * <p>The table is bounded. When it is full, buckets that have filled up again are forgotten; if
 * there are none, a new source is refused.
 */
public final class SourceLimit {

  private final long tokenNs;
  private final int burst;
  private final int maxSources;
  private final Map<IpAddress, Bucket> buckets = new HashMap<>();
  private long sweptAtNs = Long.MIN_VALUE;

  /**
   * A limit.
   *
   * @param perSecond handshakes that a source may ask for in the long run; 1 or more
   * @param burst and at once
   * @param maxSources how many sources are remembered
   */
  public SourceLimit(int perSecond, int burst, int maxSources) {
    tokenNs = 1_000_000_000L / perSecond;
    this.burst = burst;
    this.maxSources = maxSources;
  }

  /** Whether {@code source} may ask for one more; takes a token if so. */
  public boolean admits(IpAddress source, long nowNs) {
    var key =
        source.family() == IpAddress.Family.V4
            ? source
            : new IpAddress(IpAddress.Family.V6, source.high(), 0);
    var bucket = buckets.get(key);
    if (bucket == null) {
      if (buckets.size() >= maxSources && !sweep(nowNs)) {
        return false;
      }
      bucket = new Bucket(nowNs - burst * tokenNs);
      buckets.put(key, bucket);
    }
    return bucket.take(nowNs, tokenNs, burst);
  }

  /** How many sources are remembered. */
  public int sources() {
    return buckets.size();
  }

  /**
   * Forgets the buckets that are full again; at most once per token, since it looks at them all.
   */
  private boolean sweep(long nowNs) {
    if (sweptAtNs != Long.MIN_VALUE && nowNs - sweptAtNs < tokenNs) {
      return false;
    }
    sweptAtNs = nowNs;
    buckets.values().removeIf(bucket -> nowNs - bucket.emptySinceNs >= burst * tokenNs);
    return buckets.size() < maxSources;
  }

  /** Tokens, told as the time since there were none. */
  private static final class Bucket {
    private long emptySinceNs;

    Bucket(long emptySinceNs) {
      this.emptySinceNs = emptySinceNs;
    }

    boolean take(long nowNs, long tokenNs, int burst) {
      emptySinceNs = Math.max(emptySinceNs, nowNs - burst * tokenNs);
      if (nowNs - emptySinceNs < tokenNs) {
        return false;
      }
      emptySinceNs += tokenNs;
      return true;
    }
  }
}
