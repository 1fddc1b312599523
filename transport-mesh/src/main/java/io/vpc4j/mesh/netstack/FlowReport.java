package io.vpc4j.mesh.netstack;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.tcp.TcpStatistics;
import java.util.List;

/**
 * How a stack's flows stand.
 *
 * @param tcp connections that are open
 * @param udp sockets
 * @param echo requests that wait
 * @param totals of all TCP connections there ever were
 * @param rttNs smoothed round-trip times of the open connections that have measured one
 * @param congestionWindowOctets of the same
 * @param busiest the connections that carried most, the busiest first
 */
public record FlowReport(
    int tcp,
    int udp,
    int echo,
    Totals totals,
    Spread rttNs,
    Spread congestionWindowOctets,
    List<Connection> busiest) {

  /** Of a stack without flows. */
  public static final FlowReport EMPTY =
      new FlowReport(
          0, 0, 0, new Totals(0, 0, 0, 0, 0, 0, 0, 0), Spread.NONE, Spread.NONE, List.of());

  /** Copies. */
  public FlowReport {
    busiest = List.copyOf(busiest);
  }

  /**
   * Sums over connections; as in {@link TcpStatistics}. None is ever less than before.
   *
   * @param connections begun, by either end
   * @param sentOctets data sent for the first time
   * @param receivedOctets data received in order
   * @param retransmittedSegments with data sent again
   * @param timeouts of the retransmission timer
   * @param recoveries losses noticed without it
   * @param spurious of both, taken back
   * @param congestionMarks of routers
   */
  public record Totals(
      long connections,
      long sentOctets,
      long receivedOctets,
      long retransmittedSegments,
      long timeouts,
      long recoveries,
      long spurious,
      long congestionMarks) {

    Totals plus(TcpStatistics connection) {
      return new Totals(
          connections + 1,
          sentOctets + connection.sentOctets(),
          receivedOctets + connection.receivedOctets(),
          retransmittedSegments + connection.retransmittedSegments(),
          timeouts + connection.timeouts(),
          recoveries + connection.recoveries(),
          spurious + connection.spurious(),
          congestionMarks + connection.congestionMarks());
    }
  }

  /**
   * How a figure is spread; all 0 if nothing has it.
   *
   * @param least the smallest
   * @param median half are at most this
   * @param most the largest
   */
  public record Spread(long least, long median, long most) {

    static final Spread NONE = new Spread(0, 0, 0);

    /** Of {@code sorted}, which is. */
    static Spread of(long[] sorted) {
      return sorted.length == 0
          ? NONE
          : new Spread(sorted[0], sorted[(sorted.length - 1) / 2], sorted[sorted.length - 1]);
    }
  }

  /**
   * A TCP connection.
   *
   * @param link the peer it goes by
   * @param local our address, or the one we answer for
   * @param localPort its port
   * @param remote the other end's address
   * @param remotePort its port
   * @param statistics how it fares
   */
  public record Connection(
      int link,
      IpAddress local,
      int localPort,
      IpAddress remote,
      int remotePort,
      TcpStatistics statistics) {

    /** Data both ways. */
    public long octets() {
      return statistics.sentOctets() + statistics.receivedOctets();
    }
  }
}
