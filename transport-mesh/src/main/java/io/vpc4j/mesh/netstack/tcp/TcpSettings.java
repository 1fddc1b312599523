package io.vpc4j.mesh.netstack.tcp;

import java.time.Duration;

/**
 * How a connection behaves. A value; {@link #defaults} and {@code with...}.
 *
 * @param maxSendBufferOctets what {@link TcpConnection#write} may have taken and the peer not
 *     acknowledged. The buffer grows towards it with the congestion window, from {@link
 *     #INITIAL_BUFFER_OCTETS}, and holds memory only for what is in it. Default 4 MiB: 640 Mbit/s
 *     at 50 ms
 * @param maxReceiveBufferOctets the largest window we offer; it grows towards it as the application
 *     reads. Default 4 MiB
 * @param connectTimeoutNs how long a SYN may go unanswered. Default 180 s, RFC 9293 3.8.3 (MUST-23)
 * @param userTimeoutNs how long data may go unacknowledged. Default 120 s; RFC 9293 3.8.3 asks for
 *     100 s at least (SHLD-11), RFC 5482 lets an application choose
 * @param minRtoNs the least retransmission timeout. Default 200 ms, and not the second of RFC 6298
 *     2.4: with timestamps, a clock of 1 ms and RACK it is what Linux, the peer in nearly every
 *     mesh, has used since 2.4
 * @param maxRtoNs the largest, and of the zero-window probes too. Default 60 s, RFC 6298 2.5
 * @param delayedAckNs how long an acknowledgment may wait for company. Default 40 ms; RFC 9293
 *     3.8.6.3 allows 500 ms
 * @param keepaliveIdleNs silence after which the peer is asked whether it is there, or 0 for never.
 *     Default 0, RFC 9293 3.8.4 (MUST-25)
 * @param keepaliveIntervalNs from one such question to the next. Default 75 s
 * @param keepaliveProbes how many go unanswered before the connection is given up. Default 9
 * @param timeWaitNs how long TIME-WAIT lasts. Default 60 s as in Linux, and not the 4 minutes of
 *     RFC 9293 3.4.2
 * @param orphanTimeoutNs how long FIN-WAIT-2 waits for the peer's FIN once the application has
 *     closed both ways. Default 60 s
 * @param congestion which algorithm decides how much may be in flight. Default CUBIC
 * @param nagle whether small segments wait for each other. Default off: what writes here are
 *     channels, which gather what is flushed together
 * @param ecn whether to ask for ECN, RFC 3168. Default on
 */
