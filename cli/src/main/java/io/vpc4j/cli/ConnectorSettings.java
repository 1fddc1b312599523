package io.vpc4j.cli;

import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.Connector;
import io.vpc4j.tunnel.ConnectorFile;
import io.vpc4j.tunnel.GoDurations;
import io.vpc4j.tunnel.TunnelCredentials;
import io.vpc4j.tunnel.TunnelToken;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** What the flags of a connector come to. */
final class ConnectorSettings {

  /** Where a config.yml is looked for, as {@code cloudflared} does. */
  private static final List<String> FOLDERS =
      List.of(
          "~/.cloudflared",
          "~/.cloudflare-warp",
          "~/cloudflare-warp",
          "/etc/cloudflared",
          "/usr/local/etc/cloudflared");

  /** The flags that say how the origin of {@code --url} is spoken to, and their names in a file. */
  private static final Map<ConnectorFlag, String> ORIGIN_OPTIONS =
      Map.of(
          ConnectorFlag.HTTP_HOST_HEADER, "httpHostHeader",
          ConnectorFlag.ORIGIN_SERVER_NAME, "originServerName",
          ConnectorFlag.ORIGIN_CA_POOL, "caPool",
          ConnectorFlag.NO_TLS_VERIFY, "noTLSVerify",
          ConnectorFlag.HTTP2_ORIGIN, "http2Origin");

  private static final int FIRST_METRICS_PORT = 20_241;
  private static final int METRICS_PORTS = 5;

  private final ConnectorFlags flags;
  private final @Nullable UUID tunnelId;
  private final Optional<Path> configFile;
  private final ConnectorFile config;

  /**
   * Reads the configuration file, if there is one.
   *
   * @param tunnelId as the line has it
   */
  ConnectorSettings(ConnectorFlags flags, @Nullable UUID tunnelId) throws Failure {
    this.flags = flags;
    configFile = configFile(flags);
    var read = ConnectorFile.empty();
    if (configFile.isPresent()) {
      try {
        read = ConnectorFile.read(configFile.get());
      } catch (IOException e) {
        throw usage("The configuration cannot be read: " + e.getMessage());
      }
      flags.addFile(read);
    }
    this.tunnelId = tunnelId != null ? tunnelId : tunnelOfFile(flags);
    var url = flags.value(ConnectorFlag.URL);
    config = url.isPresent() && !read.hasIngress() ? service(url.get()) : read;
  }

  private static Optional<Path> configFile(ConnectorFlags flags) {
    var named = flags.value(ConnectorFlag.CONFIG);
    if (named.isPresent()) {
      return Optional.of(Path.of(named.get()));
    }
    for (var folder : FOLDERS) {
      var path = Path.of(folder.replaceFirst("^~", System.getProperty("user.home", "")));
      for (var name : List.of("config.yml", "config.yaml")) {
        if (Files.isRegularFile(path.resolve(name))) {
          return Optional.of(path.resolve(name));
        }
      }
    }
    return Optional.empty();
  }

  private static @Nullable UUID tunnelOfFile(ConnectorFlags flags) throws Failure {
    var text = flags.tunnelOfFile();
    try {
      return text.isEmpty() ? null : UUID.fromString(text.get());
    } catch (IllegalArgumentException e) {
      throw usage("config.yml: tunnel must be the tunnel's UUID, not \"" + text.get() + "\"");
    }
  }

  private ConnectorFile service(String url) throws Failure {
    var originRequest = new LinkedHashMap<String, String>();
    ORIGIN_OPTIONS.forEach(
        (flag, name) -> flags.value(flag).ifPresent(value -> originRequest.put(name, value)));
    try {
      return ConnectorFile.service(url, originRequest);
    } catch (IllegalArgumentException e) {
      throw usage("--url: " + e.getMessage());
    }
  }

  // ---- the builder

