package io.vpc4j.tunnel;

import io.netty.buffer.PooledByteBufAllocator;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.EdgeSettings;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.Windows;
import io.vpc4j.tunnel.carrier.quic.QuicSupport;
import io.vpc4j.tunnel.edge.Edge;
import io.vpc4j.tunnel.edge.EdgeConnection;
import io.vpc4j.tunnel.edge.EdgeServer;
import io.vpc4j.tunnel.edge.PrivateAuthority;
import io.vpc4j.tunnel.edge.StreamTraces;
import io.vpc4j.tunnel.management.ManagementRequests;
import io.vpc4j.tunnel.octets.Octets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The edge: what {@code cloudflared} dials, so that everything it can reach becomes reachable.
 *
 * <p>Started by the binding where the directory has an {@code edge} section, or with this class in
 * a process of its own. Tunnels and their secrets are the directory's; a change of it takes effect
 * at once. Safe for use by many threads.
 */
public final class TunnelEdge implements AutoCloseable {

  /** How long streams that run have once the edge is closed, where nobody says otherwise. */
  public static final Duration DEFAULT_GRACE_PERIOD = Duration.ofSeconds(5);

  /** The longest grace period, as it is a connector's ([T] 6.6). */
  public static final Duration MAX_GRACE_PERIOD = Duration.ofMinutes(3);

  private static final long OVERTIME_NS = TimeUnit.SECONDS.toNanos(1);

  private final Edge edge;
  private final EdgeServer server;
  private final @Nullable EventLoops ownLoops;
  private final Duration gracePeriod;
  private final Ticker ticker;
  private final AtomicBoolean ending = new AtomicBoolean();
  private final CountDownLatch cut = new CountDownLatch(1);

  private TunnelEdge(Edge edge, EdgeServer server, Builder builder, @Nullable EventLoops ownLoops) {
    this.edge = edge;
    this.server = server;
    this.ownLoops = ownLoops;
    gracePeriod = builder.gracePeriod;
    ticker = builder.ticker;
  }

  /**
   * Whether tunnels can speak QUIC in this process. It takes a native library, which lies in a
   * module of its own for each system, {@code io.netty.codec.quic.linux.x86_64} for one, and is
   * found on the module path only when it is named with {@code --add-modules}. HTTP/2 needs none.
   */
  public static boolean speaksQuic() {
    return QuicSupport.isAvailable();
  }

  /** How an edge is started. */
  public static Builder builder(Directory directory) {
    return new Builder(directory);
  }

  /** How an edge is started. Not safe for use by many threads. */
  public static final class Builder {
    private final Directory directory;
    private @Nullable EdgeSettings settings;
    private @Nullable EventLoops eventLoops;
    private Ticker ticker = Ticker.system();
    private InstantSource wall = InstantSource.system();
    private Duration gracePeriod = DEFAULT_GRACE_PERIOD;
    private @Nullable StreamTraces traces;
    private Duration linger = Duration.ofNanos(Windows.LINGER_NS);

    private Builder(Directory directory) {
      this.directory = Objects.requireNonNull(directory);
    }

    /** Where to listen and what to show; the directory's {@code edge} section by default. */
    public Builder settings(EdgeSettings settings) {
      this.settings = settings;
      return this;
    }

    /** Loops to run on, not closed with the edge; its own by default. */
    public Builder eventLoops(EventLoops eventLoops) {
      this.eventLoops = eventLoops;
      return this;
    }

    /** The clock of every deadline; the system's by default. */
    public Builder ticker(Ticker ticker) {
      this.ticker = ticker;
      return this;
    }

    /** The time of day, for certificates and for people; the system's by default. */
    public Builder wallClock(InstantSource wall) {
      this.wall = wall;
      return this;
    }

    /**
     * How long streams that run have once the edge is closed; zero cuts them at once. {@link
     * #DEFAULT_GRACE_PERIOD} by default.
     *
     * @throws IllegalArgumentException if it is negative, or more than {@link #MAX_GRACE_PERIOD}
     */
    public Builder gracePeriod(Duration gracePeriod) {
      if (gracePeriod.isNegative() || gracePeriod.compareTo(MAX_GRACE_PERIOD) > 0) {
        throw new IllegalArgumentException(
            "a grace period is 0 to " + MAX_GRACE_PERIOD.toMinutes() + " minutes: " + gracePeriod);
      }
      this.gracePeriod = gracePeriod;
      return this;
    }

    /**
     * Whom to ask about traces; by default the service of that type, if there is one, else nobody.
     */
    public Builder tracing(TunnelTracing tracing) {
      traces = new EdgeTracing(tracing);
      return this;
    }

    /** For tests: how long it waits for a connector's end of a stream that it has closed. */
    Builder linger(Duration linger) {
      this.linger = linger;
      return this;
    }

    /**
     * Listens. Blocks on files and for the sockets, a few seconds at most.
     *
     * @throws IOException if a port is taken, or the certificate cannot be used
     * @throws IllegalStateException if neither the directory nor the caller says where to listen
     */
    public TunnelEdge start() throws IOException {
      var found =
          settings != null
              ? settings
              : directory
                  .snapshot()
                  .edge()
                  .orElseThrow(
                      () -> new IllegalStateException("the directory has no edge section"));
      var own = eventLoops == null ? EventLoops.open() : null;
      var loops = own == null ? Objects.requireNonNull(eventLoops) : own;
      var context =
          new CarrierContext(loops, PooledByteBufAllocator.DEFAULT, ticker, linger.toNanos());
      var asked = traces == null ? EdgeTracing.found() : traces;
      var edge = new Edge(context, directory, wall, asked);
      try {
        return new TunnelEdge(edge, EdgeServer.start(context, found, edge, wall), this, own);
      } catch (IOException e) {
        if (own != null) {
          own.close();
        }
        throw e;
      }
    }
  }

