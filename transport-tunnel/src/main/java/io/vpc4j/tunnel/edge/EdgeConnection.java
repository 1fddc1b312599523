package io.vpc4j.tunnel.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.carrier.EdgeCarrierListener;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.CallToken;
import io.vpc4j.tunnel.rpc.ConnectionError;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcEnd;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.rpc.RpcServer;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of a connector, from the handshake to its end: the state machine of [T] 6.8.
 *
 * <pre>
 *   REGISTERING  registered   READY  unregistered   DRAINING
 *        |  ------------------- |  -------------------  |
 *        |                      |                       |
 *        '- refused, 10 s       '- transport closed     '- transport closed, 3 min:  CLOSED
 * </pre>
 *
 * <p>Somebody who hangs up while registering is no fault: connectors check their way so. State
 * changes on the carrier's loop alone; what is volatile may be read anywhere.
 */
public final class EdgeConnection implements EdgeCarrierListener {

  /** How long a connection may take until it is registered. [T] 6.8 */
  static final long REGISTER_NS = TimeUnit.SECONDS.toNanos(10);

  /** How long a connector has to read that it was refused. [T] 6.5 */
  static final long REFUSED_NS = TimeUnit.SECONDS.toNanos(1);

  /** The longest grace period a connector can have. [T] 6.6 */
  static final long DRAIN_NS = TimeUnit.MINUTES.toNanos(3);

  /** The longest local configuration that is kept. */
  static final int MAX_CONFIGURATION_OCTETS = 256 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(EdgeConnection.class);

  /** Where a connection stands. */
  public enum State {
    /** The handshake is done, and no more. */
    REGISTERING,
    /** Takes streams. */
    READY,
    /** Takes no new streams; those it has go on. */
    DRAINING,
    /** Over. */
    CLOSED
  }

  /**
   * What a connector said when it registered.
   *
   * @param connectionId names the connection; ours
   * @param call all of it, the secret included
   * @param since when
   */
  public record Registration(UUID connectionId, RpcCall.RegisterConnection call, Instant since) {
    /** Which tunnel. */
    public String tunnelId() {
      return call.tunnelId().toString();
    }

    /** Which connector. */
    public UUID connectorId() {
      return call.options().client().clientId();
    }

    /** The connector's release. */
    public String version() {
      return call.options().client().version();
    }
  }

  private final Registrations registrations;
  private final EdgeCarrier carrier;
  private final long number;
  private volatile State state = State.REGISTERING;
  private volatile @Nullable Registration registration;
  private volatile @Nullable Octets localConfiguration;
  private volatile boolean heldBack;
  private volatile int configurationVersion = -1;
  private volatile long lastAskedNs = Long.MIN_VALUE;
  private @Nullable Future<?> deadline;

  EdgeConnection(Registrations registrations, EdgeCarrier carrier, long number) {
    this.registrations = registrations;
    this.carrier = carrier;
    this.number = number;
    after(REGISTER_NS, () -> carrier.close("not registered in time"));
  }

  // ---- the control stream

  @Override
  public void onControlStream(Channel control) {
    control.pipeline().addLast(new RpcServing(RpcServer.EDGE_CONTROL, new ControlCalls()));
  }

  private final class ControlCalls implements RpcServing.Callee {
    @Override
    public void onCall(RpcServing stream, CallToken token, RpcCall call) {
      if (call instanceof RpcCall.RegisterConnection register) {
        register(stream, token, register);
      } else if (call instanceof RpcCall.UnregisterConnection) {
        LOG.info("{} unregisters", EdgeConnection.this);
        drain("unregistered");
        stream.reply(token, new RpcReply.Done());
      } else if (call instanceof RpcCall.UpdateLocalConfiguration local) {
        if (local.config().length() <= MAX_CONFIGURATION_OCTETS) {
          localConfiguration = local.config();
        }
        stream.reply(token, new RpcReply.Done());
        registrations.onLocalConfiguration(EdgeConnection.this);
      }
    }

    @Override
    public void onEnd(RpcEnd end) {
      switch (end.cause()) {
        case PEER_MALFORMED, PEER_OVER_LIMIT -> {
          LOG.warn("{}: its calls make no sense: {}", EdgeConnection.this, end.detail());
          carrier.close("calls that make no sense");
        }
        case CLOSED, PEER_ENDED, PEER_ABORTED -> {
          if (state == State.REGISTERING) {
            after(REFUSED_NS, () -> carrier.close("the control stream ended before registration"));
          }
          // Later it says nothing: what ends a connection is the transport. [T] 6.6
        }
      }
    }
  }

