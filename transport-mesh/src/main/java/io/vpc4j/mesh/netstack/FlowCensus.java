package io.vpc4j.mesh.netstack;

import io.vpc4j.mesh.netstack.FlowReport.Connection;
import io.vpc4j.mesh.netstack.FlowReport.Spread;
import io.vpc4j.mesh.netstack.FlowReport.Totals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Counts flows: those that are over as they go, those that are open when asked. */
final class FlowCensus {

  private static final Comparator<Connection> BY_OCTETS =
      Comparator.comparingLong(Connection::octets);

  /** Connections that a median is taken of; more would take longer and say the same. */
  private static final int MAX_MEASURED = 4_096;

  private Totals past = FlowReport.EMPTY.totals();

  /** It is forgotten: what it did stays. */
  void onForgotten(TcpSocket socket) {
    past = past.plus(socket.connection().statistics());
  }

  /** Of these flows and those before. */
  FlowReport report(FlowTable flows, int bound, int maxBusiest) {
    var count = new Count(maxBusiest, Math.min(flows.size(), MAX_MEASURED));
    flows.look(count::add);
    return count.report(bound);
  }

  private final class Count {
    private final int maxBusiest;
    private final PriorityQueue<Connection> busiest = new PriorityQueue<>(BY_OCTETS);
    private final long[] rtts;
    private final long[] windows;
    private Totals totals = past;
    private int measured;
    private int tcp;
    private int udp;
    private int echo;

    Count(int maxBusiest, int maxMeasured) {
      this.maxBusiest = maxBusiest;
      rtts = new long[maxMeasured];
      windows = new long[maxMeasured];
    }

    void add(Flow flow) {
      if (flow instanceof TcpSocket socket) {
        addTcp(socket);
      } else if (flow instanceof UdpSocket) {
        udp++;
      } else {
        echo++;
      }
    }

    private void addTcp(TcpSocket socket) {
      var statistics = socket.connection().statistics();
      tcp++;
      totals = totals.plus(statistics);
      if (statistics.smoothedRttNs() > 0 && measured < rtts.length) {
        rtts[measured] = statistics.smoothedRttNs();
        windows[measured++] = statistics.congestionWindowOctets();
      }
      busiest.add(
          new Connection(
              socket.link(),
              socket.local(),
              socket.localPort(),
              socket.remote(),
              socket.remotePort(),
              statistics));
      if (busiest.size() > maxBusiest) {
        busiest.poll();
      }
    }

    FlowReport report(int bound) {
      var sorted = new ArrayList<>(busiest);
      sorted.sort(BY_OCTETS.reversed());
      return new FlowReport(tcp, udp + bound, echo, totals, spread(rtts), spread(windows), sorted);
    }

    private Spread spread(long[] values) {
      Arrays.sort(values, 0, measured);
      return Spread.of(Arrays.copyOf(values, measured));
    }
  }
}
