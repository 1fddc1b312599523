package io.vpc4j.mesh.wireguard;

import io.vpc4j.mesh.wireguard.crypto.Aead;
import io.vpc4j.mesh.wireguard.wire.TransportData;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The way out: a packet becomes a datagram, now or once there is a session. [W] 5.4.6 */
final class Outbound {

  private static final int PADDING = 16;

  private final Device device;
  private final Handshakes handshakes;

  Outbound(Device device, Handshakes handshakes) {
    this.device = device;
    this.handshakes = handshakes;
  }

  /** See {@link WireGuard#send(Peer, ByteBuffer, long)}. */
  Sent send(Peer peer, ByteBuffer packet, long nowNs) {
    var length = packet.remaining();
    var padding = padding(length);
    requireRoom(packet, length, padding);
    var session = peer.sessions.sending(nowNs);
    if (session == null || peer.staged.size() > 0) { // none overtakes those that wait
      return stage(peer, packet, session, nowNs);
    }
    var from = packet.position() - TransportData.HEADER_LENGTH;
    seal(session, packet.array(), packet.arrayOffset() + from, length, padding);
    packet.limit(packet.limit() + padding + Aead.TAG_LENGTH).position(from);
    peer.sentPackets++;
    peer.timers.onDataSent(nowNs);
    sent(peer, session, packet.remaining(), nowNs);
    return Sent.SEALED;
  }

  /** See {@link WireGuard#pollTransmit}. */
  @Nullable InetSocketAddress poll(ByteBuffer into, long nowNs) {
    var message = device.control.poll();
    if (message != null) {
      into.clear().put(message.octets).flip();
      if (message.peer != null) {
        message.peer.sentOctets += message.octets.length;
      }
      return message.to;
    }
    for (var peer = device.ready.peek(); peer != null; peer = device.ready.peek()) {
      var to = pollPeer(peer, into, nowNs);
      if (to != null) {
        return to;
      }
      device.ready.poll();
      peer.ready = false;
    }
    return null;
  }

  /** The next datagram of a peer that has a session; null if it has none, or nothing to say. */
  private @Nullable InetSocketAddress pollPeer(Peer peer, ByteBuffer into, long nowNs) {
    var session = peer.sessions.sending(nowNs);
    var to = peer.endpoint;
    if (session == null || to == null || peer.removed) {
      return null;
    }
    var packet = peer.staged.peek();
    if (packet == null && !peer.keepaliveOwed) {
      return null;
    }
    var length = packet == null ? 0 : packet.length;
    var padding = padding(length);
    into.clear().position(TransportData.HEADER_LENGTH).limit(TransportData.HEADER_LENGTH + length);
    requireRoom(into, length, padding);
    if (packet != null) {
      into.put(packet);
      peer.staged.poll();
      peer.sentPackets++;
      peer.timers.onDataSent(nowNs);
    }
    peer.keepaliveOwed = false; // anything that is sent is as good
    seal(session, into.array(), into.arrayOffset(), length, padding);
    into.limit(TransportData.HEADER_LENGTH + length + padding + Aead.TAG_LENGTH).position(0);
    sent(peer, session, into.remaining(), nowNs);
    return to;
  }

  private Sent stage(Peer peer, ByteBuffer packet, @Nullable Session session, long nowNs) {
    if (peer.endpoint == null) {
      device.drop(Drop.NO_ENDPOINT, peer);
      return Sent.DROPPED;
    }
    var at = packet.arrayOffset() + packet.position();
    var evicted = peer.staged.add(packet.array(), at, packet.remaining());
    for (var i = 0; i < evicted; i++) {
      device.drop(Drop.STAGE_FULL, peer);
    }
    if (session != null) {
      device.markReady(peer);
    } else {
      handshakes.want(peer, nowNs);
    }
    return Sent.QUEUED;
  }

  /** What follows from having sent under {@code session}. [W] 6 */
  private void sent(Peer peer, Session session, int octets, long nowNs) {
    peer.sentOctets += octets;
    peer.timers.onSent(nowNs);
    if (session.isOldAfterSending(nowNs)) {
      handshakes.want(peer, nowNs);
    }
    device.rearm(peer);
  }

  /** Header before, padding and tag after the {@code length} octets at {@code at + 16}. */
  private static void seal(Session session, byte[] octets, int at, int length, int padding) {
    var counter = session.nextCounter();
    var from = at + TransportData.HEADER_LENGTH;
    Arrays.fill(octets, from + length, from + length + padding, (byte) 0);
    TransportData.writeHeader(octets, at, session.remoteIndex, counter);
    session.sealing.seal(counter, octets, from, length + padding);
  }

  /** Up to a multiple of 16, and not past the MTU. [W] 5.4.6 */
  private int padding(int length) {
    var padded = length + PADDING - 1 & -PADDING;
    return Math.max(0, Math.min(padded, device.limits.mtuOctets()) - length);
  }

  private static void requireRoom(ByteBuffer packet, int length, int padding) {
    if (!packet.hasArray()) {
      throw new IllegalArgumentException("a packet lies in a heap buffer");
    }
    if (packet.position() < TransportData.HEADER_LENGTH) {
      throw new IllegalArgumentException(
          "a packet has 16 octets before it for the header, not " + packet.position());
    }
    if (packet.capacity() - packet.position() - length < padding + Aead.TAG_LENGTH) {
      throw new IllegalArgumentException(
          "a packet of "
              + length
              + " octets has room after it for padding and tag, "
              + (padding + Aead.TAG_LENGTH)
              + " octets");
    }
  }
}
