package io.vpc4j.core.fetch;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.vpc4j.ErrorCode;
import io.vpc4j.Limits;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import io.vpc4j.core.fetch.exchange.Exchange;
import io.vpc4j.core.fetch.pool.Sweeper;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.core.routing.Route;
import io.vpc4j.core.spi.Dial;
import io.vpc4j.core.spi.Lookup;
import io.vpc4j.core.spi.Transport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * From a route to a channel: resolve at the far end, ask the policy about every address, connect to
 * the first that answers. RFC 8305
 *
 * <p>Addresses are tried in the resolver's order, families in turn, IPv6 first; the next one every
 * {@link #STAGGER_NS}, or as soon as one has failed. The first channel wins and the others are
 * given up.
 *
 * <p>Confined to one executor, whatever thread the transport answers on.
 */
final class ChannelDial implements Sweeper.Timed {

  /** Between two attempts: 250 ms, RFC 8305 5. */
  static final long STAGGER_NS = 250_000_000;

  /** A resolver that knows more addresses than this is not asked about the rest. */
  static final int MAX_ADDRESSES = 16;

  /** Hears what came of it, once, on the dial's executor. */
  interface Listener {
    /** The far end has accepted. The channel is the listener's. */
    void onChannel(Channel channel, IpAddress address);

    /** There is no channel. */
    void onFailure(VpcException why);
  }

  private enum Phase {
    RESOLVING,
    CONNECTING,
    OVER
  }

  private final Dial.Kind kind;
  private final Route route;
  private final Transport transport;
  private final EventExecutor executor;
  private final Sweeper sweeper;
  private final Ticker ticker;
  private final Limits limits;
  private final Supplier<ChannelHandler> initializers;
  private final Listener listener;

  private Phase phase = Phase.RESOLVING;
  private @Nullable Future<List<IpAddress>> lookup;
  private final ArrayDeque<IpAddress> untried = new ArrayDeque<>();
  private final List<Future<Channel>> attempts = new ArrayList<>(2);
  private int pending;
  private @Nullable VpcException firstFailure;
  private long phaseEndNs;
  private volatile long dueNs = Long.MAX_VALUE;

  /**
   * A dial that has not begun.
   *
   * @param executor where it runs, and where the transport is asked: its channel may well be there
   * @param initializers makes what is added to a channel's pipeline, one for each attempt
   */
  ChannelDial(
      EventExecutor executor,
      Dial.Kind kind,
      Route route,
      Transport transport,
      Dialer.Tools tools,
      Limits limits,
      Supplier<ChannelHandler> initializers,
      Listener listener) {
    this.kind = kind;
    this.route = route;
    this.transport = transport;
    this.executor = executor;
    this.sweeper = tools.sweeper();
    this.ticker = tools.ticker();
    this.limits = limits;
    this.initializers = initializers;
    this.listener = listener;
  }

  /** Begins; any thread. */
  void begin() {
    executor.execute(this::resolve);
  }

  /** Gives it up; any thread. The listener hears nothing, unless it has already. */
  void cancel() {
    executor.execute(this::end);
  }

  // ---- the steps, in order

  private void resolve() {
    if (phase == Phase.OVER) {
      return;
    }
    if (!route.addresses().isEmpty()) {
      judge(route.addresses());
      return;
    }
    phaseEndNs = ticker.nowNs() + limits.resolveTimeout().toNanos();
    dueNs = phaseEndNs;
    sweeper.add(this);
    try {
      var asked =
          transport.resolve(new Lookup(route.hop(), route.host(), route.resolverIps(), phaseEndNs));
      lookup = asked;
      asked.addListener(answer -> executor.execute(() -> resolved(asked)));
    } catch (RuntimeException e) {
      fail(asVpcException(e, Stage.RESOLVE));
    }
  }

  private void resolved(Future<List<IpAddress>> answer) {
    if (phase != Phase.RESOLVING) {
      return;
    }
    lookup = null;
    if (answer.isSuccess()) {
      judge(answer.getNow());
    } else {
      fail(asVpcException(answer.cause(), Stage.RESOLVE));
    }
  }

  private void judge(List<IpAddress> addresses) {
    VpcException refusal = null;
    var allowed = new ArrayList<IpAddress>(addresses.size());
    for (var address : addresses) {
      try {
        route.policy().check(route.host(), address, route.port());
        if (allowed.size() < MAX_ADDRESSES) {
          allowed.add(address);
        }
      } catch (VpcException e) {
        refusal = refusal == null ? e : refusal;
      }
    }
    if (allowed.isEmpty()) {
      fail(
          refusal != null
              ? refusal
              : new VpcException(
                  ErrorCode.DNS_ERROR, Stage.RESOLVE, "The name resolves to no address."));
      return;
    }
    untried.addAll(inTurn(allowed));
    phase = Phase.CONNECTING;
    phaseEndNs = ticker.nowNs() + limits.connectTimeout().toNanos();
    sweeper.add(this);
    connectNext();
  }

  /** IPv6 and IPv4 in turn, each in the order given. RFC 8305 4 */
  static List<IpAddress> inTurn(List<IpAddress> addresses) {
    var v6 = new ArrayDeque<IpAddress>();
    var v4 = new ArrayDeque<IpAddress>();
    for (var address : addresses) {
      (address.family() == IpAddress.Family.V6 ? v6 : v4).add(address);
    }
    var order = new ArrayList<IpAddress>(addresses.size());
    while (!v6.isEmpty() || !v4.isEmpty()) {
      if (!v6.isEmpty()) {
        order.add(v6.removeFirst());
      }
      if (!v4.isEmpty()) {
        order.add(v4.removeFirst());
      }
    }
    return order;
  }

  private void connectNext() {
    var address = untried.removeFirst();
    var literal = IpAddress.parse(route.host()).isPresent();
    dueNs =
        untried.isEmpty() ? phaseEndNs : Exchange.sooner(phaseEndNs, ticker.nowNs() + STAGGER_NS);
    sweeper.wakeBy(dueNs);
    pending++;
    try {
      var attempt =
          transport.connect(
              new Dial(
                  route.hop(),
                  address,
                  route.port(),
                  literal ? Optional.empty() : Optional.of(route.host()),
                  kind,
                  initializers.get(),
                  phaseEndNs));
      attempts.add(attempt);
      attempt.addListener(done -> report(attempt, address));
    } catch (RuntimeException e) {
      executor.execute(() -> attemptFailed(e));
    }
  }

  private void report(Future<Channel> attempt, IpAddress address) {
    try {
      executor.execute(() -> connected(attempt, address));
    } catch (RejectedExecutionException e) {
      // Everything is being closed and our loop went first: nobody waits for this any more.
      if (attempt.isSuccess()) {
        attempt.getNow().close();
      }
    }
  }

  private void connected(Future<Channel> attempt, IpAddress address) {
    if (phase != Phase.CONNECTING) {
      if (attempt.isSuccess()) {
        attempt.getNow().close(); // it was given up, and too late to know
      }
    } else if (attempt.isSuccess()) {
      attempts.remove(attempt);
      end();
      listener.onChannel(attempt.getNow(), address);
    } else {
      attemptFailed(attempt.cause());
    }
  }

  private void attemptFailed(Throwable cause) {
    if (phase != Phase.CONNECTING) {
      return;
    }
    pending--;
    var failure = asVpcException(cause, Stage.CONNECT);
    if (firstFailure == null) {
      firstFailure = failure; // of the address that was to be preferred
    } else {
      firstFailure.addSuppressed(failure);
    }
    if (!untried.isEmpty()) {
      connectNext();
    } else if (pending == 0) {
      fail(firstFailure);
    }
  }

  // ---- ends

  private void fail(VpcException why) {
    if (phase != Phase.OVER) {
      end();
      listener.onFailure(why);
    }
  }

  private void end() {
    phase = Phase.OVER;
    dueNs = Long.MAX_VALUE;
    sweeper.remove(this);
    if (lookup != null) {
      lookup.cancel(true);
    }
    attempts.forEach(attempt -> attempt.cancel(true));
  }

  static VpcException asVpcException(Throwable cause, Stage stage) {
    return cause instanceof VpcException known
        ? known
        : new VpcException(
            ErrorCode.PROXY_INTERNAL_ERROR,
            stage,
            "The transport failed without saying why.",
            cause);
  }

  // ---- time

  @Override
  public long dueNs() {
    return dueNs;
  }

  @Override
  public void onDue(long nowNs) {
    executor.execute(() -> late(nowNs));
  }

  private void late(long nowNs) {
    if (phase == Phase.OVER || nowNs - dueNs < 0) {
      return;
    }
    if (nowNs - phaseEndNs >= 0) {
      fail(
          phase == Phase.RESOLVING
              ? new VpcException(
                  ErrorCode.DNS_TIMEOUT,
                  Stage.RESOLVE,
                  "The name was not resolved within " + limits.resolveTimeout().toMillis() + " ms.")
              : new VpcException(
                  ErrorCode.CONNECTION_TIMEOUT,
                  Stage.CONNECT,
                  "The destination did not accept a connection within "
                      + limits.connectTimeout().toMillis()
                      + " ms.",
                  firstFailure));
    } else if (phase == Phase.CONNECTING && !untried.isEmpty()) {
      connectNext();
    }
  }
}
