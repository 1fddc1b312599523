package io.vpc4j.mesh.wireguard;

import io.vpc4j.mesh.wireguard.cookie.CookieGiver;
import io.vpc4j.mesh.wireguard.cookie.SourceLimit;
import io.vpc4j.mesh.wireguard.crypto.AeadProvider;
import io.vpc4j.mesh.wireguard.crypto.Entropy;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the ways in and out share: the identity, the tables, and the lines that wait to be polled.
 */
final class Device {

  /** A whole datagram that waits: a handshake message or a cookie reply. */
  static final class Control {
    final byte[] octets;
    final InetSocketAddress to;
    final @Nullable Peer peer;

    Control(byte[] octets, InetSocketAddress to, @Nullable Peer peer) {
      this.octets = octets;
      this.to = to;
      this.peer = peer;
    }
  }

  final PrivateKey key;
  final Entropy entropy;
  final LongSupplier unixNs;
  final AeadProvider aeads;
  final Timings timings;
  final WireGuardLimits limits;
  final @Nullable KeyLog keyLog;
  final Jitter jitter;
  final CookieGiver giver;
  final SourceLimit sources;

  final Map<PublicKey, Peer> peers = new HashMap<>();
  final PrefixTrie<Peer> routes = new PrefixTrie<>();
  final IndexTable indices = new IndexTable();
  final DeadlineHeap deadlines = new DeadlineHeap();
  final ArrayDeque<Control> control = new ArrayDeque<>();
  final ArrayDeque<Peer> ready = new ArrayDeque<>();
  final ArrayDeque<WireGuardEvent> events = new ArrayDeque<>();
  final DropCounts drops = new DropCounts();

  Load load = Load.NORMAL;
  @Nullable Drop lastDrop;
  long eventsDropped;

  Device(
      PrivateKey key,
      Entropy entropy,
      LongSupplier unixNs,
      AeadProvider aeads,
      Timings timings,
      WireGuardLimits limits,
      @Nullable KeyLog keyLog) {
    this.key = key;
    this.entropy = entropy;
    this.unixNs = unixNs;
    this.aeads = aeads;
    this.timings = timings;
    this.limits = limits;
    this.keyLog = keyLog;
    jitter = new Jitter(timings.jitterNs(), (long) entropy.nextInt() << 32 | entropy.nextInt());
    giver = new CookieGiver(key.publicKey(), entropy, timings.cookieNs());
    sources =
        new SourceLimit(limits.handshakesPerSecond(), limits.handshakeBurst(), limits.maxSources());
  }

  /** Counts a drop that no peer is to be blamed for. */
  void drop(Drop reason) {
    lastDrop = reason;
    drops.add(reason);
  }

  /** Counts a drop, here and at the peer. */
  void drop(Drop reason, Peer peer) {
    drop(reason);
    peer.drops.add(reason);
  }

  /** Tells the key log, if there is one, how to read what follows this handshake. */
  void logKeys(Peer peer, Supplier<String> ephemeral) {
    var log = keyLog;
    if (log != null) {
      log.line("LOCAL_STATIC_PRIVATE_KEY = " + key.toSecretBase64());
      log.line("REMOTE_STATIC_PUBLIC_KEY = " + peer.publicKey());
      log.line("LOCAL_EPHEMERAL_PRIVATE_KEY = " + ephemeral.get());
      log.line("PRESHARED_KEY = " + peer.identity.revealPresharedKey());
    }
  }

  /** Puts an event in line; at the bound the oldest makes room. */
  void tell(WireGuardEvent event) {
    if (events.size() >= limits.maxEvents()) {
      events.poll();
      eventsDropped++;
    }
    events.add(event);
  }

  /** Puts a message in line. */
  void sendControl(byte[] octets, InetSocketAddress to, @Nullable Peer peer) {
    if (control.size() >= limits.maxControlMessages()) {
      drop(Drop.CONTROL_FULL);
      return;
    }
    control.add(new Control(octets, to, peer));
  }

  /** {@code peer} has something to send under its session. */
  void markReady(Peer peer) {
    if (!peer.ready) {
      peer.ready = true;
      ready.add(peer);
    }
  }

  /** The peer's timers may have moved. */
  void rearm(Peer peer) {
    deadlines.atLatest(peer, peer.timers.earliestNs());
  }
}
