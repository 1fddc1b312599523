package io.vpc4j.tunnel.session;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.stream.datagram.Datagram;
import io.vpc4j.tunnel.stream.datagram.DatagramV2;
import io.vpc4j.tunnel.stream.datagram.DatagramV3;
import io.vpc4j.tunnel.stream.datagram.DatagramV3.Response.Code;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A connector's UDP sessions on one connection: a connected socket each. [T] 4.7, 4.9, 4.10, 7.4
 *
 * <p>A session of version 2 is registered by a call; the edge's call or its idle time ends it, and
 * then the edge is told. One of version 3 is registered by a datagram, which is answered each time
 * it comes, and its idle time ends it without a word.
 *
 * <p>After any input poll effects until null, and come back no later than {@link #waitNs} from
 * then; a payload, either way, only puts that off. No I/O, no clock. Not safe for use by many
 * threads.
 */
public final class ConnectorSessions {

  /** What real connectors say of too many flows. [T] 4.7 */
  public static final String TOO_MANY_FLOWS =
      "failed to start udp session due to rate limiting: too many active flows";

  /** What real connectors say of a call where datagrams are of version 3. [T] 4.7 */
  public static final String WRONG_VERSION = "datagram v3 does not support RegisterUdpSession RPC";

  private static final long NANOS = 1_000_000_000L;

  /** Why a socket could not be had. */
  public enum DialFailure {
    /** There are as many flows as there may be. [T] 7.6 */
    TOO_MANY_FLOWS,
    /** Anything else. */
    FAILED
  }

  /** One session. */
  private static final class Session {
    final UUID id;
    final long idleNs;
    Stage stage = Stage.DIALLING;
    long lastActivityNs;

    Session(UUID id, long idleNs, long nowNs) {
      this.id = id;
      this.idleNs = idleNs;
      this.lastActivityNs = nowNs;
    }
  }

  private enum Stage {
    DIALLING,
    OPEN
  }

  private final DatagramVersion version;
  private final SessionLimits limits;
  private final Map<UUID, Session> sessions = new HashMap<>();
  private final ArrayDeque<ConnectorSessionEffect> effects = new ArrayDeque<>();

  /** Begins with none. */
  public ConnectorSessions(DatagramVersion version, SessionLimits limits) {
    this.version = version;
    this.limits = limits;
  }

  // ---- inputs from the edge

  /** The edge's call; it is answered by {@link ConnectorSessionEffect.Reply}, once. */
  public void onRegister(RpcCall.RegisterUdpSession call, long nowNs) {
    if (version == DatagramVersion.V3) {
      reply(call.sessionId(), WRONG_VERSION);
    } else if (sessions.containsKey(call.sessionId())) {
      reply(call.sessionId(), "the session is registered already");
    } else if (sessions.size() >= limits.maxSessions()) {
      reply(call.sessionId(), TOO_MANY_FLOWS);
    } else {
      begin(call.sessionId(), call.address(), call.port(), idleNs(call.closeAfterIdleNs()), nowNs);
    }
  }

  /** The edge's other call; an unknown session is of no account. [T] 4.7 */
  public void onUnregister(RpcCall.UnregisterUdpSession call) {
    var session = sessions.remove(call.sessionId());
    if (session != null) {
      if (session.stage == Stage.DIALLING) {
        reply(session.id, "unregistered: " + call.message());
      }
      effects.add(new ConnectorSessionEffect.Close(session.id, call.message()));
    }
  }

  /**
   * A datagram has come.
   *
   * @return the payload it held for a socket; null if it held something else, or came for a session
   *     that has no socket: then it is lost
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
    if (read instanceof DatagramV3.Registration registration) {
      onRegistration(registration, nowNs);
    }
    return null;
  }

  private @Nullable Received onPayload(UUID sessionId, ByteBuffer payload, long nowNs) {
    var session = sessions.get(sessionId);
    if (session == null || session.stage != Stage.OPEN) {
      return null;
    }
    session.lastActivityNs = nowNs;
    return new Received(sessionId, payload);
  }

  /** Repeated, it is answered again and counts as activity. [T] 4.10 */
  private void onRegistration(DatagramV3.Registration registration, long nowNs) {
    var session = sessions.get(registration.requestId());
    if (session != null) {
      session.lastActivityNs = nowNs;
      if (session.stage == Stage.OPEN) {
        respond(session.id, Code.OK);
      } // else it is answered when the socket is there
    } else if (sessions.size() >= limits.maxSessions()) {
      respond(registration.requestId(), Code.TOO_MANY_FLOWS);
    } else {
      begin(
          registration.requestId(),
          registration.address(),
          registration.port(),
          idleNs(registration.idleSeconds() * NANOS),
          nowNs);
    }
  }

  // ---- inputs from us

  /** The socket is there. */
  public void onDialed(UUID sessionId, long nowNs) {
    var session = sessions.get(sessionId);
    if (session == null) {
      effects.add(new ConnectorSessionEffect.Close(sessionId, "nobody wants it any more"));
      return;
    }
    session.stage = Stage.OPEN;
    session.lastActivityNs = nowNs;
    if (version == DatagramVersion.V2) {
      reply(sessionId, "");
    } else {
      respond(sessionId, Code.OK);
    }
  }

  /** There is no socket. */
  public void onDialFailed(UUID sessionId, DialFailure failure, String detail) {
    var session = sessions.remove(sessionId);
    if (session == null) {
      return;
    }
    var tooMany = failure == DialFailure.TOO_MANY_FLOWS;
    if (version == DatagramVersion.V2) {
      reply(sessionId, tooMany ? TOO_MANY_FLOWS : detail);
    } else {
      respond(sessionId, tooMany ? Code.TOO_MANY_FLOWS : Code.UNABLE_TO_BIND);
    }
  }

  /**
   * The origin has sent a payload.
   *
   * @return the datagram that holds it; null if it is larger than 1,280 octets, or its session is
   *     gone: it is lost. [T] 7.4
   */
  public @Nullable Datagram payload(UUID sessionId, ByteBuffer payload, long nowNs) {
    var session = sessions.get(sessionId);
    if (session == null || session.stage != Stage.OPEN) {
      return null;
    }
    if (payload.remaining() > DatagramV2.MAX_PAYLOAD_OCTETS) {
      return null;
    }
    session.lastActivityNs = nowNs;
    return version == DatagramVersion.V2
        ? new DatagramV2.Udp(sessionId, payload)
        : new DatagramV3.Payload(sessionId, payload);
  }

  /** The socket is broken. */
  public void onSocketClosed(UUID sessionId, String reason) {
    var session = sessions.get(sessionId);
    if (session != null && session.stage == Stage.OPEN) {
      end(session, reason);
    } else {
      onDialFailed(sessionId, DialFailure.FAILED, reason);
    }
  }

  /** The connection is lost: every socket is closed. */
  public void onConnectionLost() {
    for (var session : List.copyOf(sessions.values())) {
      sessions.remove(session.id);
      effects.add(new ConnectorSessionEffect.Close(session.id, "the connection is lost"));
    }
  }

  /** Time has passed. */
  public void onTime(long nowNs) {
    for (var session : List.copyOf(sessions.values())) {
      if (session.stage == Stage.OPEN && nowNs - session.lastActivityNs >= session.idleNs) {
        end(session, "session idle for " + text(session.idleNs));
      }
    }
  }

  // ---- outputs

  /** What is to be done, in this order; null if nothing more is. */
  public @Nullable ConnectorSessionEffect poll() {
    return effects.poll();
  }

  /** How long {@link #onTime} may be put off; {@link Long#MAX_VALUE} if no session is open. */
  public long waitNs(long nowNs) {
    var wait = Long.MAX_VALUE;
    for (var session : sessions.values()) {
      if (session.stage == Stage.OPEN) {
        wait = Math.min(wait, session.lastActivityNs + session.idleNs - nowNs);
      }
    }
    return Math.max(0, wait);
  }

  /** Sessions that are open or being opened. */
  public int size() {
    return sessions.size();
  }

  // ---- steps

  private long idleNs(long asked) {
    return asked == 0 ? limits.defaultIdleNs() : Math.min(asked, SessionLimits.MAX_IDLE_NS);
  }

  private void begin(UUID id, IpAddress address, int port, long idleNs, long nowNs) {
    sessions.put(id, new Session(id, idleNs, nowNs));
    effects.add(new ConnectorSessionEffect.Dial(id, address, port));
  }

  private void end(Session session, String reason) {
    sessions.remove(session.id);
    effects.add(new ConnectorSessionEffect.Close(session.id, reason));
    if (version == DatagramVersion.V2) {
      effects.add(
          new ConnectorSessionEffect.Unregister(
              new RpcCall.UnregisterUdpSession(session.id, reason)));
    }
  }

  private void reply(UUID sessionId, String error) {
    effects.add(
        new ConnectorSessionEffect.Reply(
            sessionId, new RpcReply.UdpSessionRegistered(error, Octets.EMPTY)));
  }

  private void respond(UUID sessionId, Code code) {
    effects.add(new ConnectorSessionEffect.Send(new DatagramV3.Response(sessionId, code, "")));
  }

  /** Whole seconds and minutes as the reference implementation prints them: 2s, 3m30s. */
  private static String text(long ns) {
    var seconds = ns / NANOS;
    if (ns % NANOS != 0) {
      return ns + "ns";
    }
    return seconds < 60 ? seconds + "s" : seconds / 60 + "m" + seconds % 60 + "s";
  }
}
