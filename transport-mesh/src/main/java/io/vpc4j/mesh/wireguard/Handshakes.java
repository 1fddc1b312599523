package io.vpc4j.mesh.wireguard;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.wireguard.crypto.Octets;
import io.vpc4j.mesh.wireguard.noise.Initiator;
import io.vpc4j.mesh.wireguard.noise.Responder;
import io.vpc4j.mesh.wireguard.noise.TransportKeys;
import io.vpc4j.mesh.wireguard.wire.CookieReply;
import io.vpc4j.mesh.wireguard.wire.HandshakeInitiation;
import io.vpc4j.mesh.wireguard.wire.HandshakeResponse;
import java.net.InetSocketAddress;

/**
 * What makes sessions: beginning a handshake, answering one, finishing one, and what is done when a
 * peer's timer is due.
 *
 * <p>What comes from outside is checked in order of cost: a hash (mac1), under load another (mac2)
 * and a count, and only then the curve. [W] 5.3
 */
final class Handshakes {

  private final Device device;

  Handshakes(Device device) {
    this.device = device;
  }

  // ---- beginning
  // ---------------------------------------------------------------------------------

  /** A session is wanted by somebody who sends, or because the one there is gets old. [W] 6.2 */
  void want(Peer peer, long nowNs) {
    peer.retries = 0; // [W] 6.4: a new packet is a new attempt
    begin(peer, nowNs);
  }

  private void begin(Peer peer, long nowNs) {
    var endpoint = peer.endpoint;
    if (endpoint == null) {
      return;
    }
    var sent = peer.handshakeSentNs;
    if (sent != null && nowNs - sent < device.timings.rekeyTimeoutNs()) {
      if (peer.timers.retryNs == PeerTimers.NEVER) { // we answered one just now
        peer.timers.onHandshakeBegun(sent);
        device.rearm(peer);
      }
      return;
    }
    peer.dropPending();
    var index = device.indices.draw(device.entropy);
    var message = new byte[HandshakeInitiation.LENGTH];
    var initiator =
        Initiator.begin(
            device.key,
            peer.identity,
            index,
            peer.timestamps.next(device.unixNs.getAsLong()),
            device.entropy,
            message);
    device.logKeys(peer, initiator::revealEphemeral);
    peer.pending = new PendingHandshake(peer, index, initiator, nowNs);
    device.indices.put(index, peer.pending);
    peer.cookies.sign(message, HandshakeInitiation.MAC1, nowNs);
    sendHandshake(peer, message, endpoint, nowNs);
    peer.timers.onHandshakeBegun(nowNs);
    device.rearm(peer);
  }

  private void sendHandshake(Peer peer, byte[] message, InetSocketAddress to, long nowNs) {
    peer.handshakeSentNs = nowNs;
    peer.timers.onSent(nowNs);
    device.sendControl(message, to, peer);
  }

  // ---- answering
  // ---------------------------------------------------------------------------------

  /** A whole initiation. [W] 5.4.2, 5.4.3 */
  void onInitiation(byte[] octets, int offset, InetSocketAddress source, long nowNs) {
    var sender = Octets.getInt(octets, offset + HandshakeInitiation.SENDER);
    if (!guarded(octets, offset, HandshakeInitiation.MAC1, sender, source, nowNs)) {
      return;
    }
    var responder = Responder.read(device.key, octets, offset);
    if (responder == null) {
      device.drop(Drop.HANDSHAKE_FORGED);
      return;
    }
    try {
      answer(responder, source, nowNs);
    } finally {
      responder.wipe();
    }
  }

  private void answer(Responder responder, InetSocketAddress source, long nowNs) {
    var peer = device.peers.get(responder.peerKey());
    if (peer == null) {
      device.drop(Drop.UNKNOWN_PEER);
      return;
    }
    var timestamp = responder.timestamp(peer.identity);
    if (timestamp == null) {
      device.drop(Drop.HANDSHAKE_FORGED, peer);
      return;
    }
    if (!peer.timestamps.isLater(timestamp)) {
      device.drop(Drop.HANDSHAKE_REPLAYED, peer);
      return;
    }
    var taken = peer.initiationTakenNs;
    if (taken != null && nowNs - taken < device.limits.initiationSpacingNs()) {
      device.drop(Drop.HANDSHAKE_TOO_SOON, peer);
      return;
    }
    var index = device.indices.draw(device.entropy);
    var response = new byte[HandshakeResponse.LENGTH];
    var keys = responder.respond(peer.identity, index, device.entropy, response);
    if (keys == null) {
      device.drop(Drop.HANDSHAKE_FORGED, peer);
      return;
    }
    device.logKeys(peer, responder::revealEphemeral);
    peer.timestamps.accept(timestamp);
    peer.initiationTakenNs = nowNs;
    var session = session(peer, Role.RESPONDER, index, responder.remoteIndex(), keys, nowNs);
    peer.sessions.responded(session);
    peer.heardFrom(source, HandshakeInitiation.LENGTH, nowNs);
    peer.cookies.sign(response, HandshakeResponse.MAC1, nowNs);
    sendHandshake(peer, response, source, nowNs);
    device.rearm(peer);
  }

  // ---- finishing
  // ---------------------------------------------------------------------------------

