package io.vpc4j.tunnel.connector;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.CarrierDialer;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.connector.serve.Offload;
import io.vpc4j.tunnel.connector.serve.Serving;
import io.vpc4j.tunnel.connector.supervise.Command;
import io.vpc4j.tunnel.connector.supervise.Command.Close;
import io.vpc4j.tunnel.connector.supervise.Command.Dial;
import io.vpc4j.tunnel.connector.supervise.Command.End;
import io.vpc4j.tunnel.connector.supervise.Command.Pausing;
import io.vpc4j.tunnel.connector.supervise.Command.Switching;
import io.vpc4j.tunnel.connector.supervise.Command.Unregister;
import io.vpc4j.tunnel.connector.supervise.Refusal;
import io.vpc4j.tunnel.connector.supervise.Supervisor;
import io.vpc4j.tunnel.rpc.ConnectionDetails;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Does what the {@link Supervisor} wants done, and tells it what came of it. Everything of the
 * supervisor's happens on one event loop; each link lives on its carrier's.
 */
public final class ConnectorRuntime implements Link.Owner {

  /** How long a dial may take, its handshake included. [C] 1.1, 4.1 */
  private static final Map<Protocol, Long> DIAL_NS =
      Map.of(
          Protocol.QUIC, TimeUnit.SECONDS.toNanos(5), Protocol.HTTP2, TimeUnit.SECONDS.toNanos(15));

  private final EventLoop loop;
  private final Ticker ticker;
  private final InstantSource wall;
  private final Supervisor supervisor;
  private final Map<Protocol, CarrierDialer> dialers;
  private final Map<Protocol, CarrierDialer.Settings> settings;
  private final Offload offload;
  private final Identity identity;
  private final LiveConfig config;
  private final Map<String, String> flags;
  private final Serving serving;
  private final ConnectorLog log;
  private final Map<Integer, Attempt> attempts = new HashMap<>(); // confined to the loop
  private final Map<Integer, ConnectionInfo> registered = new ConcurrentHashMap<>();
  private final Promise<End> ended;
  private final Promise<Void> firstRegistered;
  private @Nullable Future<?> timer;

  /**
   * A connection that is registered.
   *
   * @param index which of the connector's
   * @param connectionId as the edge named it
   * @param location of the edge, as it said
   * @param edge its address
   * @param protocol with what
   * @param since when it was registered
   */
  public record ConnectionInfo(
      int index,
      UUID connectionId,
      String location,
      InetSocketAddress edge,
      Protocol protocol,
      Instant since) {}

  /** What a runtime is made of. */
  public record Parts(
      EventLoop loop,
      Ticker ticker,
      InstantSource wall,
      Supervisor supervisor,
      Map<Protocol, CarrierDialer> dialers,
      Map<Protocol, CarrierDialer.Settings> settings,
      Offload offload,
      Identity identity,
      LiveConfig config,
      Map<String, String> flags,
      Serving serving,
      ConnectorLog log) {}

  /** One dial and what it became. */
  private static final class Attempt {
    final long number;
    final Link link;
    @Nullable Future<ConnectorCarrier> dialing;
    boolean givenUp;

    Attempt(long number, Link link) {
      this.number = number;
      this.link = link;
    }
  }

  /** A runtime that has not begun. */
  public ConnectorRuntime(Parts parts) {
    loop = parts.loop();
    ticker = parts.ticker();
    wall = parts.wall();
    supervisor = parts.supervisor();
    dialers = parts.dialers();
    settings = parts.settings();
    offload = parts.offload();
    identity = parts.identity();
    config = parts.config();
    flags = parts.flags();
    serving = parts.serving();
    log = parts.log();
    ended = loop.newPromise();
    firstRegistered = loop.newPromise();
  }

  /** Begins to dial. */
  public void start() {
    tell(() -> supervisor.onStart(ticker.nowNs()));
  }

  /** Stops within the grace period; a second call stops at once. */
  public void shutdown() {
    tell(() -> supervisor.onShutdown(ticker.nowNs()));
  }

  /** Succeeds when all is over. */
  public Future<End> ended() {
    return ended;
  }

  /** Succeeds with the first registration. */
  public Future<Void> firstRegistered() {
    return firstRegistered;
  }

  /** The connections that are registered and not leaving, by index. */
  public List<ConnectionInfo> registered() {
    return List.copyOf(new TreeMap<>(registered).values());
  }

  // ---- the supervisor

  private void tell(Runnable input) {
    if (ended.isDone()) {
      return; // news of connections that are closing: there is nobody left to hear them
    }
    loop.execute(
        () -> {
          input.run();
          drain();
        });
  }

  private void drain() {
    for (var command = supervisor.poll(); command != null; command = supervisor.poll()) {
      perform(command);
    }
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    if (supervisor.hasDeadline()) {
      var nowNs = ticker.nowNs();
      timer =
          loop.schedule(
              () -> {
                supervisor.onTime(ticker.nowNs());
                drain();
              },
              supervisor.deadlineNs(nowNs) - nowNs,
              TimeUnit.NANOSECONDS);
    }
  }

