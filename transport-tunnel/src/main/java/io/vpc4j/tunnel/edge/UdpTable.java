package io.vpc4j.tunnel.edge;

import io.netty.buffer.ByteBuf;
import io.vpc4j.tunnel.carrier.CarrierContext;
import io.vpc4j.tunnel.rpc.RpcCall;
import io.vpc4j.tunnel.session.DatagramVersion;
import io.vpc4j.tunnel.session.SessionLimits;
import io.vpc4j.tunnel.udp.UdpSessions;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The UDP sessions of those connections that can have some. Each connection's are touched on its
 * carrier's loop alone; which there are may be asked anywhere.
 */
final class UdpTable {

  private final CarrierContext context;
  private final Map<EdgeConnection, UdpSessions> sessions = new ConcurrentHashMap<>();

  UdpTable(CarrierContext context) {
    this.context = context;
  }

  /** A connection is registered. */
  void onReady(EdgeConnection connection) {
    if (connection.carrier().carriesDatagrams()) {
      var features = connection.registration().call().options().client().features();
      sessions.put(
          connection,
          new UdpSessions(
              connection.carrier(),
              context,
              DatagramVersion.of(features),
              SessionLimits.DEFAULT,
              UUID::randomUUID)); // not to be guessed: it is all that tells a session's datagrams
    }
  }

  void onDatagram(EdgeConnection connection, ByteBuf datagram) {
    with(connection, udp -> udp.onDatagram(datagram));
  }

  void onCall(EdgeConnection connection, RpcCall call) {
    if (call instanceof RpcCall.UnregisterUdpSession unregister) {
      with(connection, udp -> udp.onUnregistered(unregister));
    }
  }

  void onGone(EdgeConnection connection) {
    var gone = sessions.remove(connection);
    if (gone != null) {
      gone.onClosed("the connection to the connector is lost");
    }
  }

  /** A connection's sessions; empty if it can have none. */
  Optional<UdpSessions> of(EdgeConnection connection) {
    return Optional.ofNullable(sessions.get(connection));
  }

  private void with(EdgeConnection connection, Consumer<UdpSessions> step) {
    var udp = sessions.get(connection);
    if (udp != null) {
      step.accept(udp);
    }
  }
}