  Connector.Builder builder(EventLines log) throws Failure {
    var edges = flags.all(ConnectorFlag.EDGE);
    if (edges.isEmpty()) {
      throw usage(
          "Which edge? Say --edge HOST:PORT; 'vpc4j tunnel create' and 'vpc4j edge' print the"
              + " line");
    }
    var builder = Connector.builder(credentials());
    edges.forEach(builder::edge);
    flags
        .value(ConnectorFlag.EDGE_BIND_ADDRESS)
        .ifPresent(text -> builder.bindAddress(new InetSocketAddress(bindAddress(text), 0)));
    builder
        .authorities(authorities())
        .protocols(protocols())
        .connections((int) flags.number(ConnectorFlag.HA_CONNECTIONS, 4, 1, 16))
        .retries((int) flags.number(ConnectorFlag.RETRIES, 5, 0, 10))
        .dialFailures((int) flags.number(ConnectorFlag.MAX_EDGE_ADDR_RETRIES, 2, 0, 1_000) + 1)
        .rpcTimeout(duration(ConnectorFlag.RPC_TIMEOUT, Duration.ofSeconds(5)))
        .gracePeriod(gracePeriod())
        .config(config)
        .maxActiveFlows(flags.number(ConnectorFlag.MAX_ACTIVE_FLOWS, 0, 0, Long.MAX_VALUE))
        .resolvers(resolvers())
        .flags(flags.told())
        .metrics(metrics())
        .log(log::print);
    flags.value(ConnectorFlag.MANAGEMENT_HOSTNAME).ifPresent(builder::managementHostname);
    builder.managementDiagnostics(
        !flags.value(ConnectorFlag.MANAGEMENT_DIAGNOSTICS).orElse("true").equals("false"));
    flags.all(ConnectorFlag.FEATURES).forEach(builder::feature);
    log.info("Initial protocol " + protocols().get(0));
    configFile.ifPresent(file -> log.info("Configuration " + file));
    return builder;
  }

  Duration gracePeriod() throws Failure {
    var grace = duration(ConnectorFlag.GRACE_PERIOD, Duration.ofSeconds(30));
    if (grace.compareTo(Duration.ofMinutes(3)) > 0) {
      throw usage("--grace-period must be at most 3m");
    }
    return grace;
  }

  Optional<Path> pidFile() {
    return flags.value(ConnectorFlag.PIDFILE).map(Path::of);
  }

  Level logLevel() throws Failure {
    var level = flags.value(ConnectorFlag.LOGLEVEL).orElse("info");
    return switch (level.toLowerCase(Locale.ROOT)) {
      case "debug" -> Level.DEBUG;
      case "info" -> Level.INFO;
      case "warn" -> Level.WARN;
      case "error", "fatal" -> Level.ERROR;
      default ->
          throw usage(
              "--loglevel must be debug, info, warn, error or fatal, not \"" + level + "\"");
    };
  }

  private Duration duration(ConnectorFlag flag, Duration otherwise) throws Failure {
    var text = flags.value(flag);
    if (text.isEmpty()) {
      return otherwise;
    }
    return GoDurations.parse(text.get())
        .orElseThrow(
            () ->
                usage(
                    flag.longest()
                        + " must be a time such as 30s or 1m30s, not \""
                        + text.get()
                        + "\""));
  }