  private void register(RpcServing stream, CallToken token, RpcCall.RegisterConnection call) {
    if (state != State.REGISTERING) {
      refuse(stream, token, Registrar.again("this connection is registered already"));
      return;
    }
    var made = registrations.registration(call);
    registration = made;
    var refusal = registrations.admit(this, made);
    if (refusal.isPresent()) {
      registration = null;
      refuse(stream, token, refusal.orElseThrow());
      return;
    }
    cancelDeadline();
    state = State.READY;
    LOG.info("{} registered", this);
    stream.reply(token, new RpcReply.Registered(registrations.details(made)));
    registrations.onReady(this);
  }

  private void refuse(RpcServing stream, CallToken token, ConnectionError error) {
    LOG.warn("{} refused: {}", carrier.remoteAddress(), error.cause());
    stream.reply(token, new RpcReply.RegistrationRefused(error));
    // Over HTTP/2 a connector that was refused waits until the edge hangs up. [T] 6.5
    after(REFUSED_NS, () -> carrier.close("refused"));
  }

  // ---- the rest of what a carrier tells

  @Override
  public void onRpcStream(Channel stream) {
    stream
        .pipeline()
        .addLast(new RpcServing(RpcServer.EDGE_STREAM, registrations.sessionCalls(this)));
  }

  @Override
  public void onDatagram(ByteBuf datagram) {
    if (state == State.READY || state == State.DRAINING) {
      registrations.onDatagram(this, datagram);
    }
  }

  @Override
  public void onClosed(String reason) {
    cancelDeadline();
    var was = state;
    state = State.CLOSED;
    if (registration == null) {
      LOG.debug("{} left without registering: {}", carrier.remoteAddress(), reason);
      registrations.onNeverRegistered(this);
      return;
    }
    LOG.info("{} closed{}: {}", this, was == State.DRAINING ? " after draining" : "", reason);
    registrations.onGone(this);
  }

  // ---- what the edge does with it

  /** Takes no new streams from now on; once those it has are over, or in three minutes, closes. */
  void drain(String why) {
    if (!carrier.eventLoop().inEventLoop()) {
      carrier.eventLoop().execute(() -> drain(why));
      return;
    }
    if (state == State.READY) {
      state = State.DRAINING;
      registrations.onDraining(this);
      after(DRAIN_NS, () -> carrier.close(why + ", and three minutes are over"));
    }
  }

  /** Whether a new stream may be asked of it. */
  public boolean takesStreams() {
    return state == State.READY && !heldBack && carrier.isOpen();
  }

  /** Where it stands. */
  public State state() {
    return state;
  }

  /** A stream is about to be asked of it. */
  void asked(long nowNs) {
    lastAskedNs = nowNs;
  }

  /** When a stream was last asked of it; for order. */
  long lastAsked() {
    return lastAskedNs;
  }

  /** What carries it. */
  public EdgeCarrier carrier() {
    return carrier;
  }

  /** Counts connections; for order. */
  long number() {
    return number;
  }

  /** What it said; only of a connection that is, or was, registered. */
  public Registration registration() {
    var known = registration;
    if (known == null) {
      throw new IllegalStateException("not registered");
    }
    return known;
  }

  /** It takes no stream until it is released: its configuration would refuse it. */
  void holdBack() {
    heldBack = true;
  }

  /** Whether it is held back. */
  boolean isHeldBack() {
    return heldBack;
  }

  /** Its configuration is settled. */
  void release() {
    heldBack = false;
  }

  /** It has told which configuration it runs. */
  void runs(int version) {
    configurationVersion = version;
  }

  /** The version of the configuration it runs, as it told last; empty if it was pushed none. */
  public OptionalInt configurationVersion() {
    var known = configurationVersion;
    return known < 0 ? OptionalInt.empty() : OptionalInt.of(known);
  }

  /** What the connector said it was configured with, JSON. */
  public Optional<Octets> localConfiguration() {
    return Optional.ofNullable(localConfiguration);
  }

  private void after(long delayNs, Runnable action) {
    cancelDeadline();
    deadline = carrier.eventLoop().schedule(action, delayNs, TimeUnit.NANOSECONDS);
  }

  private void cancelDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  @Override
  public String toString() {
    var known = registration;
    if (known == null) {
      return "connection from " + carrier.remoteAddress();
    }
    return "connector "
        + known.connectorId()
        + " #"
        + known.call().connIndex()
        + " ("
        + known.version()
        + ", "
        + carrier.protocol()
        + ", "
        + carrier.remoteAddress()
        + ") of tunnel "
        + known.tunnelId();
  }
}
