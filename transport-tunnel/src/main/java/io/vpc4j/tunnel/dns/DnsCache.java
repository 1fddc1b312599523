package io.vpc4j.tunnel.dns;

import io.vpc4j.tunnel.dns.DnsReply.Finding;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What was found, and that nothing was, until their time is over. */
final class DnsCache {

  private static final long NANOS = 1_000_000_000L;

  /** RFC 2308 7.1 and 7.2 allow five minutes. */
  private static final long FAILURE_TTL_SECONDS = 10;

  /** A question as it was asked for, whatever aliases it led to. */
  record Key(DnsName name, AddressType type) {}

  private record Kept(Finding finding, long expiresNs) {}

  private final DnsLimits limits;
  private final Map<Key, Kept> entries;

  DnsCache(DnsLimits limits) {
    this.limits = limits;
    this.entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
            return size() > limits.maxCached();
          }
        };
  }

  Optional<Finding> get(Key key, long nowNs) {
    var entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    if (nowNs - entry.expiresNs >= 0) {
      entries.remove(key);
      return Optional.empty();
    }
    return Optional.of(entry.finding);
  }

  /** What becomes of a failure to answer. */
  enum Failures {
    /** It is forgotten: the next lookup tries again. */
    FORGOTTEN,
    /** It is kept for a little, where the other type was found: nobody need wait for it again. */
    KEPT
  }

  /** Keeps a finding for its time; what has none, and what leads elsewhere, is not kept. */
  void put(Key key, Finding finding, Failures failures, long nowNs) {
    var ttlSeconds = 0L;
    if (finding instanceof Finding.Found found) {
      ttlSeconds = Math.min(found.ttlSeconds(), limits.maxTtlSeconds());
    } else if (finding instanceof Finding.Nothing nothing) {
      ttlSeconds = Math.min(nothing.ttlSeconds(), limits.maxNegativeTtlSeconds());
    } else if (finding instanceof Finding.Unanswered && failures == Failures.KEPT) {
      ttlSeconds = FAILURE_TTL_SECONDS;
    }
    if (ttlSeconds > 0) {
      entries.put(key, new Kept(finding, nowNs + ttlSeconds * NANOS));
    }
  }

  int size() {
    return entries.size();
  }
}
