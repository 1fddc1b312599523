package io.vpc4j.tunnel.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.directory.Directory;
import io.vpc4j.core.directory.DirectorySnapshot;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.EdgeAcceptor;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.EdgeCarrierListener;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.edge.EdgeConnection.Registration;
import io.vpc4j.tunnel.rpc.CallToken;
import io.vpc4j.tunnel.rpc.ConnectionDetails;
import io.vpc4j.tunnel.rpc.ConnectionError;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcCall.RegisterConnection;
import io.vpc4j.tunnel.rpc.RpcEnd;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.udp.SessionTrace;
import io.vpc4j.tunnel.udp.UdpSessions;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The edge without its sockets: takes connections, registers connectors, and opens streams through
 * them.
 *
 * <p>Safe for use by many threads. What it knows of a tunnel is the directory's snapshot of the
 * moment; a change of the directory closes the connections that could not register any more.
 */
public final class Edge implements EdgeAcceptor, Registrations {

  /** Connections that have not registered, at one time; more are turned away. */
  static final int MAX_REGISTERING = 1_024;

  /** How long an old connector has to tell its configuration and take another, which has 5 s. */
  private static final long SETTLE_NS = TimeUnit.SECONDS.toNanos(6);

  /** How often {@link #drain} looks whether streams are open. */
  private static final long LOOK_AT_STREAMS_NS = TimeUnit.MILLISECONDS.toNanos(20);

  /** The name of the place, for connectors' logs and metrics. */
  private static final String LOCATION = "vpc4j";

  /** Why nothing is opened any more. */
  static final String CLOSING = "the edge is closing";

  private static final Logger LOG = LoggerFactory.getLogger(Edge.class);

  private final StreamTraces traces;
  private final CarrierContext context;
  private final Directory directory;
  private final InstantSource wall;
  private final Configurations configurations;
  private final ConnectionTable table = new ConnectionTable();
  private final UdpTable udp;
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicInteger registering = new AtomicInteger();
  private final Set<EdgeConnection> newcomers = ConcurrentHashMap.newKeySet();
  private final Runnable unwatch;
  private final Absence absence;
  private volatile boolean closing;

  /**
   * An edge over a directory, without traces.
   *
   * @param wall the time of day, for people
   */
  public Edge(CarrierContext context, Directory directory, InstantSource wall) {
    this(context, directory, wall, StreamTraces.NONE);
  }

  /**
   * An edge over a directory.
   *
   * @param wall the time of day, for people
   */
  public Edge(
      CarrierContext context, Directory directory, InstantSource wall, StreamTraces traces) {
    this.traces = traces;
    this.context = context;
    this.directory = directory;
    this.wall = wall;
    udp = new UdpTable(context);
    configurations = new Configurations(wall);
    absence = new Absence(context.ticker().nowNs());
    unwatch = directory.onChange(this::onDirectory);
  }

  // ---- connections

  @Override
  public EdgeCarrierListener accept(EdgeCarrier carrier) {
    var connection = new EdgeConnection(this, carrier, numbers.incrementAndGet());
    newcomers.add(connection);
    if (closing) {
      carrier.close(CLOSING);
    } else if (registering.incrementAndGet() > MAX_REGISTERING) {
      LOG.warn("{} connections are registering: {} is turned away", MAX_REGISTERING, connection);
      carrier.close("too many connections are registering");
    }
    return connection;
  }

  @Override
  public Registration registration(RegisterConnection call) {
    return new Registration(UUID.randomUUID(), call, wall.instant());
  }

  @Override
  public Optional<ConnectionError> admit(EdgeConnection connection, Registration registration) {
    if (closing) {
      return Optional.of(Registrar.again(CLOSING));
    }
    var refusal = Registrar.refusal(directory.snapshot(), registration.call());
    if (refusal.isPresent()) {
      absence.onRefused(nowNs());
      return refusal;
    }
    var added = table.add(connection);
    if (added instanceof ConnectionTable.Added.Full) {
      return Optional.of(
          Registrar.again(
              "the tunnel has "
                  + ConnectionTable.MAX_CONNECTIONS_PER_TUNNEL
                  + " connections, the most it may have"));
    }
    if (added instanceof ConnectionTable.Added.Replaced replaced) {
      LOG.info("{} is replaced by a newer one", replaced.older());
      replaced.older().carrier().close("replaced by a newer connection");
    }
    return Optional.empty();
  }

