package io.vpc4j.cli;

import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.TunnelRecord;
import io.vpc4j.core.ops.MetricFamily;
import io.vpc4j.core.ops.MetricFamily.Sample;
import io.vpc4j.core.ops.StatusSource;
import io.vpc4j.tunnel.EdgeStatus;
import io.vpc4j.tunnel.EdgeStatus.Connection;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * How an edge stands, for people and for Prometheus: {@link EdgeStatus} with the tunnels' names.
 */
final class EdgeReport implements StatusSource {

  private final Supplier<EdgeStatus> status;
  private final Directory directory;

  EdgeReport(Supplier<EdgeStatus> status, Directory directory) {
    this.status = status;
    this.directory = directory;
  }

  @Override
  public String name() {
    return "edge";
  }

  /** With a connector that takes streams. */
  @Override
  public boolean ready() {
    return status.get().connections().stream().anyMatch(connection -> !connection.draining());
  }

  @Override
  public String summary() {
    var connections = status.get().connections();
    long connectors = connections.stream().map(Connection::connectorId).distinct().count();
    long tunnels = connections.stream().map(Connection::tunnelId).distinct().count();
    return connections.isEmpty()
        ? "no connector is there"
        : count(connections.size(), "connection")
            + " of "
            + count(connectors, "connector")
            + ", for "
            + tunnels
            + " of "
            + count(directory.snapshot().tunnels().size(), "tunnel");
  }

  private static String count(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  @Override
  public Map<String, Object> details() {
    var now = status.get();
    var details = new LinkedHashMap<String, Object>();
    details.put("listeners", now.listeners().stream().map(EdgeReport::listener).toList());
    now.caPath().ifPresent(path -> details.put("authority", path.toAbsolutePath().toString()));
    details.put("tunnels", tunnels(now.connections()));
    details.put("connections", now.connections().stream().map(this::connection).toList());
    return details;
  }

  private static Map<String, Object> listener(EdgeStatus.Listening listener) {
    var row = new LinkedHashMap<String, Object>();
    row.put("address", text(listener.address()));
    row.put("protocol", listener.protocol().toString());
    return row;
  }

  private List<Map<String, Object>> tunnels(List<Connection> connections) {
    return directory.snapshot().tunnels().values().stream()
        .sorted(Comparator.comparing(TunnelRecord::name))
        .map(tunnel -> tunnel(tunnel, connections))
        .toList();
  }

  private static Map<String, Object> tunnel(TunnelRecord tunnel, List<Connection> connections) {
    var own =
        connections.stream().filter(each -> each.tunnelId().equals(tunnel.tunnelId())).toList();
    var row = new LinkedHashMap<String, Object>();
    row.put("tunnel", tunnel.name());
    row.put("tunnel_id", tunnel.tunnelId());
    row.put("connectors", own.stream().map(Connection::connectorId).distinct().count());
    row.put("connections", own.size());
    row.put("streams", own.stream().mapToInt(Connection::openStreams).sum());
    return row;
  }

  private Map<String, Object> connection(Connection connection) {
    var row = new LinkedHashMap<String, Object>();
    row.put("tunnel", tunnelName(connection));
    row.put("connector_id", connection.connectorId().toString());
    row.put("index", connection.connIndex());
    row.put("version", connection.version());
    row.put("arch", connection.arch());
    row.put("protocol", connection.protocol().toString());
    row.put("address", text(connection.address()));
    row.put("since", connection.since().toString());
    row.put("state", connection.draining() ? "draining" : "ready");
    row.put("streams", connection.openStreams());
    row.put("received_octets", connection.octetsIn());
    row.put("sent_octets", connection.octetsOut());
    connection.rtt().ifPresent(rtt -> row.put("rtt_ms", Math.round(rtt.toNanos() / 1e3) / 1e3));
    return row;
  }

  private String tunnelName(Connection connection) {
    var tunnel = directory.snapshot().tunnels().get(connection.tunnelId());
    return tunnel == null ? connection.tunnelId() : tunnel.name();
  }

  private static String text(InetSocketAddress address) {
    var host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  @Override
  public List<MetricFamily> metrics() {
    var connections = status.get().connections();
    var tunnels = new ArrayList<Sample>();
    for (var tunnel : directory.snapshot().tunnels().values()) {
      long own =
          connections.stream().filter(each -> each.tunnelId().equals(tunnel.tunnelId())).count();
      tunnels.add(new Sample(Map.of("tunnel", tunnel.name()), (double) own));
    }
    return List.of(
        new MetricFamily(
            "vpc4j_edge_tunnel_connections",
            "Connections of a tunnel's connectors.",
            MetricFamily.Type.GAUGE,
            tunnels),
        gauge(
            "streams",
            "Streams that are open on a connector's connection.",
            connections,
            Connection::openStreams),
        gauge(
            "rtt_seconds",
            "Round-trip time to a connector, as last measured.",
            connections.stream().filter(each -> each.rtt().isPresent()).toList(),
            each -> each.rtt().orElseThrow().toNanos() / 1e9),
        octets("received", "came", connections, Connection::octetsIn),
        octets("sent", "went", connections, Connection::octetsOut));
  }

  private MetricFamily gauge(
      String name, String help, List<Connection> connections, ToDoubleFunction<Connection> value) {
    return new MetricFamily(
        "vpc4j_edge_connection_" + name,
        help,
        MetricFamily.Type.GAUGE,
        samples(connections, value));
  }

  private MetricFamily octets(
      String name, String verb, List<Connection> connections, ToDoubleFunction<Connection> value) {
    return new MetricFamily(
        "vpc4j_edge_connection_" + name + "_octets_total",
        "Octets that " + verb + " through a connector's connection.",
        MetricFamily.Type.COUNTER,
        samples(connections, value));
  }

  private List<Sample> samples(List<Connection> connections, ToDoubleFunction<Connection> value) {
    var samples = new ArrayList<Sample>();
    for (var connection : connections) {
      var labels = new LinkedHashMap<String, String>();
      labels.put("tunnel", tunnelName(connection));
      labels.put("connector", connection.connectorId().toString());
      labels.put("index", Integer.toString(connection.connIndex()));
      labels.put("protocol", connection.protocol().toString());
      samples.add(new Sample(labels, value.applyAsDouble(connection)));
    }
    return samples;
  }
}
