package io.vpc4j.tunnel.session;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.stream.datagram.Datagram;
import io.vpc4j.tunnel.stream.datagram.DatagramV2;
import io.vpc4j.tunnel.stream.datagram.DatagramV3;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The edge's UDP sessions on one connection. [T] 4.7, 4.9, 4.10
 *
 * <p>A session of version 2 is registered by a call, and either end unregisters it. One of version
 * 3 is registered by a datagram, which is repeated until there is an answer or its deadline; it
 * ends by being idle, or with its connection. No payload goes with a registration: connectors throw
 * it away.
 *
 * <p>After any input poll effects until null, and come back no later than {@link #waitNs} from
 * then; a payload, either way, only puts that off. No I/O, no clock. Not safe for use by many
 * threads.
 */
public final class EdgeSessions {

  private static final long NANOS = 1_000_000_000L;

  /** One session. */
  private static final class Session {
    final UUID id;
    final long idleNs;
    State state;

    Session(UUID id, long idleNs, State state) {
      this.id = id;
      this.idleNs = idleNs;
      this.state = state;
    }
  }

  /** Where it stands. */
  private sealed interface State {
    /** Its registration is on its way as a call. */
    record Calling(long deadlineNs) implements State {}

    /** As {@link Calling}, and nobody wants it any more. */
    record Unwanted(long deadlineNs, String reason) implements State {}

    /** Its registration is sent now and then. */
    record Sending(
        DatagramV3.Registration registration, long deadlineNs, long nextNs, long intervalNs)
        implements State {}

    /** It is there. */
    record Open(long lastActivityNs) implements State {}
  }

  private final DatagramVersion version;
  private final SessionLimits limits;
  private final Supplier<UUID> ids;
  private final Map<UUID, Session> sessions = new HashMap<>();
  private final ArrayDeque<EdgeSessionEffect> effects = new ArrayDeque<>();

  /**
   * Begins with none.
   *
   * @param ids chance: each id is used once
   */
  public EdgeSessions(DatagramVersion version, SessionLimits limits, Supplier<UUID> ids) {
    this.version = version;
    this.limits = limits;
    this.ids = ids;
  }

  // ---- inputs from us

  /**
   * Opens a session; what becomes of it is told by {@link EdgeSessionEffect.Opened} or {@link
   * EdgeSessionEffect.Refused}.
   *
   * @param port 0 to 65,535
   * @param idleNs when it ends if nothing is sent or received; 0 for {@link
   *     SessionLimits#defaultIdleNs}. Version 3 counts whole seconds, up to 65,535: it is rounded
   *     up
   * @param deadlineNs when it must be there
   */
  public UUID open(IpAddress address, int port, long idleNs, long deadlineNs, long nowNs) {
    return open(address, port, idleNs, "", deadlineNs, nowNs);
  }

  /**
   * As the other, as a part of a trace.
   *
   * @param traceContext {@code trace:span:parent:flags} in hex, or empty; version 3 has no place
   *     for it
   */
  public UUID open(
      IpAddress address, int port, long idleNs, String traceContext, long deadlineNs, long nowNs) {
    var id = ids.get();
    if (sessions.size() >= limits.maxSessions()) {
      refuse(id, Refusal.Cause.LIMIT, limits.maxSessions() + " sessions are open");
      return id;
    }
    if (version == DatagramVersion.V2) {
      var asked =
          idleNs == 0 ? limits.defaultIdleNs() : Math.min(idleNs, SessionLimits.MAX_IDLE_NS);
      sessions.put(id, new Session(id, asked, new State.Calling(deadlineNs)));
      effects.add(
          new EdgeSessionEffect.Register(
              id, new RpcCall.RegisterUdpSession(id, address, port, asked, traceContext)));
      return id;
    }
    var seconds = seconds(idleNs == 0 ? limits.defaultIdleNs() : idleNs);
    var registration = new DatagramV3.Registration(id, address, port, seconds);
    var session =
        new Session(
            id,
            seconds * NANOS,
            new State.Sending(registration, deadlineNs, nowNs, limits.firstRetransmitNs()));
    sessions.put(id, session);
    send(session, nowNs);
    return id;
  }

  private static int seconds(long idleNs) {
    var seconds = (idleNs + NANOS - 1) / NANOS;
    return (int) Math.min(Math.max(seconds, 1), 0xffff);
  }

  /**
   * A payload to be sent.
   *
   * @param payload 0 to 1,280 octets
   * @return the datagram that holds it; null if the session is not open: the payload is lost
   */
  public @Nullable Datagram payload(UUID sessionId, ByteBuffer payload, long nowNs) {
    var session = sessions.get(sessionId);
    if (session == null || !(session.state instanceof State.Open)) {
      return null;
    }
    session.state = new State.Open(nowNs);
    return version == DatagramVersion.V2
        ? new DatagramV2.Udp(sessionId, payload)
        : new DatagramV3.Payload(sessionId, payload);
  }

  /** What a datagram has beside its payload. [T] 4.9, 4.10 */
  public int payloadHeadOctets() {
    return version == DatagramVersion.V2
        ? DatagramV2.UDP_OVERHEAD_OCTETS
        : DatagramV3.PAYLOAD_OVERHEAD_OCTETS;
  }

  /** Ends a session; nothing more is heard of it. */
  public void close(UUID sessionId, String reason) {
    var session = sessions.get(sessionId);
    if (session == null) {
      return;
    }
    if (session.state instanceof State.Calling calling) {
      // the connector may have it already: it is unregistered once the call is answered
      session.state = new State.Unwanted(calling.deadlineNs(), reason);
    } else if (!(session.state instanceof State.Unwanted)) {
      forget(session, reason);
    }
  }

  // ---- inputs from the connector

  /**
   * A datagram has come.
   *
   * @return the payload it held for a session; null if it held something else
   * @throws Malformed if it is none of this version: it is to be counted and dropped
   */
  public @Nullable Received onDatagram(ByteBuffer datagram, long nowNs) throws Malformed {
    if (version == DatagramVersion.V2) {
      return DatagramV2.read(datagram) instanceof DatagramV2.Udp udp
          ? onPayload(udp.sessionId(), udp.payload(), nowNs)
          : null;
    }
    var read = DatagramV3.read(datagram);
    if (read instanceof DatagramV3.Payload payload) {
      return onPayload(payload.requestId(), payload.payload(), nowNs);
    }
    if (read instanceof DatagramV3.Response response) {
      onResponse(response, nowNs);
    }
    return null;
  }

  private @Nullable Received onPayload(UUID sessionId, ByteBuffer payload, long nowNs) {
    var session = sessions.get(sessionId);
    if (session == null || session.state instanceof State.Unwanted) {
      return null;
    }
    if (session.state instanceof State.Sending) {
      opened(session, nowNs); // its answer was lost, or is behind
    } else if (session.state instanceof State.Open) {
      session.state = new State.Open(nowNs);
    } else {
      return null; // a call tells whether it is there
    }
    return new Received(sessionId, payload);
  }

  private void onResponse(DatagramV3.Response response, long nowNs) {
    var session = sessions.get(response.requestId());
    if (session == null || !(session.state instanceof State.Sending)) {
      return; // the answer to a repetition
    }
    var text = response.message().isEmpty() ? response.code().toString() : response.message();
    switch (response.code()) {
      case OK -> opened(session, nowNs);
      case DESTINATION_UNREACHABLE, UNABLE_TO_BIND ->
          drop(session, Refusal.Cause.UNREACHABLE, text);
      case TOO_MANY_FLOWS -> drop(session, Refusal.Cause.TOO_MANY_FLOWS, text);
      case OTHER -> drop(session, Refusal.Cause.FAILED, text);
    }
  }

  /** The call of {@link EdgeSessionEffect.Register} was answered. */
  public void onRegistered(UUID sessionId, RpcReply.UdpSessionRegistered reply, long nowNs) {
    if (!reply.error().isEmpty()) {
      onRegistrationFailed(sessionId, reply.error());
      return;
    }
    var session = sessions.get(sessionId);
    if (session == null) {
      unregister(sessionId, "the answer came too late");
    } else if (session.state instanceof State.Unwanted unwanted) {
      forget(session, unwanted.reason());
    } else if (session.state instanceof State.Calling) {
      opened(session, nowNs);
    }
  }

  /** The call of {@link EdgeSessionEffect.Register} failed, or was answered with an error. */
  public void onRegistrationFailed(UUID sessionId, String error) {
    var session = sessions.get(sessionId);
    if (session == null) {
      return;
    }
    if (session.state instanceof State.Unwanted) {
      sessions.remove(sessionId);
    } else if (session.state instanceof State.Calling) {
      drop(session, causeOf(error), error);
    }
  }

  /** The words of real connectors. [T] 4.7, 7.7 */
  private static Refusal.Cause causeOf(String error) {
    if (error.contains("too many active flows")) {
      return Refusal.Cause.TOO_MANY_FLOWS;
    }
    return error.contains("network is unreachable") || error.contains("no route to host")
        ? Refusal.Cause.UNREACHABLE
        : Refusal.Cause.FAILED;
  }

  /** The connector has ended a session, by a call. An unknown one is of no account. */
  public void onUnregistered(UUID sessionId, String message) {
    var session = sessions.remove(sessionId);
    if (session == null || session.state instanceof State.Unwanted) {
      return;
    }
    if (session.state instanceof State.Open) {
      effects.add(new EdgeSessionEffect.Closed(sessionId, message));
    } else {
      refuse(sessionId, Refusal.Cause.FAILED, message);
    }
  }

  /** The connection is lost, and all its sessions with it. */
  public void onConnectionLost(String reason) {
    for (var session : List.copyOf(sessions.values())) {
      sessions.remove(session.id);
      if (session.state instanceof State.Open) {
        effects.add(new EdgeSessionEffect.Closed(session.id, reason));
      } else if (!(session.state instanceof State.Unwanted)) {
        refuse(session.id, Refusal.Cause.CONNECTION_LOST, reason);
      }
    }
  }

  /** Time has passed. */
  public void onTime(long nowNs) {
    for (var session : List.copyOf(sessions.values())) {
      if (nowNs - dueNs(session) >= 0) {
        onDue(session, nowNs);
      }
    }
  }

  private void onDue(Session session, long nowNs) {
    if (session.state instanceof State.Sending sending) {
      if (nowNs - sending.deadlineNs() >= 0) {
        drop(session, Refusal.Cause.TIMEOUT, "the connector did not answer the registration");
      } else {
        send(session, nowNs);
      }
    } else if (session.state instanceof State.Calling) {
      drop(session, Refusal.Cause.TIMEOUT, "the connector did not answer the call");
    } else if (session.state instanceof State.Unwanted) {
      sessions.remove(session.id);
    } else {
      effects.add(new EdgeSessionEffect.Closed(session.id, "idle"));
      forget(session, "idle");
    }
  }

  // ---- outputs

  /** What is to be done, in this order; null if nothing more is. */
  public @Nullable EdgeSessionEffect poll() {
    return effects.poll();
  }

  /** How long {@link #onTime} may be put off; {@link Long#MAX_VALUE} if there are no sessions. */
  public long waitNs(long nowNs) {
    var wait = Long.MAX_VALUE;
    for (var session : sessions.values()) {
      wait = Math.min(wait, dueNs(session) - nowNs);
    }
    return Math.max(0, wait);
  }

  /** Sessions that are open or being opened. */
  public int size() {
    return sessions.size();
  }

  // ---- steps

  private long dueNs(Session session) {
    if (session.state instanceof State.Sending sending) {
      return sending.deadlineNs() - sending.nextNs() < 0 ? sending.deadlineNs() : sending.nextNs();
    }
    if (session.state instanceof State.Calling calling) {
      return calling.deadlineNs();
    }
    if (session.state instanceof State.Unwanted unwanted) {
      return unwanted.deadlineNs();
    }
    var grace = version == DatagramVersion.V2 ? limits.idleGraceNs() : 0;
    return ((State.Open) session.state).lastActivityNs() + session.idleNs + grace;
  }

  private void send(Session session, long nowNs) {
    var sending = (State.Sending) session.state;
    session.state =
        new State.Sending(
            sending.registration(),
            sending.deadlineNs(),
            nowNs + sending.intervalNs(),
            Math.min(2 * sending.intervalNs(), limits.maxRetransmitNs()));
    effects.add(new EdgeSessionEffect.Send(sending.registration()));
  }

  private void opened(Session session, long nowNs) {
    session.state = new State.Open(nowNs);
    effects.add(new EdgeSessionEffect.Opened(session.id));
  }

  private void drop(Session session, Refusal.Cause cause, String detail) {
    sessions.remove(session.id);
    refuse(session.id, cause, detail);
  }

  private void refuse(UUID sessionId, Refusal.Cause cause, String detail) {
    effects.add(new EdgeSessionEffect.Refused(sessionId, new Refusal(cause, detail)));
  }

  private void forget(Session session, String reason) {
    sessions.remove(session.id);
    unregister(session.id, reason);
  }

  /** Version 3 has no way to say so: the connector's session ends by being idle. [T] 4.10 */
  private void unregister(UUID sessionId, String reason) {
    if (version == DatagramVersion.V2) {
      effects.add(
          new EdgeSessionEffect.Unregister(new RpcCall.UnregisterUdpSession(sessionId, reason)));
    }
  }
}
