package io.vpc4j.tunnel;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.CarrierDialer;
import io.vpc4j.tunnel.carrier.http2.Http2ConnectorDialer;
import io.vpc4j.tunnel.carrier.quic.QuicDialer;
import io.vpc4j.tunnel.carrier.quic.QuicSupport;
import io.vpc4j.tunnel.connector.ConnectorLog;
import io.vpc4j.tunnel.connector.ConnectorRuntime;
import io.vpc4j.tunnel.connector.Identity;
import io.vpc4j.tunnel.connector.LiveConfig;
import io.vpc4j.tunnel.connector.manage.LogStreams;
import io.vpc4j.tunnel.connector.manage.ManagementService;
import io.vpc4j.tunnel.connector.manage.ManagementService.Diagnostics;
import io.vpc4j.tunnel.connector.manage.ThisHost;
import io.vpc4j.tunnel.connector.monitor.ConnectorView;
import io.vpc4j.tunnel.connector.monitor.MetricsServer;
import io.vpc4j.tunnel.connector.serve.Counters;
import io.vpc4j.tunnel.connector.serve.Flows;
import io.vpc4j.tunnel.connector.serve.HostService;
import io.vpc4j.tunnel.connector.serve.HttpRequests;
import io.vpc4j.tunnel.connector.serve.Offload;
import io.vpc4j.tunnel.connector.serve.OriginDialer;
import io.vpc4j.tunnel.connector.serve.Origins;
import io.vpc4j.tunnel.connector.serve.Resolvers;
import io.vpc4j.tunnel.connector.serve.Serving;
import io.vpc4j.tunnel.connector.serve.TcpRequests;
import io.vpc4j.tunnel.connector.serve.Tracer;
import io.vpc4j.tunnel.connector.serve.UdpFlows;
import io.vpc4j.tunnel.connector.serve.WebSocketStreams;
import io.vpc4j.tunnel.connector.supervise.Command.End;
import io.vpc4j.tunnel.connector.supervise.Command.Outcome;
import io.vpc4j.tunnel.connector.supervise.EdgeAddress;
import io.vpc4j.tunnel.connector.supervise.Policy;
import io.vpc4j.tunnel.connector.supervise.Supervisor;
import io.vpc4j.tunnel.management.ManagementRequests;
import io.vpc4j.tunnel.rpc.ClientInfo;
import io.vpc4j.tunnel.rpc.TunnelAuth;
import io.vpc4j.tunnel.session.DatagramVersion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * A connector: dials an edge and makes reachable through it whatever this process can reach.
 *
 * <p>Speaks the protocol of {@code cloudflared}, so that the edge may be a {@link TunnelEdge} or
 * any other that {@code cloudflared} could dial. Keeps its connections for as long as it runs. Safe
 * for use by many threads.
 */
public final class Connector implements AutoCloseable {

  /** The name in the certificate of every edge, over QUIC. Protocol page, 1.2. */
  private static final String QUIC_SERVER_NAME = "quic.cftunnel.com";

  private final UUID connectorId;
  private final ConnectorRuntime runtime;
  private final Offload offload;
  private final @Nullable EventLoops ownLoops;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final CompletableFuture<Void> registered = new CompletableFuture<>();
  private final @Nullable MetricsServer metrics;

