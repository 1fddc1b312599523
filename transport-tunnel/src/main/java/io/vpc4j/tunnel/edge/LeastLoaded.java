package io.vpc4j.tunnel.edge;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The order in which connections are asked: fewest open streams, then the one that was asked
 * longest ago.
 *
 * <p>Loads change while they are compared, so they are read once.
 */
final class LeastLoaded {

  private record Load(EdgeConnection connection, int streams, long lastAsked) {}

  private static final Comparator<Load> ORDER =
      Comparator.comparingInt(Load::streams).thenComparingLong(Load::lastAsked);

  private LeastLoaded() {}

  static void sort(List<EdgeConnection> connections) {
    if (connections.size() < 2) {
      return;
    }
    var loads = new ArrayList<Load>(connections.size());
    for (var connection : connections) {
      loads.add(new Load(connection, connection.carrier().openStreams(), connection.lastAsked()));
    }
    loads.sort(ORDER);
    connections.clear();
    loads.forEach(load -> connections.add(load.connection()));
  }
}
