package io.vpc4j.tunnel.session;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.rpc.RpcReply;
import io.vpc4j.tunnel.stream.datagram.Datagram;
import java.util.UUID;

/** What {@link ConnectorSessions} wants done. */
public sealed interface ConnectorSessionEffect {

  /** A datagram is to be sent; if it cannot be, it is lost. */
  record Send(Datagram datagram) implements ConnectorSessionEffect {}

  /**
   * A socket is to be opened and connected; how that went is told by {@link
   * ConnectorSessions#onDialed} or {@link ConnectorSessions#onDialFailed}.
   */
  record Dial(UUID sessionId, IpAddress address, int port) implements ConnectorSessionEffect {}

  /** The call that registered a session is to be answered. */
  record Reply(UUID sessionId, RpcReply.UdpSessionRegistered reply)
      implements ConnectorSessionEffect {}

  /** The edge is to be told by a call that a session has ended; the outcome does not matter. */
  record Unregister(RpcCall.UnregisterUdpSession call) implements ConnectorSessionEffect {}

  /** A session is forgotten: its socket, if there is one, is to be closed. */
  record Close(UUID sessionId, String reason) implements ConnectorSessionEffect {}
}
