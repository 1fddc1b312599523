package io.vpc4j.mesh.wireguard;

import io.vpc4j.mesh.wireguard.crypto.Octets;
import io.vpc4j.mesh.wireguard.wire.MessageType;
import io.vpc4j.mesh.wireguard.wire.TransportData;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The way in: a datagram becomes a packet of a peer, or a step of a handshake, or nothing. */
final class Inbound {

  private final Device device;
  private final Handshakes handshakes;

  Inbound(Device device, Handshakes handshakes) {
    this.device = device;
    this.handshakes = handshakes;
  }

  /** See {@link WireGuard#onDatagram}. */
  @Nullable Peer onDatagram(ByteBuffer datagram, InetSocketAddress source, long nowNs) {
    var octets = datagram.array();
    var offset = datagram.arrayOffset() + datagram.position();
    var length = datagram.remaining();
    var type = MessageType.of(octets, offset, length);
    if (type == MessageType.TRANSPORT_DATA) {
      return onData(datagram, octets, offset, length, source, nowNs);
    }
    if (type == MessageType.INITIATION) {
      handshakes.onInitiation(octets, offset, source, nowNs);
    } else if (type == MessageType.RESPONSE) {
      handshakes.onResponse(octets, offset, source, nowNs);
    } else if (type == MessageType.COOKIE_REPLY) {
      handshakes.onCookieReply(octets, offset, nowNs);
    } else {
      device.drop(Drop.NOT_A_MESSAGE);
    }
    return null;
  }

  /** [W] 5.4.6: what is cheap to check first, then the seal, then what it held. */
  private @Nullable Peer onData(
      ByteBuffer datagram,
      byte[] octets,
      int offset,
      int length,
      InetSocketAddress source,
      long nowNs) {
    var session = authentic(octets, offset, length, nowNs);
    if (session == null) {
      return null;
    }
    var peer = session.peer();
    peer.heardFrom(source, length, nowNs);
    if (peer.sessions.confirm(session)) {
      // an initiator says something as soon as it has the answer. [W] 5.1
      peer.roundTripNs = nowNs - session.createdAtNs;
      handshakes.completed(peer, Role.RESPONDER, nowNs);
    }
    if (session.isOldAfterReceiving(nowNs) && !peer.rekeyBegunOnReceipt) {
      peer.rekeyBegunOnReceipt = true;
      handshakes.want(peer, nowNs);
    }
    var from = offset + TransportData.HEADER_LENGTH;
    var held = length - TransportData.MIN_LENGTH;
    if (held > 0) {
      peer.timers.onDataReceived(nowNs);
    }
    device.rearm(peer);
    if (held == 0) {
      return null; // a keepalive. [W] 6.5
    }
    var packet = InnerPacket.length(octets, from, held);
    if (packet < 0) {
      device.drop(Drop.NOT_IP, peer);
      return null;
    }
    if (InnerPacket.sourceOwner(device.routes, octets, from) != peer
        && (peer.accepted == null
            || InnerPacket.sourceOwner(peer.accepted, octets, from) != peer)) {
      device.drop(Drop.NOT_ALLOWED, peer);
      return null;
    }
    peer.receivedPackets++;
    datagram.position(from - datagram.arrayOffset());
    datagram.limit(datagram.position() + packet);
    return peer;
  }

  /** The session that sealed the datagram, which is then open; null, and counted, if none did. */
  private @Nullable Session authentic(byte[] octets, int offset, int length, long nowNs) {
    var named = device.indices.get(Octets.getInt(octets, offset + TransportData.RECEIVER));
    if (!(named instanceof Session session)) {
      device.drop(Drop.UNKNOWN_RECEIVER);
      return null;
    }
    var counter = Octets.getLong(octets, offset + TransportData.COUNTER);
    if (!session.mayTake(counter, nowNs)) {
      device.drop(Drop.SESSION_EXPIRED, session.peer());
      return null;
    }
    if (!session.window.mayAccept(counter)) {
      device.drop(Drop.REPLAYED, session.peer());
      return null;
    }
    var from = offset + TransportData.HEADER_LENGTH;
    if (!session.opening.open(counter, octets, from, length - TransportData.HEADER_LENGTH)) {
      device.drop(Drop.FORGED, session.peer());
      return null;
    }
    session.window.accept(counter);
    session.taken++;
    return session;
  }
}
