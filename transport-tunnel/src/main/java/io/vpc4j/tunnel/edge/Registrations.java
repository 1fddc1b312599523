package io.vpc4j.tunnel.edge;

import io.netty.buffer.ByteBuf;
import io.vpc4j.tunnel.edge.EdgeConnection.Registration;
import io.vpc4j.tunnel.rpc.ConnectionDetails;
import io.vpc4j.tunnel.rpc.ConnectionError;
import io.vpc4j.tunnel.rpc.RpcCall.RegisterConnection;
import java.util.Optional;

/** What a connection asks of the edge, and tells it. Called on the connection's loop. */
interface Registrations {

  /** What is kept of a call. */
  Registration registration(RegisterConnection call);

  /**
   * Whether it may register. If so, it is in the table from now on.
   *
   * @return empty if so; else what the connector is told
   */
  Optional<ConnectionError> admit(EdgeConnection connection, Registration registration);

  /** What a connector that may is told. */
  ConnectionDetails details(Registration registration);

  /** It takes streams from now on. */
  void onReady(EdgeConnection connection);

  /** The connector has told its own configuration. */
  void onLocalConfiguration(EdgeConnection connection);

  /** Who answers the connector's calls about sessions. */
  RpcServing.Callee sessionCalls(EdgeConnection connection);

  /** A datagram, valid during the call. */
  void onDatagram(EdgeConnection connection, ByteBuf datagram);

  /** It takes no new streams from now on. */
  void onDraining(EdgeConnection connection);

  /** It was closed and had never registered. */
  void onNeverRegistered(EdgeConnection connection);

  /** It was registered, and is closed. */
  void onGone(EdgeConnection connection);
}