public record TcpSettings(
    int maxSendBufferOctets,
    int maxReceiveBufferOctets,
    long connectTimeoutNs,
    long userTimeoutNs,
    long minRtoNs,
    long maxRtoNs,
    long delayedAckNs,
    long keepaliveIdleNs,
    long keepaliveIntervalNs,
    int keepaliveProbes,
    long timeWaitNs,
    long orphanTimeoutNs,
    Algorithm congestion,
    Nagle nagle,
    Negotiation ecn) {

  /** Congestion control. */
  public enum Algorithm {
    /** RFC 9438. */
    CUBIC,
    /** RFC 5681 and 6582. */
    NEW_RENO
  }

  /** RFC 9293 3.7.4. */
  public enum Nagle {
    /** A segment that is not full waits while another such is unacknowledged. */
    ON,
    /** Nothing waits. */
    OFF
  }

  /** Something that both sides must want. */
  public enum Negotiation {
    /** We ask, and agree when asked. */
    ASK,
    /** We do neither. */
    REFUSE
  }

  /** Where both buffers begin. */
  public static final int INITIAL_BUFFER_OCTETS = 64 * 1024;

  private static final int MAX_BUFFER_OCTETS = 1 << 30; // RFC 7323 2.3

  /** Checks the bounds. */
  public TcpSettings {
    within(maxSendBufferOctets, 1, MAX_BUFFER_OCTETS, "maxSendBufferOctets");
    within(maxReceiveBufferOctets, 1, MAX_BUFFER_OCTETS, "maxReceiveBufferOctets");
    within(minRtoNs, 1_000_000, maxRtoNs, "minRtoNs");
    within(maxRtoNs, minRtoNs, Duration.ofHours(1).toNanos(), "maxRtoNs");
    within(delayedAckNs, 0, 500_000_000, "delayedAckNs");
    within(keepaliveProbes, 1, 1_000, "keepaliveProbes");
    var year = Duration.ofDays(365).toNanos();
    within(connectTimeoutNs, 1, year, "connectTimeoutNs");
    within(userTimeoutNs, 1, year, "userTimeoutNs");
    within(keepaliveIdleNs, 0, year, "keepaliveIdleNs");
    within(keepaliveIntervalNs, 1, year, "keepaliveIntervalNs");
    within(timeWaitNs, 0, year, "timeWaitNs");
    within(orphanTimeoutNs, 0, year, "orphanTimeoutNs");
  }

  private static void within(long value, long least, long most, String name) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " is " + value + ", not from " + least + " to " + most);
    }
  }

  /** The defaults given above. */
  public static TcpSettings defaults() {
    return new TcpSettings(
        4 << 20,
        4 << 20,
        Duration.ofSeconds(180).toNanos(),
        Duration.ofSeconds(120).toNanos(),
        Duration.ofMillis(200).toNanos(),
        Duration.ofSeconds(60).toNanos(),
        Duration.ofMillis(40).toNanos(),
        0,
        Duration.ofSeconds(75).toNanos(),
        9,
        Duration.ofSeconds(60).toNanos(),
        Duration.ofSeconds(60).toNanos(),
        Algorithm.CUBIC,
        Nagle.OFF,
        Negotiation.ASK);
  }

  /** With other buffers. */
  public TcpSettings withBuffers(int maxSendBufferOctets, int maxReceiveBufferOctets) {
    return new TcpSettings(
        maxSendBufferOctets,
        maxReceiveBufferOctets,
        connectTimeoutNs,
        userTimeoutNs,
        minRtoNs,
        maxRtoNs,
        delayedAckNs,
        keepaliveIdleNs,
        keepaliveIntervalNs,
        keepaliveProbes,
        timeWaitNs,
        orphanTimeoutNs,
        congestion,
        nagle,
        ecn);
  }

  /** With other patience. */
  public TcpSettings withTimeouts(long connectTimeoutNs, long userTimeoutNs) {
    return new TcpSettings(
        maxSendBufferOctets,
        maxReceiveBufferOctets,
        connectTimeoutNs,
        userTimeoutNs,
        minRtoNs,
        maxRtoNs,
        delayedAckNs,
        keepaliveIdleNs,
        keepaliveIntervalNs,
        keepaliveProbes,
        timeWaitNs,
        orphanTimeoutNs,
        congestion,
        nagle,
        ecn);
  }

  /** With other bounds of the retransmission timeout. */
  public TcpSettings withRto(long minRtoNs, long maxRtoNs) {
    return new TcpSettings(
        maxSendBufferOctets,
        maxReceiveBufferOctets,
        connectTimeoutNs,
        userTimeoutNs,
        minRtoNs,
        maxRtoNs,
        delayedAckNs,
        keepaliveIdleNs,
        keepaliveIntervalNs,
        keepaliveProbes,
        timeWaitNs,
        orphanTimeoutNs,
        congestion,
        nagle,
        ecn);
  }

  /** With another delay of acknowledgments; 0 for none. */
  public TcpSettings withDelayedAckNs(long delayedAckNs) {
    return new TcpSettings(
        maxSendBufferOctets,
        maxReceiveBufferOctets,
        connectTimeoutNs,
        userTimeoutNs,
        minRtoNs,
        maxRtoNs,
        delayedAckNs,
        keepaliveIdleNs,
        keepaliveIntervalNs,
        keepaliveProbes,
        timeWaitNs,
        orphanTimeoutNs,
        congestion,
        nagle,
        ecn);
  }

  /** With keepalive probes. */
  public TcpSettings withKeepalive(
      long keepaliveIdleNs, long keepaliveIntervalNs, int keepaliveProbes) {
    return new TcpSettings(
        maxSendBufferOctets,
        maxReceiveBufferOctets,
        connectTimeoutNs,
        userTimeoutNs,
        minRtoNs,
        maxRtoNs,
        delayedAckNs,
        keepaliveIdleNs,
        keepaliveIntervalNs,
        keepaliveProbes,
        timeWaitNs,
        orphanTimeoutNs,
        congestion,
        nagle,
        ecn);
  }

  /** With other waits at the end. */
  public TcpSettings withEndings(long timeWaitNs, long orphanTimeoutNs) {
    return new TcpSettings(
        maxSendBufferOctets,
        maxReceiveBufferOctets,
        connectTimeoutNs,
        userTimeoutNs,
        minRtoNs,
        maxRtoNs,
        delayedAckNs,
        keepaliveIdleNs,
        keepaliveIntervalNs,
        keepaliveProbes,
        timeWaitNs,
        orphanTimeoutNs,
        congestion,
        nagle,
        ecn);
  }

  /** With another congestion control. */
  public TcpSettings withCongestion(Algorithm congestion) {
    return new TcpSettings(
        maxSendBufferOctets,
        maxReceiveBufferOctets,
        connectTimeoutNs,
        userTimeoutNs,
        minRtoNs,
        maxRtoNs,
        delayedAckNs,
        keepaliveIdleNs,
        keepaliveIntervalNs,
        keepaliveProbes,
        timeWaitNs,
        orphanTimeoutNs,
        congestion,
        nagle,
        ecn);
  }

  /** With or without Nagle's algorithm. */
  public TcpSettings withNagle(Nagle nagle) {
    return new TcpSettings(
        maxSendBufferOctets,
        maxReceiveBufferOctets,
        connectTimeoutNs,
        userTimeoutNs,
        minRtoNs,
        maxRtoNs,
        delayedAckNs,
        keepaliveIdleNs,
        keepaliveIntervalNs,
        keepaliveProbes,
        timeWaitNs,
        orphanTimeoutNs,
        congestion,
        nagle,
        ecn);
  }

  /** With or without ECN. */
  public TcpSettings withEcn(Negotiation ecn) {
    return new TcpSettings(
        maxSendBufferOctets,
        maxReceiveBufferOctets,
        connectTimeoutNs,
        userTimeoutNs,
        minRtoNs,
        maxRtoNs,
        delayedAckNs,
        keepaliveIdleNs,
        keepaliveIntervalNs,
        keepaliveProbes,
        timeWaitNs,
        orphanTimeoutNs,
        congestion,
        nagle,
        ecn);
  }
}
