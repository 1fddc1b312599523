package io.vpc4j.tunnel.connector;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.carrier.ConfigurationOutcome;
import io.vpc4j.tunnel.carrier.ConnectorCarrier;
import io.vpc4j.tunnel.carrier.ConnectorCarrierListener;
import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.connector.config.ConfigJson;
import io.vpc4j.tunnel.connector.serve.Serving;
import io.vpc4j.tunnel.connector.serve.UdpFlows;
import io.vpc4j.tunnel.connector.supervise.Command.Dial;
import io.vpc4j.tunnel.connector.supervise.Refusal;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.ConnectionDetails;
import io.vpc4j.tunnel.rpc.ConnectionDetails.Management;
import io.vpc4j.tunnel.rpc.ConnectionError;
import io.vpc4j.tunnel.rpc.ConnectionOptions;
import io.vpc4j.tunnel.rpc.ConnectionOptions.Replacement;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcReply;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection to an edge, from the dial to its end. [C] 6.9
 *
 * <p>Confined to the carrier's loop; what it tells its owner comes on that loop.
 */
final class Link implements ConnectorCarrierListener {

  /** How long any call may take. [C] 1.1 */
  private static final long CALL_NS = TimeUnit.SECONDS.toNanos(5);

  /** What a link tells the connector, on the carrier's loop. */
  interface Owner {
    /** The handshake is done. */
    void onUp(Link link);

    /** The edge took the registration. */
    void onRegistered(Link link, ConnectionDetails details);

    /** The edge refused it. */
    void onRefused(Link link, Refusal refusal);

    /** It is over. */
    void onDown(Link link, String reason);

    /** The number of requests under way, while leaving. */
    void onOpenStreams(Link link, int open);

    /** The edge has answered the unregistration, or will not. */
    void onUnregistered(Link link);

    /** Something that people may want to know. */
    void onNews(Link link, String sentence);

    /** Something that people should know. */
    void onTrouble(Link link, String sentence);
  }

  private final Dial dial;
  private final Identity identity;
  private final LiveConfig config;
  private final Map<String, String> flags;
  private final Serving serving;
  private final Owner owner;
  private volatile @Nullable ConnectorCarrier carrier; // written on the loop, read by any thread
  private @Nullable RpcCalling calls;
  private @Nullable UdpFlows udp;
  private int openStreams;
  private boolean leaving;
  private boolean registered;
  private volatile boolean down;

  /**
   * A link that is not up yet.
   *
   * @param flags what the edge is told of the command line
   */
  Link(
      Dial dial,
      Identity identity,
      LiveConfig config,
      Map<String, String> flags,
      Serving serving,
      Owner owner) {
    this.dial = dial;
    this.identity = identity;
    this.config = config;
    this.flags = flags;
    this.serving = serving;
    this.owner = owner;
  }

  Dial dial() {
    return dial;
  }

  // ---- the control stream

  @Override
  public void onControlStream(ConnectorCarrier carrier, Channel control) {
    this.carrier = carrier;
    if (carrier.carriesDatagrams()) {
      udp = new UdpFlows(serving.udp(), carrier, ended -> tellEnd(carrier, ended));
    }
    owner.onUp(this);
    var calling = new RpcCalling(() -> onControlEnd());
    calls = calling;
    control.pipeline().addLast(calling);
    calling
        .call(registration(carrier), CALL_NS)
        .addListener((Future<RpcReply> answer) -> onAnswer(answer));
  }

  private RpcCall registration(ConnectorCarrier carrier) {
    var options =
        new ConnectionOptions(
            identity.client(),
            sixteen(carrier.localAddress().getAddress()),
            Replacement.NOT_ASKED,
            0,
            dial.previousAttempts());
    return new RpcCall.RegisterConnection(
        identity.auth(), identity.tunnelId(), dial.index(), options);
  }

  /** An address in 16 octets, an IPv4 one mapped. [C] 6.1 */
  private static Octets sixteen(InetAddress address) {
    var octets = address.getAddress();
    if (octets.length == 16) {
      return Octets.of(octets);
    }
    var mapped = new byte[16];
    mapped[10] = (byte) 0xff;
    mapped[11] = (byte) 0xff;
    System.arraycopy(octets, 0, mapped, 12, 4);
    return Octets.of(mapped);
  }

  private void onAnswer(Future<RpcReply> answer) {
    if (!answer.isSuccess()) {
      close("registration failed: " + answer.cause().getMessage());
      return;
    }
    var reply = answer.getNow();
    if (reply instanceof RpcReply.Registered taken) {
      registered = true;
      owner.onRegistered(this, taken.details());
      if (dial.index() == 0 && taken.details().management() == Management.LOCAL) {
        showConfiguration();
      }
    } else if (reply instanceof RpcReply.RegistrationRefused refused) {
      owner.onRefused(this, refusal(refused.error()));
    }
  }