  private Connector(Builder builder) throws IOException {
    connectorId = UUID.randomUUID();
    ownLoops = builder.eventLoops == null ? EventLoops.open() : null;
    var loops = builder.eventLoops == null ? ownLoops : builder.eventLoops;
    if (loops == null) {
      throw new AssertionError("one or the other");
    }
    var config = new LiveConfig(builder.file.config(), builder.maxActiveFlows);
    var counters = new Counters();
    var logs = new LogStreams(InstantSource.system());
    var view = new ConnectorView(connectorId, this::connections, config, counters);
    offload = new Offload();
    var flows = new Flows(config::maxActiveFlows);
    var dialer = new OriginDialer(loops, offload);
    var resolvers =
        new Resolvers(
            builder.resolvers,
            offload,
            builder.ticker,
            bound -> ThreadLocalRandom.current().nextInt(bound));
    var tracer =
        new Tracer(
            InstantSource.system(),
            () -> ThreadLocalRandom.current().nextLong(),
            Builder.release());
    var tcp =
        new TcpRequests(
            dialer,
            () -> config.current().config().warpRouting(),
            config::allows,
            resolvers::pick,
            flows,
            counters,
            tracer);
    var http =
        new HttpRequests(
            builder.management(connectorId, view, logs),
            () -> config.current().config().ingress(),
            new Origins(dialer, offload),
            new WebSocketStreams(dialer, counters),
            connectorId,
            counters,
            tracer);
    var udp =
        new UdpFlows.Shared(
            loops,
            builder.ticker,
            DatagramVersion.of(builder.features),
            () -> config.current().config().warpRouting(),
            config::allows,
            resolvers::pick,
            flows,
            counters,
            tracer,
            logs);
    var serving = new Serving(tcp, http, udp, counters, logs);
    var context = new CarrierContext(loops, PooledByteBufAllocator.DEFAULT, builder.ticker);
    Map<Protocol, CarrierDialer> dialers = new EnumMap<>(Protocol.class);
    dialers.put(Protocol.HTTP2, new Http2ConnectorDialer(context));
    if (QuicSupport.isAvailable()) {
      dialers.put(Protocol.QUIC, new QuicDialer(context));
    }
    var supervisor =
        new Supervisor(
            builder.policy(dialers.keySet()), () -> ThreadLocalRandom.current().nextDouble());
    runtime =
        new ConnectorRuntime(
            new ConnectorRuntime.Parts(
                loops.group().next(),
                builder.ticker,
                InstantSource.system(),
                supervisor,
                dialers,
                builder.dialSettings(),
                offload,
                new Identity(
                    builder.credentials.tunnelId(),
                    new TunnelAuth(
                        builder.credentials.accountTag(), builder.credentials.tunnelSecret()),
                    builder.client(connectorId)),
                config,
                builder.flags,
                serving,
                builder.log.alsoTo(logs)));
    try {
      metrics = builder.metrics == null ? null : MetricsServer.start(loops, builder.metrics, view);
    } catch (IOException e) {
      offload.close();
      if (ownLoops != null) {
        ownLoops.close();
      }
      throw e;
    }
    runtime.firstRegistered().addListener(done -> registered.complete(null));
    runtime
        .ended()
        .addListener(
            (Future<End> done) -> {
              if (done.getNow().outcome() == Outcome.STOPPED) {
                ended.complete(null);
              } else {
                ended.completeExceptionally(new IOException(done.getNow().reason()));
              }
            });
  }

  private List<ConnectorRuntime.ConnectionInfo> connections() {
    return runtime.registered();
  }

  /** How a connector is started, for the tunnel of {@code credentials}. */
  public static Builder builder(TunnelCredentials credentials) {
    return new Builder(credentials);
  }

  /** How a connector is started. Not safe for use by many threads. */
  public static final class Builder {
    private final TunnelCredentials credentials;
    private final List<EdgeAddress> edges = new ArrayList<>();
    private final List<String> features =
        new ArrayList<>(
            List.of(
                "allow_remote_config",
                "serialized_headers",
                "support_datagram_v2",
                "support_quic_eof"));
    private List<X509Certificate> authorities = List.of();
    private Optional<InetSocketAddress> bindAddress = Optional.empty();
    private List<Protocol> protocols = List.of(Protocol.QUIC, Protocol.HTTP2);
    private int connections = 4;
    private int retries = 5;
    private int dialFailures = 3;
    private Duration rpcTimeout = Duration.ofSeconds(5);
    private Duration gracePeriod = Duration.ofSeconds(30);
    private ConnectorFile file = ConnectorFile.empty();
    private long maxActiveFlows;
    private List<InetSocketAddress> resolvers = List.of();
    private Map<String, String> flags = Map.of();
    private @Nullable InetSocketAddress metrics;
    private String managementHostname = ManagementRequests.HOST;
    private Diagnostics managementDiagnostics = Diagnostics.ON;
    private @Nullable EventLoops eventLoops;
    private Ticker ticker = Ticker.system();
    private ConnectorLog log = ConnectorLog.to(Connector.class.getName());