  private void perform(Command command) {
    if (command instanceof Dial dial) {
      dial(dial);
    } else if (command instanceof Close close) {
      giveUp(close);
    } else if (command instanceof Unregister unregister) {
      registered.remove(unregister.index());
      var attempt = attempts.get(unregister.index());
      if (attempt != null && attempt.number == unregister.attempt()) {
        attempt.link.unregister(Math.max(1, unregister.deadlineNs() - ticker.nowNs()));
      }
    } else if (command instanceof Pausing pausing) {
      log.warn(
          "%s. Retrying connection in up to %.1fs connIndex=%d"
              .formatted(pausing.reason(), pausing.delayNs() / 1e9, pausing.index()));
    } else if (command instanceof Switching switching) {
      log.info("Switching to fallback protocol " + switching.protocol());
    } else if (command instanceof End end) {
      ended.setSuccess(end);
    }
  }

  private void dial(Dial dial) {
    var link = new Link(dial, identity, config, flags, serving, this);
    var attempt = new Attempt(dial.attempt(), link);
    attempts.put(dial.index(), attempt);
    var host = dial.edge().host();
    offload
        .call(loop, () -> InetAddress.getByName(host))
        .addListener(
            (Future<InetAddress> found) -> {
              if (attempt.givenUp) {
                return;
              }
              if (found.isSuccess()) {
                var edge = new InetSocketAddress(found.getNow(), dial.edge().port());
                dial(attempt, edge);
              } else {
                onDialFailed(dial, "cannot resolve " + host);
              }
            });
  }

  private void dial(Attempt attempt, InetSocketAddress edge) {
    var dial = attempt.link.dial();
    var protocol = dial.protocol();
    var dialer = dialers.get(protocol);
    var how = settings.get(protocol);
    if (dialer == null || how == null) {
      onDialFailed(dial, protocol + " is not available");
      return;
    }
    var deadlineNs = ticker.nowNs() + DIAL_NS.getOrDefault(protocol, 0L);
    var dialing = dialer.dial(edge, how, attempt.link, deadlineNs);
    attempt.dialing = dialing;
    dialing.addListener(
        (Future<ConnectorCarrier> done) -> {
          if (done.isSuccess()) {
            onUp(attempt.link);
          } else {
            onDialFailed(
                dial, "cannot dial the edge " + dial.edge() + ": " + done.cause().getMessage());
          }
        });
  }

  private void onDialFailed(Dial dial, String reason) {
    tell(() -> supervisor.onLost(dial.index(), dial.attempt(), reason, ticker.nowNs()));
  }

  private void giveUp(Close close) {
    registered.remove(close.index());
    var attempt = attempts.get(close.index());
    if (attempt == null || attempt.number != close.attempt()) {
      return;
    }
    attempt.givenUp = true;
    var dialing = attempt.dialing;
    if (dialing == null) {
      return;
    }
    if (!dialing.cancel(false)) {
      // It has been made, a moment ago or long since.
      dialing.addListener(
          (Future<ConnectorCarrier> done) -> {
            if (done.isSuccess()) {
              done.getNow().close(close.reason());
            }
          });
    }
  }

  // ---- the links

  @Override
  public void onUp(Link link) {
    var dial = link.dial();
    tell(() -> supervisor.onDialed(dial.index(), dial.attempt(), ticker.nowNs()));
  }

  @Override
  public void onRegistered(Link link, ConnectionDetails details) {
    var dial = link.dial();
    tell(
        () -> {
          supervisor.onRegistered(dial.index(), dial.attempt(), ticker.nowNs());
          var carrier = link.carrier();
          if (carrier.isPresent() && carrier.get().isOpen()) {
            var info =
                new ConnectionInfo(
                    dial.index(),
                    details.uuid(),
                    details.locationName(),
                    carrier.get().remoteAddress(),
                    dial.protocol(),
                    wall.instant());
            registered.put(dial.index(), info);
            firstRegistered.trySuccess(null);
            log.info(
                "Registered tunnel connection connIndex=%d connection=%s ip=%s location=%s protocol=%s"
                    .formatted(
                        dial.index(),
                        info.connectionId(),
                        info.edge().getAddress().getHostAddress(),
                        info.location(),
                        info.protocol()));
          }
        });
  }

  @Override
  public void onRefused(Link link, Refusal refusal) {
    var dial = link.dial();
    log.warn(
        "Register tunnel error from server side: %s connIndex=%d"
            .formatted(refusal.cause(), dial.index()));
    tell(() -> supervisor.onRefused(dial.index(), dial.attempt(), refusal, ticker.nowNs()));
  }

  @Override
  public void onDown(Link link, String reason) {
    var dial = link.dial();
    tell(
        () -> {
          var attempt = attempts.get(dial.index());
          if (attempt != null && attempt.number == dial.attempt()) {
            registered.remove(dial.index());
          }
          supervisor.onLost(
              dial.index(),
              dial.attempt(),
              "Lost connection with the edge: " + reason,
              ticker.nowNs());
        });
  }

  @Override
  public void onOpenStreams(Link link, int open) {
    var dial = link.dial();
    tell(() -> supervisor.onOpenStreams(dial.index(), dial.attempt(), open, ticker.nowNs()));
  }

  @Override
  public void onUnregistered(Link link) {
    var dial = link.dial();
    log.info("Unregistered tunnel connection connIndex=" + dial.index());
    tell(() -> supervisor.onUnregistered(dial.index(), dial.attempt(), ticker.nowNs()));
  }

  @Override
  public void onNews(Link link, String sentence) {
    log.info(sentence + " connIndex=" + link.dial().index());
  }

  @Override
  public void onTrouble(Link link, String sentence) {
    log.warn(sentence + " connIndex=" + link.dial().index());
  }
}
