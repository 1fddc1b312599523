package io.vpc4j.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The flags of a connector: {@code cloudflared}'s own, under its names and with its environment
 * variables, so that a command line moves over by changing its first word.
 *
 * <p>A flag may stand before or after {@code run}. One that is given comes before its variable, and
 * a variable before {@code config.yml}.
 */
enum ConnectorFlag {
  // ---- the edge
  EDGE(
      Kind.LIST,
      "TUNNEL_EDGE",
      "HOST:PORT",
      "An edge to dial; again for more. A name is resolved at each dial.",
      "--edge"),
  CACERT(
      Kind.VALUE,
      "TUNNEL_CACERT",
      "FILE",
      "PEM: the authorities that alone are trusted in an edge's certificate.",
      "--cacert"),
  PROTOCOL(
      Kind.VALUE,
      "TUNNEL_TRANSPORT_PROTOCOL",
      "NAME",
      "auto (QUIC, then HTTP/2), quic or http2. Default: auto.",
      "-p",
      "--protocol"),
  EDGE_BIND_ADDRESS(
      Kind.VALUE,
      "TUNNEL_EDGE_BIND_ADDRESS",
      "IP",
      "Dial from this address.",
      "--edge-bind-address"),
  HA_CONNECTIONS(
      Kind.VALUE, null, "N", "Connections to keep, 1 to 16. Default: 4.", "--ha-connections"),
  RETRIES(
      Kind.VALUE,
      "TUNNEL_RETRIES",
      "N",
      "How often a pause between dials doubles, 0 to 10. Default: 5.",
      "--retries"),
  MAX_EDGE_ADDR_RETRIES(
      Kind.VALUE,
      null,
      "N",
      "Failed dials before another protocol is tried. Default: 2.",
      "--max-edge-addr-retries"),
  RPC_TIMEOUT(
      Kind.VALUE,
      null,
      "TIME",
      "For an edge to answer a registration. Default: 5s.",
      "--rpc-timeout"),
  GRACE_PERIOD(
      Kind.VALUE,
      "TUNNEL_GRACE_PERIOD",
      "TIME",
      "For requests under way when it is told to end, up to 3m. Default: 30s.",
      "--grace-period"),
  // ---- the tunnel
  TOKEN(
      Kind.VALUE,
      "TUNNEL_TOKEN",
      "TOKEN",
      "The tunnel's token. Other users of the machine can see it here; the variable they cannot.",
      "--token"),
  TOKEN_FILE(
      Kind.VALUE, "TUNNEL_TOKEN_FILE", "FILE", "A file that holds the token.", "--token-file"),
  CREDENTIALS_FILE(
      Kind.VALUE,
      "TUNNEL_CRED_FILE",
      "FILE",
      "The tunnel's credentials, JSON. Default: TUNNEL-ID.json beside config.yml.",
      "--credentials-file",
      "--cred-file"),
  CREDENTIALS_CONTENTS(
      Kind.VALUE,
      "TUNNEL_CRED_CONTENTS",
      "JSON",
      "The credentials themselves.",
      "--credentials-contents"),
  // ---- what it serves
  CONFIG(
      Kind.VALUE,
      null,
      "FILE",
      "config.yml: ingress rules, and any of these flags. Default: in ~/.cloudflared and the like.",
      "--config"),
  URL(
      Kind.VALUE,
      "TUNNEL_URL",
      "SERVICE",
      "One service for every request, such as http://localhost:8080, where no config.yml has"
          + " rules.",
      "--url"),
  HTTP_HOST_HEADER(
      Kind.VALUE,
      "TUNNEL_HTTP_HOST_HEADER",
      "HOST",
      "With --url: what the origin sees as Host, in place of what the client sent.",
      "--http-host-header"),
  ORIGIN_SERVER_NAME(
      Kind.VALUE,
      "TUNNEL_ORIGIN_SERVER_NAME",
      "NAME",
      "With --url: what the origin's certificate must be valid for.",
      "--origin-server-name"),
  ORIGIN_CA_POOL(
      Kind.VALUE,
      "TUNNEL_ORIGIN_CA_POOL",
      "FILE",
      "With --url: PEM, authorities trusted in the origin's certificate besides the system's.",
      "--origin-ca-pool"),
  NO_TLS_VERIFY(
      Kind.SWITCH,
      "NO_TLS_VERIFY",
      "",
      "With --url: any certificate of the origin will do.",
      "--no-tls-verify"),
  HTTP2_ORIGIN(
      Kind.SWITCH,
      "TUNNEL_ORIGIN_ENABLE_HTTP2",
      "",
      "With --url: speak HTTP/2 to an https origin that agrees to it.",
      "--http2-origin"),
  MAX_ACTIVE_FLOWS(
      Kind.VALUE,
      "TUNNEL_MAX_ACTIVE_FLOWS",
      "N",
      "TCP streams and UDP sessions at one time. Default: any number.",
      "--max-active-flows"),
  DNS_RESOLVER_ADDRS(
      Kind.LIST,
      "TUNNEL_DNS_RESOLVER_ADDRS",
      "IP:PORT",
      "Resolves names of the private network; again for more, up to 10. Default: the system's.",
      "--dns-resolver-addrs"),
  FEATURES(Kind.LIST, null, "NAME", "A feature to announce; again for more.", "-F", "--features"),
  // ---- the process
  METRICS(
      Kind.VALUE,
      "TUNNEL_METRICS",
      "HOST:PORT",
      "Answer /ready, /metrics, /healthcheck and /config there. Default: 127.0.0.1:20241 or the"
          + " next free of five.",
      "--metrics"),
  MANAGEMENT_HOSTNAME(
      Kind.VALUE,
      "TUNNEL_MANAGEMENT_HOSTNAME",
      "HOST",
      "The host name at which it tells its edge, through the tunnel, of itself. Default:"
          + " management.argotunnel.com.",
      "--management-hostname"),
  MANAGEMENT_DIAGNOSTICS(
      Kind.SWITCH,
      "TUNNEL_MANAGEMENT_DIAGNOSTICS",
      "",
      "Whether /metrics is among that. Default: true.",
      "--management-diagnostics"),
  PIDFILE(
      Kind.VALUE,
      "TUNNEL_PIDFILE",
      "FILE",
      "Write the process id there at the first registration.",
      "--pidfile"),
  LOGLEVEL(
      Kind.VALUE,
      "TUNNEL_LOGLEVEL",
      "LEVEL",
      "debug, info, warn, error or fatal. Default: info.",
      "--loglevel"),
  NO_AUTOUPDATE(
      Kind.SWITCH, "NO_AUTOUPDATE", "", "Accepted: it never updates itself.", "--no-autoupdate"),
  NO_PRECHECKS(
      Kind.SWITCH,
      "TUNNEL_NO_PRECHECKS",
      "",
      "Accepted: it makes no checks first.",
      "--no-prechecks"),
  EDGE_IP_VERSION(
      Kind.VALUE,
      "TUNNEL_EDGE_IP_VERSION",
      "auto|4|6",
      "Accepted: edges that are named are dialled as they are.",
      "--edge-ip-version"),
  TRANSPORT_LOGLEVEL(
      Kind.VALUE,
      "TUNNEL_TRANSPORT_LOGLEVEL",
      "LEVEL",
      "Accepted: --loglevel is for all.",
      "--transport-loglevel");

  /** How often a flag may be given, and with what. */
  enum Kind {
    /** Once, with a value. */
    VALUE,
    /** Any number of times; a variable has the values with commas between. */
    LIST,
    /** With true, false, or nothing, which is true. */
    SWITCH
  }

  final Kind kind;
  final @Nullable String variable;
  final String label;
  final String description;

  @SuppressWarnings("ImmutableEnumChecker") // made with List.of
  final List<String> names;

  ConnectorFlag(
      Kind kind, @Nullable String variable, String label, String description, String... names) {
    this.kind = kind;
    this.variable = variable;
    this.label = label;
    this.description = description;
    this.names = List.of(names);
  }

  /** Its name in {@code config.yml}: the long one without dashes. */
  String key() {
    return longest().substring(2);
  }

  String longest() {
    return names.stream().filter(name -> name.startsWith("--")).findFirst().orElseThrow();
  }
}