  /** A whole response. [W] 5.4.3 */
  void onResponse(byte[] octets, int offset, InetSocketAddress source, long nowNs) {
    var sender = Octets.getInt(octets, offset + HandshakeResponse.SENDER);
    if (!guarded(octets, offset, HandshakeResponse.MAC1, sender, source, nowNs)) {
      return;
    }
    var receiver = Octets.getInt(octets, offset + HandshakeResponse.RECEIVER);
    if (!(device.indices.get(receiver) instanceof PendingHandshake pending)) {
      device.drop(Drop.UNKNOWN_RECEIVER);
      return;
    }
    var peer = pending.peer();
    var keys = pending.initiator().finish(octets, offset);
    if (keys == null) {
      device.drop(Drop.HANDSHAKE_FORGED, peer);
      return;
    }
    peer.roundTripNs = nowNs - pending.begunNs();
    peer.dropPending();
    peer.sessions.initiated(session(peer, Role.INITIATOR, receiver, sender, keys, nowNs));
    peer.heardFrom(source, HandshakeResponse.LENGTH, nowNs);
    completed(peer, Role.INITIATOR, nowNs);
    // whatever goes first tells the responder that we have the keys. [W] 5.1
    peer.keepaliveOwed = peer.staged.size() == 0;
    device.markReady(peer);
    device.rearm(peer);
  }

  /** Both ends have the keys. */
  void completed(Peer peer, Role role, long nowNs) {
    peer.timers.onHandshakeComplete();
    peer.retries = 0;
    peer.rekeyBegunOnReceipt = false;
    peer.lastHandshakeNs = nowNs;
    device.tell(new WireGuardEvent.HandshakeCompleted(peer, role));
    if (peer.staged.size() > 0) {
      device.markReady(peer);
    }
  }

  private Session session(
      Peer peer, Role role, int index, int remoteIndex, TransportKeys keys, long nowNs) {
    var session =
        new Session(peer, role, index, remoteIndex, keys, device.aeads, device.timings, nowNs);
    device.indices.put(index, session);
    peer.timers.onSessionMade(nowNs);
    return session;
  }

  /** A whole cookie reply; the next retry carries what it brought. [W] 5.4.7 */
  void onCookieReply(byte[] octets, int offset, long nowNs) {
    var named = device.indices.get(Octets.getInt(octets, offset + CookieReply.RECEIVER));
    if (named == null) {
      device.drop(Drop.UNKNOWN_RECEIVER);
    } else if (!named.peer().cookies.take(octets, offset, nowNs)) {
      device.drop(Drop.HANDSHAKE_FORGED, named.peer());
    }
  }

  /** mac1 always; under load mac2 and the source's share. Counts, and asks for a cookie. [W] 5.3 */
  private boolean guarded(
      byte[] octets, int offset, int mac1, int sender, InetSocketAddress source, long nowNs) {
    if (!device.giver.mac1Holds(octets, offset, mac1)) {
      device.drop(Drop.MAC1);
      return false;
    }
    if (device.load == Load.NORMAL) {
      return true;
    }
    if (!device.giver.mac2Holds(octets, offset, mac1, source, nowNs)) {
      device.drop(Drop.COOKIE_ASKED);
      device.sendControl(
          device.giver.reply(octets, offset, mac1, sender, source, nowNs), source, null);
      return false;
    }
    if (!device.sources.admits(IpAddress.of(source.getAddress()), nowNs)) {
      device.drop(Drop.SOURCE_LIMIT);
      return false;
    }
    return true;
  }

  // ---- when nothing happens
  // ----------------------------------------------------------------------

  /** Does what is due, and puts the peer back where its next timer belongs. */
  void onTimers(Peer peer, long nowNs) {
    var timers = peer.timers;
    if (timers.retryNs <= nowNs) {
      timers.retryNs = PeerTimers.NEVER;
      retryOrGiveUp(peer, nowNs);
    }
    if (timers.keepaliveNs <= nowNs) {
      timers.onKeepaliveDue(nowNs);
      oweKeepalive(peer, nowNs);
    }
    if (timers.newHandshakeNs <= nowNs) {
      timers.newHandshakeNs = PeerTimers.NEVER;
      want(peer, nowNs);
    }
    if (timers.eraseNs <= nowNs) {
      timers.eraseNs = PeerTimers.NEVER;
      peer.sessions.clear();
      peer.dropPending();
      device.tell(new WireGuardEvent.KeysErased(peer));
    }
    if (timers.persistentNs <= nowNs) {
      timers.persistentNs = nowNs + timers.persistentEveryNs;
      oweKeepalive(peer, nowNs);
    }
    device.rearm(peer);
  }

  /** [W] 6.4 */
  private void retryOrGiveUp(Peer peer, long nowNs) {
    if (peer.pending != null) {
      peer.unanswered++;
    }
    if (peer.retries >= device.timings.retries()) {
      peer.timers.keepaliveNs = PeerTimers.NEVER;
      if (peer.timers.eraseNs == PeerTimers.NEVER) {
        peer.timers.onSessionMade(nowNs); // what a half-made handshake left is erased in time, too
      }
      peer.dropPending();
      peer.keepaliveOwed = false;
      device.tell(new WireGuardEvent.HandshakeGaveUp(peer, dropStaged(peer)));
      return;
    }
    if (peer.pending != null) {
      device.tell(new WireGuardEvent.HandshakeUnanswered(peer, peer.unanswered));
    }
    peer.retries++;
    begin(peer, nowNs);
  }

  /** Empties the peer's stage; returns how many packets were in it. */
  int dropStaged(Peer peer) {
    var dropped = peer.staged.clear();
    for (var i = 0; i < dropped; i++) {
      device.drop(Drop.HANDSHAKE_FAILED, peer);
    }
    return dropped;
  }

  /** Says something, if there is a session to say it under; else makes one, which says it. */
  void oweKeepalive(Peer peer, long nowNs) {
    if (peer.sessions.sending(nowNs) != null) {
      peer.keepaliveOwed = peer.staged.size() == 0;
      device.markReady(peer);
    } else {
      want(peer, nowNs);
    }
  }
}