    private Builder(TunnelCredentials credentials) {
      this.credentials = credentials;
    }

    /**
     * An edge to dial, {@code host:port}; may be called again for more. A name is resolved at each
     * dial.
     *
     * @throws IllegalArgumentException if it is not that
     */
    public Builder edge(String edge) {
      edges.add(
          EdgeAddress.parse(edge)
              .orElseThrow(
                  () -> new IllegalArgumentException("\"" + edge + "\" is not HOST:PORT")));
      return this;
    }

    /** The certificates that alone are trusted in an edge's; the system's by default. */
    public Builder authorities(List<X509Certificate> authorities) {
      this.authorities = List.copyOf(authorities);
      return this;
    }

    /** The local address to dial edges from; any by default. */
    public Builder bindAddress(InetSocketAddress address) {
      bindAddress = Optional.of(address);
      return this;
    }

    /** What to speak, in the order of trial; QUIC, then HTTP/2 by default. */
    public Builder protocols(List<Protocol> protocols) {
      this.protocols = List.copyOf(protocols);
      return this;
    }

    /** Connections kept at one time, 1 to 16; 4 by default. */
    public Builder connections(int connections) {
      this.connections = connections;
      return this;
    }

    /** How often a pause between dials doubles, 0 to 10; 5 by default. */
    public Builder retries(int retries) {
      this.retries = retries;
      return this;
    }

    /** Failed dials in a row before another protocol is tried, from 1; 3 by default. */
    public Builder dialFailures(int dialFailures) {
      this.dialFailures = dialFailures;
      return this;
    }

    /** How long an edge may take to answer a registration; 5 s by default. */
    public Builder rpcTimeout(Duration timeout) {
      rpcTimeout = timeout;
      return this;
    }

    /** How long requests under way may take at a shutdown, 0 to 3 min; 30 s by default. */
    public Builder gracePeriod(Duration gracePeriod) {
      this.gracePeriod = gracePeriod;
      return this;
    }

    /** What is served; the private network alone by default. */
    public Builder config(ConnectorFile file) {
      this.file = file;
      return this;
    }

    /** TCP streams and UDP sessions at one time; 0, the default, leaves it to the configuration. */
    public Builder maxActiveFlows(long maxActiveFlows) {
      this.maxActiveFlows = maxActiveFlows;
      return this;
    }

    /**
     * Resolvers behind the virtual DNS service, at most 10, one by chance for each conversation;
     * the system's by default.
     */
    public Builder resolvers(List<InetSocketAddress> resolvers) {
      if (resolvers.size() > Resolvers.MAX_NAMED) {
        throw new IllegalArgumentException("at most " + Resolvers.MAX_NAMED + " resolvers");
      }
      this.resolvers = List.copyOf(resolvers);
      return this;
    }

    /** A feature to announce besides those it has; may be called again. */
    public Builder feature(String feature) {
      if (!features.contains(feature)) {
        features.add(feature);
      }
      return this;
    }

    /** What the edge is told of the command line: names of flags and their values. */
    public Builder flags(Map<String, String> flags) {
      this.flags = Map.copyOf(flags);
      return this;
    }

    /** Where to answer {@code /ready}, {@code /metrics} and the like; nowhere by default. */
    public Builder metrics(InetSocketAddress address) {
      metrics = address;
      return this;
    }

    /**
     * The host name at which it answers through the tunnel what it is asked about itself, before
     * any rule: {@code /ping}, {@code /host_details}, {@code /metrics}, {@code /logs}. {@code
     * management.argotunnel.com} by default, which is where {@link TunnelEdge#management} asks;
     * empty if it tells nothing, and then its edge is told so. Who may ask is the edge's to decide.
     */
    public Builder managementHostname(String hostname) {
      managementHostname = hostname;
      return this;
    }

    /** Whether {@code /metrics} is among that; it is by default. */
    public Builder managementDiagnostics(boolean answered) {
      managementDiagnostics = answered ? Diagnostics.ON : Diagnostics.OFF;
      return this;
    }

    /** Loops to run on, not closed with the connector; its own by default. */
    public Builder eventLoops(EventLoops eventLoops) {
      this.eventLoops = eventLoops;
      return this;
    }

