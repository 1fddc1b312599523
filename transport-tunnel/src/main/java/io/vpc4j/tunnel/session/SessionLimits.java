package io.vpc4j.tunnel.session;

/**
 * What sessions may cost on one connection.
 *
 * @param maxSessions sessions at once, those being opened among them; one more is refused
 * @param defaultIdleNs when an idle session ends that says nothing of it; real connectors: 210 s
 * @param firstRetransmitNs how long an edge waits before it repeats a registration of version 3;
 *     then twice as long each time
 * @param maxRetransmitNs the longest of these waits
 * @param idleGraceNs how much longer than the connector an edge keeps an idle session of version 2:
 *     it is the connector that ends it
 */
public record SessionLimits(
    int maxSessions,
    long defaultIdleNs,
    long firstRetransmitNs,
    long maxRetransmitNs,
    long idleGraceNs) {

  /** The longest idle time that is kept, whatever is asked for: a day. */
  static final long MAX_IDLE_NS = 86_400_000_000_000L;

  /** 4,096 sessions, 210 s; 200 ms to 1 s; 30 s. */
  public static final SessionLimits DEFAULT =
      new SessionLimits(4096, 210_000_000_000L, 200_000_000L, 1_000_000_000L, 30_000_000_000L);

  /** Checks the bounds. */
  public SessionLimits {
    if (maxSessions < 1 || defaultIdleNs <= 0 || idleGraceNs < 0) {
      throw new IllegalArgumentException("maxSessions " + maxSessions + ", idle " + defaultIdleNs);
    }
    if (firstRetransmitNs <= 0 || maxRetransmitNs < firstRetransmitNs) {
      throw new IllegalArgumentException(
          "retransmit after " + firstRetransmitNs + " to " + maxRetransmitNs);
    }
  }
}