  @Override
  public ConnectionDetails details(Registration registration) {
    return new ConnectionDetails(
        registration.connectionId(),
        LOCATION,
        Configurations.management(directory.snapshot(), registration.tunnelId()));
  }

  @Override
  public void onReady(EdgeConnection connection) {
    registering.decrementAndGet();
    newcomers.remove(connection);
    udp.onReady(connection);
    if (Configurations.mustSettle(connection)) {
      holdBack(connection);
    }
    configurations.push(directory.snapshot(), connection, nowNs(), () -> settled(connection));
    table.wake(connection.registration().tunnelId());
  }

  /** One configuration is a connector's; the connection that tells it may be ahead of the rest. */
  private void holdBack(EdgeConnection connection) {
    connection.holdBack();
    connection
        .carrier()
        .eventLoop()
        .schedule(() -> settled(connection), SETTLE_NS, TimeUnit.NANOSECONDS);
    if (!Configurations.tells(connection)
        && sameConnector(connection).noneMatch(EdgeConnection::isHeldBack)) {
      connection.release();
    }
  }

  private void settled(EdgeConnection connection) {
    connection.release();
    if (Configurations.tells(connection)) {
      sameConnector(connection).forEach(EdgeConnection::release);
    }
    table.wake(connection.registration().tunnelId());
  }

  /** Its connector's other connections. */
  private Stream<EdgeConnection> sameConnector(EdgeConnection connection) {
    var connector = connection.registration().connectorId();
    return table.all().stream()
        .filter(other -> !other.equals(connection))
        .filter(other -> other.registration().connectorId().equals(connector));
  }

  @Override
  public void onLocalConfiguration(EdgeConnection connection) {
    configurations.onLocal(connection, nowNs(), () -> settled(connection));
  }

  @Override
  public void onDraining(EdgeConnection connection) {}

  @Override
  public void onNeverRegistered(EdgeConnection connection) {
    registering.decrementAndGet();
    newcomers.remove(connection);
  }

  @Override
  public void onGone(EdgeConnection connection) {
    table.remove(connection);
    absence.onGone(connection.registration().tunnelId(), nowNs());
    udp.onGone(connection);
  }

  @Override
  public RpcServing.Callee sessionCalls(EdgeConnection connection) {
    return new RpcServing.Callee() {
      @Override
      public void onCall(RpcServing stream, CallToken token, RpcCall call) {
        udp.onCall(connection, call);
        stream.reply(token, new RpcReply.Done());
      }

      @Override
      public void onEnd(RpcEnd end) {}
    };
  }

  @Override
  public void onDatagram(EdgeConnection connection, ByteBuf datagram) {
    udp.onDatagram(connection, datagram);
  }

  // ---- the directory

  private void onDirectory(DirectorySnapshot snapshot) {
    for (var connection : table.all()) {
      if (Registrar.refusal(snapshot, connection.registration().call()).isPresent()) {
        LOG.info("{} may not register any more", connection);
        connection.carrier().close("the tunnel was removed, or its secret changed");
      } else {
        configurations.push(snapshot, connection, nowNs(), () -> {});
      }
    }
  }

  // ---- streams

  /**
   * Opens a stream through a tunnel: see {@link StreamDial}.
   *
   * @param deadlineNs on the context's ticker
   * @return fails with {@link io.vpc4j.tunnel.carrier.StreamFailure}
   */
  public Future<OpenStream> open(
      String tunnelId, Wanted wanted, ChannelHandler initializer, long deadlineNs) {
    var loop = context.eventLoops().here();
    var trace = traces.begin(tunnelId, wanted.request());
    var asked = trace.map(wanted::tracedAs).orElse(wanted);
    var opening = new StreamDial(this, tunnelId, asked, initializer, deadlineNs, loop).begin();
    trace.ifPresent(
        it ->
            opening.addListener(
                (Future<OpenStream> done) -> {
                  if (done.isSuccess()) {
                    Spans.of(done.getNow().response())
                        .ifPresent(spans -> traces.onSpans(it, spans));
                  }
                }));
    return opening;
  }

