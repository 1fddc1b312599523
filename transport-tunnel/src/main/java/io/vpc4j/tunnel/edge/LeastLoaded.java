package io.vpc4j.tunnel.edge;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The order in which connections are asked: fewest open streams; of equal ones those that live on
 * the caller's own event loop; of these the one that was asked longest ago.
 *
 * <p>A stream on the loop of whoever reads and writes it is told and tells without a thread being
 * woken: of a request and its answer that saves two.
 *
 * <p>Loads change while they are compared, so they are read once.
 */
final class LeastLoaded {

  private record Load(EdgeConnection connection, int streams, boolean elsewhere, long lastAsked) {}

  private static final Comparator<Load> ORDER =
      Comparator.comparingInt(Load::streams)
          .thenComparing(Load::elsewhere)
          .thenComparingLong(Load::lastAsked);

  private LeastLoaded() {}

  static void sort(List<EdgeConnection> connections) {
    if (connections.size() < 2) {
      return;
    }
    var loads = new ArrayList<Load>(connections.size());
    for (var connection : connections) {
      var carrier = connection.carrier();
      loads.add(
          new Load(
              connection,
              carrier.openStreams(),
              !carrier.eventLoop().inEventLoop(),
              connection.lastAsked()));
    }
    loads.sort(ORDER);
    connections.clear();
    loads.forEach(load -> connections.add(load.connection()));
  }
}