    /** The clock of every deadline; the system's by default. */
    public Builder ticker(Ticker ticker) {
      this.ticker = ticker;
      return this;
    }

    /** Where the lines go that a person would want; SLF4J by default. Called on event loops. */
    public Builder log(BiConsumer<Level, String> lines) {
      log = new ConnectorLog(lines);
      return this;
    }

    /**
     * Starts to dial, and returns at once.
     *
     * @throws IOException if the metrics' address cannot be had
     * @throws IllegalArgumentException if there is no edge, or a number is out of its bounds
     */
    public Connector start() throws IOException {
      policy(EnumSet.allOf(Protocol.class)); // checks, before anything is made
      var connector = new Connector(this);
      connector.runtime.start();
      return connector;
    }

    /** What cannot be spoken on this machine is not tried where there is a choice. */
    private Policy policy(Set<Protocol> available) {
      var usable = protocols.stream().filter(available::contains).toList();
      return new Policy(
          edges,
          usable.isEmpty() ? protocols : usable,
          connections,
          retries,
          dialFailures,
          rpcTimeout,
          gracePeriod);
    }

    private Map<Protocol, CarrierDialer.Settings> dialSettings() {
      return Map.of(
          Protocol.QUIC,
          new CarrierDialer.Settings(authorities, bindAddress, QUIC_SERVER_NAME),
          Protocol.HTTP2,
          new CarrierDialer.Settings(authorities, bindAddress, Http2ConnectorDialer.SERVER_NAME));
    }

    private Optional<HostService> management(
        UUID connectorId, ConnectorView view, LogStreams logs) {
      if (managementHostname.isEmpty()) {
        return Optional.empty();
      }
      var host =
          new ManagementService.Host(
              connectorId,
              ThisHost.name(),
              () ->
                  view.connections().get().stream()
                      .findFirst()
                      .flatMap(it -> ThisHost.addressTowards(it.edge())));
      return Optional.of(
          new ManagementService(
              managementHostname, managementDiagnostics, host, view::metrics, logs));
    }

    private ClientInfo client(UUID connectorId) {
      var features = new ArrayList<>(this.features);
      if (!managementHostname.isEmpty() && !features.contains(ManagementRequests.FEATURE)) {
        features.add(ManagementRequests.FEATURE);
      }
      var os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).split(" ", 2)[0];
      var arch = System.getProperty("os.arch", "").replace("aarch64", "arm64");
      return new ClientInfo(connectorId, features, "vpc4j-" + release(), os + "_" + arch);
    }

    private static String release() {
      var version = Connector.class.getModule().getDescriptor();
      return version == null ? "dev" : version.rawVersion().orElse("dev").replace("-SNAPSHOT", "");
    }
  }

  /** The id of this connector, new with each start. */
  public UUID connectorId() {
    return connectorId;
  }

  /** Completes with the first registration; never, if there is none. */
  public CompletableFuture<Void> registered() {
    return registered.copy();
  }

  /** How many connections are registered now. */
  public int readyConnections() {
    return runtime.registered().size();
  }

  /** Where the metrics are; empty if nobody asked for them. */
  public Optional<InetSocketAddress> metricsAddress() {
    return Optional.ofNullable(metrics).map(MetricsServer::address);
  }

  /**
   * Leaves: the edge is told, requests under way are served for at most the grace period. Returns
   * at once. A second call ends at once.
   */
  public void shutdown() {
    runtime.shutdown();
  }

  /**
   * Completes when the connector has ended: after {@link #shutdown}, or with an {@link IOException}
   * because the edge refused its first registration for good.
   */
  public CompletableFuture<Void> ended() {
    return ended.copy();
  }

  /** Ends at once what still runs. Waits at most 2 s. May be called again. */
  @Override
  public void close() {
    runtime.shutdown();
    runtime.shutdown();
    try {
      ended.get(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | CompletionException e) {
      // refused long ago, or slow to go: either way nothing more is wanted of it
    }
    if (metrics != null) {
      metrics.close();
    }
    offload.close();
    if (ownLoops != null) {
      ownLoops.close();
    }
  }
}
