package io.vpc4j.tunnel.connector.monitor;

import io.vpc4j.tunnel.connector.ConnectorRuntime.ConnectionInfo;
import io.vpc4j.tunnel.connector.LiveConfig;
import io.vpc4j.tunnel.connector.serve.Counters;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * What can be told of a connector. Never blocks; safe for use by many threads.
 *
 * @param connectorId new with each start
 * @param connections the registered ones
 * @param config what is served
 * @param counters what has been served
 */
public record ConnectorView(
    UUID connectorId,
    Supplier<List<ConnectionInfo>> connections,
    LiveConfig config,
    Counters counters) {

  /** An answer to a request for a path. */
  record Page(int status, String type, String text) {}

  private static final String JSON = "application/json; charset=utf-8";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  /** What {@code path} says. */
  Page page(String path) {
    return switch (path) {
      case "/ready" -> ready();
      case "/healthcheck" -> new Page(200, TEXT, "OK\n");
      case "/config" -> new Page(200, JSON, config.toJson());
      case "/metrics" -> new Page(200, PROMETHEUS, metrics());
      case "/quicktunnel" -> new Page(200, JSON, "{\"hostname\":\"\"}");
      default -> new Page(404, TEXT, "404 page not found\n");
    };
  }

  private Page ready() {
    var ready = connections.get().size();
    var status = ready > 0 ? 200 : 503;
    return new Page(
        status,
        JSON,
        "{\"status\":%d,\"readyConnections\":%d,\"connectorId\":\"%s\"}"
            .formatted(status, ready, connectorId));
  }

  /** The metrics, in the text form of Prometheus. */
  public String metrics() {
    var out = new Exposition();
    var now = connections.get();
    out.gauge("cloudflared_tunnel_ha_connections", "Connections registered now.", now.size());
    out.family(
        "cloudflared_tunnel_server_locations", "gauge", "Where each connection is registered.");
    for (var connection : now) {
      out.sample(
          "cloudflared_tunnel_server_locations{connection_id=\"%d\",edge_location=\"%s\"}"
              .formatted(connection.index(), Exposition.label(connection.location())),
          1);
    }
    out.counter(
        "cloudflared_tunnel_total_requests", "Requests of all kinds.", counters.requests.sum());
    out.counter(
        "cloudflared_tunnel_request_errors", "Requests not served.", counters.requestErrors.sum());
    out.gauge(
        "cloudflared_tunnel_concurrent_requests_per_tunnel",
        "Requests under way.",
        counters.concurrentRequests.get());
    out.family("cloudflared_tunnel_response_by_code", "counter", "Responses passed on, by status.");
    new TreeMap<>(counters.responses())
        .forEach(
            (status, count) ->
                out.sample(
                    "cloudflared_tunnel_response_by_code{status_code=\"" + status + "\"}",
                    count.sum()));
    out.gauge(
        "cloudflared_tcp_active_sessions", "TCP flows now.", counters.activeTcpSessions.get());
    out.counter("cloudflared_tcp_total_sessions", "TCP flows.", counters.tcpSessions.sum());
    out.counter(
        "cloudflared_proxy_connect_streams_errors",
        "TCP flows that were not connected.",
        counters.tcpErrors.sum());
    out.gauge(
        "cloudflared_udp_active_sessions", "UDP sessions now.", counters.activeUdpSessions.get());
    out.counter("cloudflared_udp_total_sessions", "UDP sessions.", counters.udpSessions.sum());
    out.family(
        "cloudflared_virtual_origins_dns_requests_total",
        "counter",
        "Conversations with the virtual DNS service.");
    out.sample(
        "cloudflared_virtual_origins_dns_requests_total{protocol=\"tcp\"}",
        counters.dnsOverTcp.sum());
    out.sample(
        "cloudflared_virtual_origins_dns_requests_total{protocol=\"udp\"}",
        counters.dnsOverUdp.sum());
    out.gauge(
        "cloudflared_orchestration_config_version",
        "The configuration in use; 0 before any was pushed.",
        Math.max(0, config.current().version()));
    return out.toString();
  }

  /** Prometheus' text format. */
  private static final class Exposition {
    private final StringBuilder out = new StringBuilder();

    static String label(String value) {
      return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    void family(String name, String type, String help) {
      out.append("# HELP ").append(name).append(' ').append(help).append('\n');
      out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    void gauge(String name, String help, long value) {
      family(name, "gauge", help);
      sample(name, value);
    }

    void counter(String name, String help, long value) {
      family(name, "counter", help);
      sample(name, value);
    }

    void sample(String name, long value) {
      out.append(name).append(' ').append(String.format(Locale.ROOT, "%d", value)).append('\n');
    }

    @Override
    public String toString() {
      return out.toString();
    }
  }
}
