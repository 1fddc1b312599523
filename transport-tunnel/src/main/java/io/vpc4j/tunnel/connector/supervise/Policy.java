package io.vpc4j.tunnel.connector.supervise;

import io.vpc4j.core.directory.EdgeSettings.Protocol;
import java.time.Duration;
import java.util.List;

/**
 * How a connector behaves.
 *
 * @param edges where to dial, at least one
 * @param protocols in the order of trial: one, or QUIC and then HTTP/2
 * @param connections kept at one time, 1 to 16; default 4. With fewer edges than that some are
 *     dialled more than once, unlike {@code cloudflared}, which then keeps fewer ([C] 1.3)
 * @param maxExponent pauses double this often and no more, 0 to 10; {@code --retries}, default 5
 * @param dialFailures of one connection in a row before another protocol is tried, from 1; default
 *     3
 * @param registrationTimeout from the handshake's end to the edge's answer; {@code --rpc-timeout},
 *     default 5 s
 * @param gracePeriod how long requests under way may take at a shutdown, 0 to 3 min; default 30 s
 */
public record Policy(
    List<EdgeAddress> edges,
    List<Protocol> protocols,
    int connections,
    int maxExponent,
    int dialFailures,
    Duration registrationTimeout,
    Duration gracePeriod) {

  /** The longest grace period. [C] 1.1 */
  public static final Duration MAX_GRACE_PERIOD = Duration.ofMinutes(3);

  /** The most connections. */
  public static final int MAX_CONNECTIONS = 16;

  /** Copies and checks. */
  public Policy {
    edges = List.copyOf(edges);
    protocols = List.copyOf(protocols);
    if (edges.isEmpty() || protocols.isEmpty()) {
      throw new IllegalArgumentException("a connector needs an edge and a protocol");
    }
    if (connections < 1 || connections > MAX_CONNECTIONS) {
      throw new IllegalArgumentException("connections must be 1 to " + MAX_CONNECTIONS);
    }
    if (maxExponent < 0 || maxExponent > 10 || dialFailures < 1) {
      throw new IllegalArgumentException("an exponent is 0 to 10, failures are 1 or more");
    }
    if (gracePeriod.isNegative() || gracePeriod.compareTo(MAX_GRACE_PERIOD) > 0) {
      throw new IllegalArgumentException("a grace period is 0 to 3 minutes");
    }
  }

  /** The defaults, for these edges and protocols. */
  public static Policy of(List<EdgeAddress> edges, List<Protocol> protocols) {
    return new Policy(edges, protocols, 4, 5, 3, Duration.ofSeconds(5), Duration.ofSeconds(30));
  }
}