  /** Where it listens: one address for each protocol of each listener. */
  public List<InetSocketAddress> addresses() {
    return server.listeners().stream().map(listener -> listener.localAddress()).toList();
  }

  /** The port of the first listener. */
  public int port() {
    return addresses().get(0).getPort();
  }

  /** The certificate that connectors are to trust, {@code --cacert}; empty if one was given. */
  public Optional<Path> caPath() {
    return server.authorityPath();
  }

  /**
   * What a connector says of itself: its metrics, its log. Asked of one of its connections; of
   * another, call again.
   *
   * @param connectorId as {@link #status} has it
   * @return empty if it is not connected, or has no such service
   */
  public Optional<ConnectorManagement> management(UUID connectorId) {
    return edge.connections().stream()
        .filter(connection -> connection.registration().connectorId().equals(connectorId))
        .filter(connection -> connection.takesStreams())
        .filter(ManagementRequests::isServedBy)
        .findFirst()
        .map(connection -> new ConnectorManagement(new ManagementRequests(connection, ticker)));
  }

  /** How it stands. Never blocks. */
  public EdgeStatus status() {
    var connections =
        edge.connections().stream()
            .map(TunnelEdge::status)
            .sorted(
                Comparator.comparing(EdgeStatus.Connection::tunnelId)
                    .thenComparing(EdgeStatus.Connection::connectorId)
                    .thenComparing(EdgeStatus.Connection::connIndex))
            .toList();
    return new EdgeStatus(
        server.listeners().stream()
            .map(found -> new EdgeStatus.Listening(found.protocol(), found.localAddress()))
            .toList(),
        caPath(),
        connections);
  }

  private static EdgeStatus.Connection status(EdgeConnection connection) {
    var registration = connection.registration();
    var carrier = connection.carrier();
    var options = registration.call().options();
    return new EdgeStatus.Connection(
        registration.tunnelId(),
        registration.connectionId(),
        registration.connectorId(),
        registration.call().connIndex(),
        registration.version(),
        options.client().arch(),
        options.client().features().stream().sorted().toList(),
        address(options.originLocalIp()),
        options.numPreviousAttempts(),
        carrier.protocol(),
        carrier.remoteAddress(),
        registration.since(),
        connection.state() != EdgeConnection.State.READY,
        carrier.openStreams(),
        carrier.octetsIn(),
        carrier.octetsOut(),
        carrier.rttNs().isPresent()
            ? Optional.of(Duration.ofNanos(carrier.rttNs().getAsLong()))
            : Optional.empty(),
        connection.localConfiguration().map(Octets::utf8));
  }

  private static String address(Octets octets) {
    return octets.length() == 4 || octets.length() == 16
        ? IpAddress.ofOctets(octets.toArray()).toString()
        : "";
  }

  /**
   * The private authority's certificate in a state folder; it is made if it is not there, as an
   * edge that starts would make it. Blocks on files.
   *
   * @param stateFolder as in {@link EdgeSettings#stateFolder}
   * @throws IOException if the folder cannot be used
   */
  public static Path certificateAuthority(Path stateFolder) throws IOException {
    var authority = new PrivateAuthority(stateFolder, new SecureRandom());
    authority.identity(InstantSource.system().instant());
    return authority.certificatePath().toAbsolutePath();
  }

  /** The line that brings a connector of a tunnel up, but for its token. */
  String howToConnect() {
    var address = addresses().isEmpty() ? "HOST:PORT" : text(addresses().get(0));
    return "cloudflared tunnel --edge "
        + address
        + caPath().map(path -> " --cacert " + path).orElse("")
        + " run --token TOKEN";
  }

  private static String text(InetSocketAddress address) {
    var host = address.getAddress().isAnyLocalAddress() ? "THIS-HOST" : address.getHostString();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  Edge edge() {
    return edge;
  }

  /**
   * Ends it in order. It stops listening and opens no more streams; those that run have the grace
   * period, and are cut then: whoever reads or writes one has an {@link IOException}, and a fetch
   * {@link io.vpc4j.ErrorCode#CONNECTION_TERMINATED} or {@link
   * io.vpc4j.ErrorCode#HTTP_RESPONSE_INCOMPLETE}. UDP sessions are not waited for: they have no
   * end. Every connection is closed with the last stream, not before: nothing else moves a
   * connector elsewhere ([T] 6.6).
   *
   * <p>Waits as long as streams run, the grace period and 3 s at most; not on an event loop. A
   * second call, from another thread, or the interruption of the first, cuts them at once. Further
   * calls do nothing.
   */
  @Override
  public void close() {
    if (ending.compareAndSet(false, true)) {
      drain();
    }
    cut.countDown();
    server.close();
    if (ownLoops != null) {
      ownLoops.close();
    }
  }

  /** Waits until no stream is open, the time is over, or somebody is in a hurry. */
  private void drain() {
    if (gracePeriod.isZero()) {
      return;
    }
    server.stopListening();
    edge.drain(gracePeriod.toNanos()).addListener(over -> cut.countDown());
    try {
      cut.await(gracePeriod.toNanos() + OVERTIME_NS, TimeUnit.NANOSECONDS); // whatever the ticker
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