  private static Refusal refusal(ConnectionError error) {
    return new Refusal(
        error.cause(),
        error.retry() == ConnectionError.Retry.MAY_HELP
            ? Refusal.Retry.WORTHWHILE
            : Refusal.Retry.POINTLESS,
        Duration.ofNanos(Math.max(0, error.retryAfterNs())));
  }

  private void showConfiguration() {
    var json = ConfigJson.local(config.local(), flags);
    calls()
        .call(new RpcCall.UpdateLocalConfiguration(Octets.ofUtf8(json)), CALL_NS)
        .addListener(
            (Future<RpcReply> answer) -> {
              if (!answer.isSuccess()) {
                owner.onTrouble(
                    this,
                    "the edge did not take the local configuration: "
                        + answer.cause().getMessage());
              }
            });
  }

  private RpcCalling calls() {
    if (calls == null) {
      throw new IllegalStateException("no control stream");
    }
    return calls;
  }

  /** The end of the control stream alone has no effect once registered. [C] 6.6 */
  private void onControlEnd() {
    if (!registered) {
      close("the edge ended the control stream");
    }
  }

  // ---- leaving

  /** Tells the edge that no new stream is wanted; from then on the owner hears of open streams. */
  void unregister(long timeoutNs) {
    onLoop(
        () -> {
          leaving = true;
          owner.onOpenStreams(this, openStreams);
          calls()
              .call(new RpcCall.UnregisterConnection(), timeoutNs)
              .addListener(
                  answer -> {
                    calls().close();
                    owner.onUnregistered(this);
                  });
        });
  }

  /** Closes the connection. */
  void close(String reason) {
    onLoop(
        () -> {
          if (carrier != null) {
            carrier.close(reason);
          }
        });
  }

  private void onLoop(Runnable action) {
    var up = carrier;
    if (up == null || down) {
      return;
    }
    if (up.eventLoop().inEventLoop()) {
      action.run();
    } else {
      up.eventLoop().execute(action);
    }
  }

  // ---- what the edge wants

  @Override
  public void onRequest(IncomingStream stream) {
    openStreams++;
    tellOpenStreams();
    stream
        .channel()
        .closeFuture()
        .addListener(
            closed -> {
              openStreams--;
              tellOpenStreams();
            });
    serving.serve(stream);
  }

  private void tellOpenStreams() {
    if (leaving) {
      owner.onOpenStreams(this, openStreams);
    }
  }

  @Override
  public void onRpcStream(Channel stream) {
    stream.pipeline().addLast(new RpcAnswering(this::answer));
  }

  private Future<RpcReply> answer(RpcCall call) {
    var loop = carrier().orElseThrow().eventLoop();
    if (call instanceof RpcCall.UpdateConfiguration pushed) {
      var outcome = update(pushed.version(), pushed.config().toArray());
      return loop.newSucceededFuture(
          new RpcReply.ConfigurationUpdated(
              outcome.lastAppliedVersion(), outcome.error().orElse("")));
    }
    if (call instanceof RpcCall.RegisterUdpSession session) {
      return udp == null
          ? loop.newSucceededFuture(
              new RpcReply.UdpSessionRegistered(
                  "this connection carries no datagrams", Octets.EMPTY))
          : udp.register(session);
    }
    if (call instanceof RpcCall.UnregisterUdpSession session && udp != null) {
      udp.unregister(session);
    }
    return loop.newSucceededFuture(new RpcReply.Done());
  }

  /** Tells the edge, with a stream of its own, that a session has ended. [C] 4.9 */
  private void tellEnd(ConnectorCarrier carrier, RpcCall.UnregisterUdpSession ended) {
    var calling = new RpcCalling(() -> {});
    carrier
        .openRpc(calling)
        .addListener(
            (Future<Channel> opened) -> {
              if (opened.isSuccess()) {
                calling
                    .call(ended, CALL_NS)
                    .addListener(
                        answer -> {
                          calling.close();
                          opened.getNow().close();
                        });
              }
            });
  }

  @Override
  public void onConfiguration(int version, byte[] json, Consumer<ConfigurationOutcome> answer) {
    answer.accept(update(version, json));
  }

  private ConfigurationOutcome update(int version, byte[] json) {
    var before = config.current().version();
    var outcome = config.update(version, json);
    if (outcome.error().isPresent()) {
      owner.onTrouble(
          this, "configuration " + version + " was not taken: " + outcome.error().get());
    } else if (outcome.lastAppliedVersion() > before) {
      owner.onNews(this, "Updated to new configuration version=" + version);
    }
    return outcome;
  }

  @Override
  public void onDatagram(ByteBuf datagram) {
    if (udp != null) {
      udp.onDatagram(datagram);
    }
  }

  @Override
  public void onClosed(String reason) {
    down = true;
    if (udp != null) {
      udp.close();
    }
    owner.onDown(this, reason);
  }

  /** How it stands, as far as that is known. */
  Optional<ConnectorCarrier> carrier() {
    return Optional.ofNullable(carrier);
  }
}
