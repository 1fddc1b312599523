package io.vpc4j.tunnel.udp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.carrier.EdgeCarrier;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.session.DatagramVersion;
import io.vpc4j.tunnel.session.EdgeSessionEffect;
import io.vpc4j.tunnel.session.EdgeSessions;
import io.vpc4j.tunnel.session.SessionLimits;
import io.vpc4j.tunnel.stream.datagram.Datagram;
import io.vpc4j.tunnel.stream.datagram.DatagramV2;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The UDP sessions of one connection, as channels. {@link #open} may be called from any thread;
 * everything else, and every event of a channel, is on the carrier's loop.
 */
public final class UdpSessions {

  /** A session that is being opened. */
  private record Opening(
      Promise<Channel> promise,
      ChannelHandler initializer,
      InetSocketAddress remote,
      SessionTrace trace) {}

  private final EdgeCarrier carrier;
  private final CarrierContext context;
  private final DatagramVersion version;
  private final EdgeSessions sessions;
  private final Map<UUID, Opening> openings = new HashMap<>();
  private final Map<UUID, UdpSessionChannel> channels = new HashMap<>();
  private @Nullable ScheduledFuture<?> timer;
  private long malformed;

  /**
   * Begins with none.
   *
   * @param version as the connector's features say
   * @param ids chance
   */
  public UdpSessions(
      EdgeCarrier carrier,
      CarrierContext context,
      DatagramVersion version,
      SessionLimits limits,
      Supplier<UUID> ids) {
    this.carrier = carrier;
    this.context = context;
    this.version = version;
    this.sessions = new EdgeSessions(version, limits, ids);
  }

  // ---- for whoever wants a session

  /**
   * Opens a session.
   *
   * @param initializer added before the channel's first event
   * @param deadlineNs when it must be there, on the context's ticker
   * @return a {@link UdpSessionChannel}; fails with {@link UdpRefused}. Cancelling it leaves
   *     nothing behind
   */
  public Future<Channel> open(
      IpAddress address, int port, ChannelHandler initializer, long deadlineNs) {
    return open(address, port, SessionTrace.NONE, initializer, deadlineNs);
  }

  /**
   * As the other, as a part of a trace.
   *
   * @param trace of no account unless {@link #takesTraces}
   */
  public Future<Channel> open(
      IpAddress address,
      int port,
      SessionTrace trace,
      ChannelHandler initializer,
      long deadlineNs) {
    Promise<Channel> promise = carrier.eventLoop().newPromise();
    carrier
        .eventLoop()
        .execute(
            () -> {
              if (!promise.isDone()) { // else it was cancelled on its way here
                begin(address, port, trace, initializer, deadlineNs, promise);
              }
            });
    return promise;
  }

  private void begin(
      IpAddress address,
      int port,
      SessionTrace trace,
      ChannelHandler initializer,
      long deadlineNs,
      Promise<Channel> promise) {
    var id = sessions.open(address, port, 0, trace.context(), deadlineNs, nowNs());
    var remote = new InetSocketAddress(address.toInetAddress(), port);
    openings.put(id, new Opening(promise, initializer, remote, trace));
    promise.addListener(
        done -> {
          if (done.isCancelled()) {
            carrier.eventLoop().execute(() -> onCancelled(id));
          }
        });
    act();
  }

  private void onCancelled(UUID id) {
    if (openings.remove(id) != null) {
      close(id, "cancelled");
    }
  }

  /** Whether the connector can be told of a trace: version 3 has no place for it. [T] 4.10 */
  public boolean takesTraces() {
    return version == DatagramVersion.V2;
  }

  // ---- for the connection

  /** A datagram has come; it stays the caller's. */
  public void onDatagram(ByteBuf datagram) {
    try {
      var received = sessions.onDatagram(datagram.nioBuffer(), nowNs());
      act(); // it may have opened its session
      var channel = received == null ? null : channels.get(received.sessionId());
      if (received != null && channel != null) {
        channel.onPayload(received.payload());
      }
    } catch (Malformed e) {
      malformed++; // dropped: a datagram promises nothing
    }
  }

  /** The connector has ended a session by a call. */
  public void onUnregistered(RpcCall.UnregisterUdpSession call) {
    sessions.onUnregistered(call.sessionId(), call.message());
    act();
  }

  /** The connection is closed. */
  public void onClosed(String reason) {
    sessions.onConnectionLost(reason);
    act();
  }

  /** Sessions that are open or being opened. */
  public int size() {
    return sessions.size();
  }

  /** Datagrams that were dropped because they were none. */
  public long malformed() {
    return malformed;
  }

  // ---- for a channel

  /** Sends a payload of 1,280 octets at most; it is lost if its session is gone. */
  void send(UUID id, ByteBuffer payload) {
    var datagram = sessions.payload(id, payload, nowNs());
    if (datagram != null) {
      send(datagram);
    }
  }

  /** The largest payload that travels now, 1,280 octets at most. */
  int maxPayloadOctets() {
    var room = carrier.maxDatagramOctets() - sessions.payloadHeadOctets();
    return Math.max(0, Math.min(DatagramV2.MAX_PAYLOAD_OCTETS, room));
  }

  /** Nobody needs a session any more. */
  void close(UUID id, String reason) {
    channels.remove(id);
    sessions.close(id, reason);
    act();
  }

  EdgeCarrier carrier() {
    return carrier;
  }

  // ---- what the sessions want

  /** A payload that only puts an end off has no effect, and leaves the timer where it is. */
  private void act() {
    var effect = sessions.poll();
    if (effect == null && timer != null) {
      return;
    }
    for (; effect != null; effect = sessions.poll()) {
      if (effect instanceof EdgeSessionEffect.Send it) {
        send(it.datagram());
      } else if (effect instanceof EdgeSessionEffect.Register it) {
        register(it.sessionId(), it.call());
      } else if (effect instanceof EdgeSessionEffect.Unregister it) {
        // the session is gone here, whatever comes of the call
        carrier.openRpc(new SessionCall(it.call(), reply -> {}, why -> {}));
      } else if (effect instanceof EdgeSessionEffect.Opened it) {
        onOpened(it.sessionId());
      } else if (effect instanceof EdgeSessionEffect.Refused it) {
        var opening = openings.remove(it.sessionId());
        if (opening != null) {
          opening.promise().tryFailure(new UdpRefused(it.refusal()));
        }
      } else if (effect instanceof EdgeSessionEffect.Closed it) {
        var channel = channels.remove(it.sessionId());
        if (channel != null) {
          channel.close();
        }
      }
    }
    setTimer();
  }

  private void send(Datagram datagram) {
    var octets = datagram.octets();
    var out = context.allocator().buffer(octets, octets);
    datagram.write(out.nioBuffer(0, octets));
    carrier.sendDatagram(out.writerIndex(octets));
  }

  private void onOpened(UUID id) {
    var opening = openings.remove(id);
    if (opening == null) {
      close(id, "cancelled");
      return;
    }
    var channel = new UdpSessionChannel(this, id, opening.remote());
    channels.put(id, channel);
    channel.pipeline().addLast(opening.initializer());
    carrier
        .eventLoop()
        .register(channel)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                opening.promise().tryFailure(done.cause());
              } else if (!opening.promise().trySuccess(channel)) {
                channel.close();
              }
            });
  }

  private void register(UUID id, RpcCall call) {
    var handler =
        new SessionCall(call, reply -> onRegistered(id, reply), why -> onNotRegistered(id, why));
    carrier
        .openRpc(handler)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                onNotRegistered(id, "the call could not be made, " + done.cause().getMessage());
              }
            });
  }

  private void onRegistered(UUID id, RpcReply reply) {
    if (reply instanceof RpcReply.UdpSessionRegistered registered) {
      var opening = openings.get(id);
      if (opening != null && registered.spans().length() > 0) {
        opening.trace().onSpans().accept(registered.spans());
      }
      sessions.onRegistered(id, registered, nowNs());
      act();
    }
  }

  private void onNotRegistered(UUID id, String why) {
    sessions.onRegistrationFailed(id, why);
    act();
  }

  // ---- time

  private void setTimer() {
    var waitNs = sessions.waitNs(nowNs());
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    if (waitNs != Long.MAX_VALUE) {
      timer = carrier.eventLoop().schedule(this::onTime, waitNs, TimeUnit.NANOSECONDS);
    }
  }

  private void onTime() {
    timer = null;
    sessions.onTime(nowNs());
    act();
  }

  private long nowNs() {
    return context.ticker().nowNs();
  }
}