  /** Whether it opens nothing any more. */
  boolean closing() {
    return closing;
  }

  /** Why no connector takes a stream, in words for whoever has waited for one. */
  String absence(String tunnelId) {
    return absence.words(tunnelId, nowNs());
  }

  ConnectionTable table() {
    return table;
  }

  long nowNs() {
    return context.ticker().nowNs();
  }

  /** Those connections of a tunnel that take streams, the least loaded first. */
  public List<EdgeConnection> live(String tunnelId) {
    return table.choices(tunnelId, connection -> true);
  }

  /** The connections that are registered now. */
  public Collection<EdgeConnection> connections() {
    return table.all();
  }

  /**
   * Takes no more connections and opens no more streams, nor UDP sessions; those that are open go
   * on, and dials that wait for a connector fail. No word moves a connector elsewhere ([T] 6.6): it
   * comes again, here or to another address, once {@link #close} ends its connection.
   *
   * @param graceNs how long streams have
   * @return succeeds once no stream is open, or the time is over; never fails
   */
  public Future<Void> drain(long graceNs) {
    closing = true;
    table.wakeAll();
    var loop = context.eventLoops().group().next();
    if (loop.isShuttingDown()) {
      return ImmediateEventExecutor.INSTANCE.newSucceededFuture(null); // and the streams with it
    }
    Promise<Void> drained = loop.newPromise();
    var deadlineNs = nowNs() + graceNs;
    var looking =
        loop.scheduleWithFixedDelay(
            () -> {
              var open = table.all().stream().mapToInt(it -> it.carrier().openStreams()).sum();
              if (open == 0 || nowNs() - deadlineNs >= 0) {
                drained.trySuccess(null);
              }
            },
            0,
            LOOK_AT_STREAMS_NS,
            TimeUnit.NANOSECONDS);
    return drained.addListener(done -> looking.cancel(false));
  }

  // ---- datagrams

  /**
   * Opens a UDP session through a tunnel, by a connection that carries datagrams; waits for a
   * connector if there is none that fits.
   *
   * @param initializer added before the channel's first event
   * @param deadlineNs on the context's ticker
   * @return a {@link io.vpc4j.tunnel.udp.UdpSessionChannel}; fails with {@link
   *     io.vpc4j.tunnel.udp.UdpRefused}
   */
  public Future<Channel> openUdp(
      String tunnelId, UdpWanted wanted, ChannelHandler initializer, long deadlineNs) {
    var loop = context.eventLoops().here();
    Promise<Channel> promise = loop.newPromise();
    new UdpDial(this, tunnelId, wanted, initializer, deadlineNs, loop, promise).begin();
    return promise;
  }

  /** The trace that a session is to belong to. */
  SessionTrace sessionTrace(String tunnelId, UdpWanted wanted) {
    return traces
        .beginSession(tunnelId, wanted.address().toUrlHost() + ":" + wanted.port())
        .map(
            trace ->
                new SessionTrace(
                    trace.text(),
                    spans -> {
                      if (spans.length() <= Spans.MAX_OCTETS) {
                        traces.onSpans(trace, spans.toArray());
                      }
                    }))
        .orElse(SessionTrace.NONE);
  }

  /** A connection's UDP sessions; empty if it can have none. */
  Optional<UdpSessions> udp(EdgeConnection connection) {
    return udp.of(connection);
  }

  /** Takes no more connections, and closes those there are. */
  public void close() {
    closing = true;
    table.wakeAll();
    unwatch.run();
    for (var connection : newcomers) {
      connection.carrier().close(CLOSING);
    }
    for (var connection : table.all()) {
      connection.carrier().close(CLOSING);
    }
  }
}