  private List<Protocol> protocols() throws Failure {
    var name = flags.value(ConnectorFlag.PROTOCOL).orElse("auto");
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "auto" -> List.of(Protocol.QUIC, Protocol.HTTP2);
      case "quic" -> List.of(Protocol.QUIC);
      case "http2", "h2mux" -> List.of(Protocol.HTTP2);
      default -> throw usage("--protocol must be auto, quic or http2, not \"" + name + "\"");
    };
  }

  // ---- who it is

  private TunnelCredentials credentials() throws Failure {
    var token = flags.value(ConnectorFlag.TOKEN);
    if (token.isPresent()) {
      return token(token.get(), "the token");
    }
    var tokenFile = flags.value(ConnectorFlag.TOKEN_FILE);
    if (tokenFile.isPresent()) {
      return token(read(Path.of(tokenFile.get())).strip(), tokenFile.get());
    }
    var contents = flags.value(ConnectorFlag.CREDENTIALS_CONTENTS);
    if (contents.isPresent()) {
      return credentials(contents.get().getBytes(StandardCharsets.UTF_8), "--credentials-contents");
    }
    var file = flags.value(ConnectorFlag.CREDENTIALS_FILE).map(Path::of).or(this::defaultFile);
    if (file.isEmpty()) {
      throw usage(
          "Which tunnel? Say --token-file FILE, or --credentials-file FILE, or set TUNNEL_TOKEN");
    }
    return credentials(read(file.get()).getBytes(StandardCharsets.UTF_8), file.get().toString());
  }

  private Optional<Path> defaultFile() {
    var id = tunnelId;
    if (id == null) {
      return Optional.empty();
    }
    var folders = new ArrayList<Path>();
    configFile.map(Path::toAbsolutePath).map(Path::getParent).ifPresent(folders::add);
    for (var folder : FOLDERS) {
      folders.add(Path.of(folder.replaceFirst("^~", System.getProperty("user.home", ""))));
    }
    return folders.stream()
        .map(folder -> folder.resolve(id + ".json"))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static TunnelCredentials token(String text, String where) throws Failure {
    try {
      return TunnelToken.parse(text).credentials();
    } catch (IllegalArgumentException e) {
      throw usage(where + " cannot be used: " + e.getMessage());
    }
  }

  private TunnelCredentials credentials(byte[] json, String where) throws Failure {
    try {
      return tunnelId == null
          ? TunnelCredentials.parse(json)
          : TunnelCredentials.parse(json, tunnelId);
    } catch (IllegalArgumentException e) {
      throw usage(where + " cannot be used: " + e.getMessage());
    }
  }

  private static String read(Path file) throws Failure {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw usage("Cannot read " + file + " (" + e.getClass().getSimpleName() + ")");
    }
  }

  // ---- addresses and files

  private List<X509Certificate> authorities() throws Failure {
    var file = flags.value(ConnectorFlag.CACERT);
    if (file.isEmpty()) {
      return List.of();
    }
    try (var in = Files.newInputStream(Path.of(file.get()))) {
      var found = new ArrayList<X509Certificate>();
      for (var each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        found.add((X509Certificate) each);
      }
      if (found.isEmpty()) {
        throw usage("--cacert: " + file.get() + " holds no certificate");
      }
      return found;
    } catch (IOException | CertificateException e) {
      throw usage("--cacert: " + file.get() + " cannot be used (" + e.getMessage() + ")");
    }
  }

  private static InetAddress bindAddress(String text) {
    return IpAddress.parse(text)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--edge-bind-address must be an IP address, not \"" + text + "\""))
        .toInetAddress();
  }

  private List<InetSocketAddress> resolvers() throws Failure {
    var found = new ArrayList<InetSocketAddress>();
    for (var text : flags.all(ConnectorFlag.DNS_RESOLVER_ADDRS)) {
      var address = socketAddress(ConnectorFlag.DNS_RESOLVER_ADDRS, text.strip());
      found.add(address);
    }
    return found;
  }

  private InetSocketAddress metrics() throws Failure {
    var text = flags.value(ConnectorFlag.METRICS);
    if (text.isPresent()) {
      return socketAddress(
          ConnectorFlag.METRICS, text.get().replaceFirst("^localhost:", "127.0.0.1:"));
    }
    var loopback = InetAddress.getLoopbackAddress();
    for (var i = 0; i < METRICS_PORTS; i++) {
      try (var probe = new ServerSocket(FIRST_METRICS_PORT + i, 1, loopback)) {
        return new InetSocketAddress(loopback, probe.getLocalPort());
      } catch (IOException e) {
        // taken: the next
      }
    }
    return new InetSocketAddress(loopback, 0);
  }

  private static InetSocketAddress socketAddress(ConnectorFlag flag, String text) throws Failure {
    var colon = text.lastIndexOf(':');
    var address =
        colon < 0 ? Optional.<IpAddress>empty() : IpAddress.parse(text.substring(0, colon));
    if (address.isEmpty() || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw usage(flag.longest() + " must be IP:PORT, not \"" + text + "\"");
    }
    var port = Integer.parseInt(text.substring(colon + 1));
    if (port > 65_535) {
      throw usage(flag.longest() + ": " + port + " is no port");
    }
    return new InetSocketAddress(address.get().toInetAddress(), port);
  }

  private static Failure usage(String sentence) {
    return new Failure(ExitCode.USAGE, sentence + ".");
  }
}
