package io.vpc4j.tunnel.dns;

/**
 * What looking names up may cost.
 *
 * @param maxLookups names being asked for at once; one more fails at once
 * @param maxWaiters lookups that wait for them, several for one name; one more fails at once
 * @param maxCached answers that are kept, of one name and type each; the one used longest ago goes
 *     first
 * @param maxTtlSeconds how long an answer is kept at most
 * @param maxNegativeTtlSeconds how long it is kept that there is no answer; RFC 2308 5 allows 3
 *     hours, but a private network's names come and go
 * @param maxAttempts how often one question is asked before it has failed
 * @param attemptNs how long an attempt waits, opening its stream included
 * @param resolutionDelayNs how long one type's addresses wait for the other's. RFC 8305 3
 */
public record DnsLimits(
    int maxLookups,
    int maxWaiters,
    int maxCached,
    int maxTtlSeconds,
    int maxNegativeTtlSeconds,
    int maxAttempts,
    long attemptNs,
    long resolutionDelayNs) {

  /** 1,024 names, 8,192 waiters, 4,096 answers; an hour, a minute; 3 attempts of 3 s; 50 ms. */
  public static final DnsLimits DEFAULT =
      new DnsLimits(1024, 8192, 4096, 3600, 60, 3, 3_000_000_000L, 50_000_000L);

  /** Checks the bounds. */
  public DnsLimits {
    if (maxLookups < 1 || maxWaiters < 1 || maxCached < 0 || maxAttempts < 1) {
      throw new IllegalArgumentException("a bound without room");
    }
    if (maxTtlSeconds < 0 || maxNegativeTtlSeconds < 0 || attemptNs <= 0 || resolutionDelayNs < 0) {
      throw new IllegalArgumentException("a time below zero");
    }
  }
}
