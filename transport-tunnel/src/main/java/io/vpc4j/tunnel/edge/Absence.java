package io.vpc4j.tunnel.edge;

import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What is known of a connector that is not there: since when, and whether one was turned away.
 *
 * <p>Time is an argument. Safe for use by many threads. Holds one number for each tunnel that has
 * had a connector.
 */
final class Absence {

  /** A connector waits up to 2^5 s between two attempts. [T] 1.5 */
  private static final String COMES_AGAIN =
      "cloudflared that found no edge tries again after up to 32 s";

  private final long sinceNs;
  private final Map<String, Long> goneNs = new ConcurrentHashMap<>();
  private volatile OptionalLong refusedNs = OptionalLong.empty();

  /** The edge begins. */
  Absence(long nowNs) {
    sinceNs = nowNs;
  }

  /** A connection of the tunnel is gone. */
  void onGone(String tunnelId, long nowNs) {
    goneNs.put(tunnelId, nowNs);
  }

  /** Somebody was not let in, of whatever tunnel. */
  void onRefused(long nowNs) {
    refusedNs = OptionalLong.of(nowNs);
  }

  /** All of it, without a full stop. */
  String words(String tunnelId, long nowNs) {
    var gone = goneNs.get(tunnelId);
    var refused = refusedNs;
    return (gone == null
            ? "none has come since the edge began, " + ago(sinceNs, nowNs)
            : "the last one left " + ago(gone, nowNs))
        + "; "
        + COMES_AGAIN
        + (refused.isPresent()
            ? "; a connector was refused " + ago(refused.getAsLong(), nowNs) + ", see the log"
            : "");
  }

  private static String ago(long thenNs, long nowNs) {
    return TimeUnit.NANOSECONDS.toSeconds(nowNs - thenNs) + " s ago";
  }
}
