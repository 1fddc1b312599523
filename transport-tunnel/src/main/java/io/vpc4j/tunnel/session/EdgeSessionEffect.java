package io.vpc4j.tunnel.session;

import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.stream.datagram.Datagram;
import java.util.UUID;

/** What {@link EdgeSessions} wants done, and what it has to say. */
public sealed interface EdgeSessionEffect {

  /** A datagram is to be sent; if it cannot be, it is lost. */
  record Send(Datagram datagram) implements EdgeSessionEffect {}

  /**
   * A session is to be registered by a call, whose outcome is told by {@link
   * EdgeSessions#onRegistered} or {@link EdgeSessions#onRegistrationFailed}: within 5 s, since no
   * stream of RPC lives longer. [T] 4.6
   */
  record Register(UUID sessionId, RpcCall.RegisterUdpSession call) implements EdgeSessionEffect {}

  /** A session is to be unregistered by a call, whose outcome does not matter. */
  record Unregister(RpcCall.UnregisterUdpSession call) implements EdgeSessionEffect {}

  /** A session is there: payloads may be sent. */
  record Opened(UUID sessionId) implements EdgeSessionEffect {}

  /** A session is not there, and is forgotten. */
  record Refused(UUID sessionId, Refusal refusal) implements EdgeSessionEffect {}

  /**
   * A session that was there has ended, and is forgotten.
   *
   * @param reason for people
   */
  record Closed(UUID sessionId, String reason) implements EdgeSessionEffect {}
}
