package io.vpc4j.tunnel.connector.supervise;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.tunnel.connector.supervise.Command.Close;
import io.vpc4j.tunnel.connector.supervise.Command.Dial;
import io.vpc4j.tunnel.connector.supervise.Command.End;
import io.vpc4j.tunnel.connector.supervise.Command.Outcome;
import io.vpc4j.tunnel.connector.supervise.Command.Pausing;
import io.vpc4j.tunnel.connector.supervise.Command.Switching;
import io.vpc4j.tunnel.connector.supervise.Command.Unregister;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a connector connected. Dials nothing itself: what happened goes in with the time, {@link
 * Command}s come out of {@link #poll}; {@link #onTime} is due at {@link #deadlineNs}.
 *
 * <p><b>Start.</b> The first connection alone; once it is registered the others, one a second. [C]
 * 1.3
 *
 * <p><b>Pauses.</b> After the k-th failure in a row a random time below 1 s x 2^k, k at most {@link
 * Policy#maxExponent}, and never less than {@link #MIN_PAUSE_NS}: an edge that refuses, be it the
 * only one, is never dialled in a tight loop. [C] 1.5. Where the edge says how long it wants to be
 * left alone, that is kept.
 *
 * <p><b>Rotation.</b> A failed dial and a refusal as duplicate move the connection to the next edge
 * of the list; a lost connection comes back to the edge it had.
 *
 * <p><b>Protocol.</b> With a choice, {@link Policy#dialFailures} failed dials in a row of a
 * connection change the protocol for all, as long as nothing has ever registered over the current
 * one. [C] 1.4
 *
 * <p><b>Giving up.</b> Only a first registration that is refused for good ends the connector; after
 * the first success everything is tried for ever. [C] 6.5
 *
 * <p><b>Shutdown.</b> Dials are given up; connections unregister, serve what is under way for at
 * most the grace period, and close as soon as they have been without a stream for {@link
 * #QUIET_NS}. [C] 6.6
 *
 * <p>Not thread-safe: one caller.
 */
public final class Supervisor {

  /** The shortest pause. */
  public static final long MIN_PAUSE_NS = MILLISECONDS.toNanos(100);

  /** From the registration of one connection to the dial of the next, at the start. [C] 1.3 */
  static final long SPACING_NS = SECONDS.toNanos(1);

  /** What a pause begins with and doubles. [C] 1.5 */
  static final long BASE_NS = SECONDS.toNanos(1);

  /** Without a stream for this long, an unregistered connection is not needed any more. */
  static final long QUIET_NS = MILLISECONDS.toNanos(250);

  /** How long the edge may take to answer an unregistration within the grace period. */
  static final long UNREGISTER_NS = SECONDS.toNanos(5);

  private static final long NEVER = Long.MAX_VALUE;
  private static final Set<ConnectionState> SERVING =
      Set.of(ConnectionState.CONNECTED, ConnectionState.UNREGISTERING, ConnectionState.SERVING_OUT);

  private enum Phase {
    RUNNING,
    STOPPING,
    ENDED
  }

  /** One of the connections. */
  private static final class Connection {
    final int index;
    ConnectionState state = ConnectionState.IDLE;
    int edge;
    Protocol protocol;
    long attempt;
    int failures;
    int dialFailures;
    int openStreams;
    boolean hasDeadline;
    long deadlineNs;

    Connection(int index, int edge, Protocol protocol) {
      this.index = index;
      this.edge = edge;
      this.protocol = protocol;
    }

    void become(ConnectionState next) {
      state = next;
      hasDeadline = false;
    }

    void until(long ns) {
      hasDeadline = true;
      deadlineNs = ns;
    }
  }

  private final Policy policy;
  private final DoubleSupplier chance;
  private final List<Connection> connections = new ArrayList<>();
  private final Queue<Command> commands = new ArrayDeque<>();
  private final Set<Protocol> registeredOver = new HashSet<>();
  private Phase phase = Phase.RUNNING;
  private int protocolAt;
  private boolean stopHasDeadline;
  private long stopDeadlineNs;

  /**
   * A supervisor that has done nothing yet.
   *
   * @param chance uniform in [0, 1)
   */
  public Supervisor(Policy policy, DoubleSupplier chance) {
    this.policy = policy;
    this.chance = chance;
    for (var i = 0; i < policy.connections(); i++) {
      connections.add(new Connection(i, i % policy.edges().size(), protocol()));
    }
  }

  // ---- inputs

  /** Begins. */
  public void onStart(long nowNs) {
    dial(connections.get(0));
  }

  /** The handshake of {@code attempt} is done. */
  public void onDialed(int index, long attempt, long nowNs) {
    var connection = current(index, attempt, ConnectionState.DIALING);
    if (connection != null) {
      connection.become(ConnectionState.REGISTERING);
      connection.until(nowNs + policy.registrationTimeout().toNanos());
    }
  }

  /** The edge has taken the registration. */
  public void onRegistered(int index, long attempt, long nowNs) {
    var connection = current(index, attempt, ConnectionState.REGISTERING);
    if (connection == null) {
      return;
    }
    var first = registeredOver.isEmpty();
    registeredOver.add(connection.protocol);
    connection.become(ConnectionState.CONNECTED);
    connection.failures = 0;
    connection.dialFailures = 0;
    if (first) {
      startTheOthers(nowNs);
    }
  }

  /** The edge has refused the registration. */
  public void onRefused(int index, long attempt, Refusal refusal, long nowNs) {
    var connection = current(index, attempt, ConnectionState.REGISTERING);
    if (connection == null) {
      return;
    }
    if (registeredOver.isEmpty() && refusal.ends()) {
      end(Outcome.REFUSED, "the edge refused the registration: " + refusal.cause());
      return;
    }
    if (refusal.duplicate()) {
      rotate(connection);
    }
    commands.add(new Close(index, attempt, "registration refused"));
    var reason = "the edge refused the registration: " + refusal.cause();
    pause(connection, refusal.retryAfter().toNanos(), reason, nowNs);
  }

  /**
   * The dial failed, or the connection is gone. Its attempt needs no {@link Close}.
   *
   * @param reason a few words
   */
  public void onLost(int index, long attempt, String reason, long nowNs) {
    var connection = connections.get(index);
    if (connection.attempt != attempt) {
      return;
    }
    switch (connection.state) {
      case DIALING -> {
        rotate(connection);
        connection.dialFailures++;
        considerProtocol(connection);
        pause(connection, 0, reason, nowNs);
      }
      case REGISTERING, CONNECTED -> pause(connection, 0, reason, nowNs);
      case UNREGISTERING, SERVING_OUT -> gone(connection);
      default -> {} // already given up
    }
  }

  /** The edge has answered the unregistration, or will not. */
  public void onUnregistered(int index, long attempt, long nowNs) {
    var connection = current(index, attempt, ConnectionState.UNREGISTERING);
    if (connection != null) {
      serveOut(connection, nowNs);
    }
  }

  /** How many requests {@code attempt} serves now; to be told whenever it changes. */
  public void onOpenStreams(int index, long attempt, int open, long nowNs) {
    var connection = connections.get(index);
    if (connection.attempt != attempt || !SERVING.contains(connection.state)) {
      return;
    }
    connection.openStreams = open;
    if (connection.state == ConnectionState.SERVING_OUT) {
      serveOut(connection, nowNs);
    }
  }

  /** Stop; with requests under way, within the grace period. A second call stops at once. */
  public void onShutdown(long nowNs) {
    if (phase == Phase.ENDED) {
      return;
    }
    if (phase == Phase.STOPPING || policy.gracePeriod().isZero()) {
      end(Outcome.STOPPED, "stopped");
      return;
    }
    phase = Phase.STOPPING;
    stopHasDeadline = true;
    stopDeadlineNs = nowNs + policy.gracePeriod().toNanos();
    var answerByNs = nowNs + Math.min(UNREGISTER_NS, policy.gracePeriod().toNanos());
    for (var connection : connections) {
      if (connection.state == ConnectionState.CONNECTED) {
        connection.become(ConnectionState.UNREGISTERING);
        connection.until(answerByNs);
        commands.add(new Unregister(connection.index, connection.attempt, answerByNs));
      } else {
        close(connection, "shutting down");
      }
    }
    endIfAllAreGone();
  }

  /** Time has passed. */
  public void onTime(long nowNs) {
    if (phase == Phase.ENDED) {
      return;
    }
    if (stopHasDeadline && nowNs - stopDeadlineNs >= 0) {
      end(Outcome.STOPPED, "stopped; the grace period is over");
      return;
    }
    for (var connection : connections) {
      if (connection.hasDeadline && nowNs - connection.deadlineNs >= 0) {
        onDeadline(connection, nowNs);
      }
    }
  }

  private void onDeadline(Connection connection, long nowNs) {
    switch (connection.state) {
      case PAUSING -> dial(connection);
      case REGISTERING -> {
        commands.add(new Close(connection.index, connection.attempt, "no answer"));
        var reason =
            "no answer to the registration in " + policy.registrationTimeout().toSeconds() + " s";
        pause(connection, 0, reason, nowNs);
      }
      case UNREGISTERING -> serveOut(connection, nowNs);
      case SERVING_OUT -> close(connection, "unregistered");
      default -> throw new IllegalStateException("no deadline belongs to " + connection.state);
    }
  }

  // ---- outputs

  /** The next thing to do, or null. */
  public @Nullable Command poll() {
    return commands.poll();
  }

  /** Whether {@link #onTime} is wanted at {@link #deadlineNs}. */
  public boolean hasDeadline() {
    return phase != Phase.ENDED
        && (stopHasDeadline || connections.stream().anyMatch(each -> each.hasDeadline));
  }

  /** When {@link #onTime} is wanted; only if {@link #hasDeadline}. */
  public long deadlineNs(long nowNs) {
    var wait = stopHasDeadline ? stopDeadlineNs - nowNs : NEVER;
    for (var connection : connections) {
      if (connection.hasDeadline) {
        wait = Math.min(wait, connection.deadlineNs - nowNs);
      }
    }
    return nowNs + Math.max(0, wait);
  }

  // ---- facts

  /** Where connection {@code index} stands. */
  public ConnectionState state(int index) {
    return connections.get(index).state;
  }

  /** Connections that are registered and not leaving. */
  public int connected() {
    return (int)
        connections.stream().filter(each -> each.state == ConnectionState.CONNECTED).count();
  }

  /** What the next dial speaks. */
  public Protocol protocol() {
    return policy.protocols().get(protocolAt);
  }

  // ---- the steps

  private void dial(Connection connection) {
    connection.attempt++;
    connection.openStreams = 0;
    connection.protocol = protocol();
    connection.become(ConnectionState.DIALING);
    commands.add(
        new Dial(
            connection.index,
            connection.attempt,
            policy.edges().get(connection.edge),
            connection.protocol,
            Math.min(255, connection.failures)));
  }

  private void startTheOthers(long nowNs) {
    var spaces = 0;
    for (var connection : connections) {
      if (connection.state == ConnectionState.IDLE) {
        connection.become(ConnectionState.PAUSING);
        connection.until(nowNs + ++spaces * SPACING_NS);
      }
    }
  }

  private void rotate(Connection connection) {
    connection.edge = (connection.edge + 1) % policy.edges().size();
  }

  private void considerProtocol(Connection connection) {
    if (connection.dialFailures >= policy.dialFailures()
        && policy.protocols().size() > 1
        && connection.protocol == protocol()
        && !registeredOver.contains(connection.protocol)) {
      protocolAt = (protocolAt + 1) % policy.protocols().size();
      connections.forEach(each -> each.dialFailures = 0);
      commands.add(new Switching(protocol()));
    }
  }

  private void pause(Connection connection, long atLeastNs, String reason, long nowNs) {
    connection.failures++;
    var exponent = Math.min(connection.failures, policy.maxExponent());
    var random = (long) (chance.getAsDouble() * (BASE_NS << exponent));
    var delayNs = Math.max(Math.max(MIN_PAUSE_NS, random), atLeastNs);
    connection.become(ConnectionState.PAUSING);
    connection.until(nowNs + delayNs);
    commands.add(new Pausing(connection.index, delayNs, reason));
  }

  /** Closes once it has been quiet; a stream that the edge opened a moment ago may still arrive. */
  private void serveOut(Connection connection, long nowNs) {
    connection.become(ConnectionState.SERVING_OUT);
    if (connection.openStreams == 0) {
      connection.until(nowNs + QUIET_NS);
    }
  }

  private void close(Connection connection, String reason) {
    var alive =
        connection.state == ConnectionState.DIALING
            || connection.state == ConnectionState.REGISTERING
            || SERVING.contains(connection.state);
    if (alive) {
      commands.add(new Close(connection.index, connection.attempt, reason));
    }
    gone(connection);
  }

  private void gone(Connection connection) {
    connection.become(ConnectionState.CLOSED);
    endIfAllAreGone();
  }

  private void endIfAllAreGone() {
    if (phase == Phase.STOPPING
        && connections.stream().allMatch(each -> each.state == ConnectionState.CLOSED)) {
      end(Outcome.STOPPED, "stopped");
    }
  }

  private void end(Outcome outcome, String reason) {
    if (phase == Phase.ENDED) {
      return;
    }
    phase = Phase.ENDED;
    connections.forEach(connection -> close(connection, reason));
    commands.add(new End(outcome, reason));
  }

  private @Nullable Connection current(int index, long attempt, ConnectionState wanted) {
    var connection = connections.get(index);
    return connection.attempt == attempt && connection.state == wanted ? connection : null;
  }
}
