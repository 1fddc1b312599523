package io.vpc4j.core.config.directory;

import java.util.List;

/**
 * What one kind of object in the file may hold. The list is the reader's whole vocabulary: a field
 * that is not in it is refused.
 *
 * <p>{@link #schemaName} is the definition in {@code directory.schema.json} that says the same to
 * editors.
 */
enum Shape {
  DIRECTORY(
      "directory",
      "$schema",
      "tunnels",
      "virtual_networks",
      "routes",
      "hostname_routes",
      "services",
      "mesh",
      "edge",
      "loopback",
      "limits",
      "bindings",
      "transports"),
  TUNNEL("tunnel", "tunnel_id", "name", "tunnel_secret", "config"),
  VIRTUAL_NETWORK("virtual_network", "virtual_network_id", "name", "comment"),
  ROUTE("route", "network", "tunnel_id", "node_id", "via", "virtual_network_id", "comment"),
  HOSTNAME_ROUTE(
      "hostname_route", "hostname", "tunnel_id", "node_id", "via", "resolver_ips", "comment"),
  SERVICE(
      "service",
      "service_id",
      "name",
      "type",
      "host",
      "http_port",
      "https_port",
      "tcp_port",
      "app_protocol",
      "tls_settings"),
  SERVICE_HOST("service_host", "ipv4", "ipv6", "hostname", "network", "resolver_network"),
  NETWORK("network", "tunnel_id", "node_id", "via"),
  RESOLVER_NETWORK("resolver_network", "tunnel_id", "node_id", "via", "resolver_ips"),
  TLS_SETTINGS(
      "tls_settings", "cert_verification_mode", "certificate_authority", "client_certificate"),
  CERTIFICATE("certificate", "certificate", "private_key"),
  MESH(
      "mesh",
      "private_key",
      "listen_port",
      "addresses",
      "mtu",
      "resolver_ips",
      "hub",
      "pcap",
      "key_log",
      "networks",
      "nodes",
      "devices"),
  MESH_NETWORK(
      "mesh_network",
      "name",
      "private_key",
      "listen_port",
      "addresses",
      "mtu",
      "resolver_ips",
      "virtual_network_id",
      "hub",
      "pcap",
      "key_log"),
  NODE(
      "node",
      "node_id",
      "name",
      "network",
      "addresses",
      "routes",
      "priority",
      "public_key",
      "endpoint",
      "preshared_key",
      "persistent_keepalive"),
  DEVICE(
      "device",
      "node_id",
      "name",
      "network",
      "addresses",
      "public_key",
      "endpoint",
      "preshared_key",
      "persistent_keepalive"),
  ANNOUNCEMENT("announcement", "network", "virtual_network_id", "comment"),
  EDGE("edge", "listeners", "certificate", "private_key", "state_folder", "account_tag"),
  LISTENER("listener", "host", "port", "protocols"),
  LOOPBACK("loopback", "hosts", "allow_remote_targets"),
  LOOPBACK_HOST("loopback_host", "name", "addresses", "alias", "ports", "scopes", "faults"),
  LOOPBACK_PORT("loopback_port", "target", "unix", "faults"),
  HOST_FAULTS(
      "host_faults",
      "connect",
      "dns",
      "delay",
      "dns_delay",
      "reset_after_octets",
      "bad_certificate"),
  PORT_FAULTS("port_faults", "connect", "delay", "reset_after_octets", "bad_certificate"),
  BINDING("binding", "virtual_network_id", "policy", "limits", "tls_settings"),
  POLICY("policy", "default", "rules"),
  RULE("rule", "allow", "deny", "ports"),
  LIMITS(
      "limits",
      "max_connections_per_origin",
      "max_connections",
      "max_waiters",
      "max_requests_per_second",
      "acquire_timeout",
      "resolve_timeout",
      "connect_timeout",
      "tls_timeout",
      "read_timeout",
      "write_timeout",
      "idle_timeout",
      "max_connection_age",
      "max_header_octets",
      "read_window_octets",
      "max_buffered_body_octets");

  private final String schemaName;

  @SuppressWarnings("ImmutableEnumChecker") // List.of's lists are
  private final List<String> fields;

  Shape(String schemaName, String... fields) {
    this.schemaName = schemaName;
    this.fields = List.of(fields);
  }

  /** Its definition in the JSON Schema. */
  String schemaName() {
    return schemaName;
  }

  /** Every field it may hold. */
  List<String> fields() {
    return fields;
  }
}
