package io.vpc4j.mesh.wireguard;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.mesh.wireguard.crypto.AeadProvider;
import io.vpc4j.mesh.wireguard.crypto.Entropy;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import io.vpc4j.mesh.wireguard.noise.RemoteIdentity;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A WireGuard device as a machine: one private key, its peers, and every rule of the paper. It has
 * no socket, thread, lock, clock or random source; one loop owns it, and is its only caller. [W]
 *
 * <p><b>The way in.</b> {@link #onDatagram} for each datagram. If it returns a peer, the buffer now
 * holds that peer's packet.
 *
 * <p><b>The way out.</b> {@link #peerFor} tells whose a packet's destination is, {@link #send}
 * makes a datagram of it, in place. What the device has to say of its own accord, and packets that
 * waited for a handshake, come from {@link #pollTransmit}.
 *
 * <p><b>Time.</b> {@code nowNs} is the loop's monotonic clock: nanoseconds since any point, never
 * going back, below {@link Long#MAX_VALUE} by more than a day. After any call with the time, poll
 * {@link #pollTransmit} until it returns null, then {@link #pollEvent} likewise, and come back with
 * {@link #onTime} no later than {@link #deadlineNs}.
 *
 * <p><b>Memory.</b> A packet in or out allocates nothing. Handshakes, waiting packets and events
 * do, each up to a bound of {@link WireGuardLimits}.
 *
 * <p><b>Secrets.</b> The private key is copied; {@link #close} overwrites it and everything that
 * came of it. A session's keys are overwritten when it is replaced twice over, or expires, or its
 * peer is removed.
 */
public final class WireGuard implements AutoCloseable {

  /** Octets that {@link #send} needs before a packet. */
  public static final int HEADROOM = 16;

  /** The most octets that {@link #send} needs after a packet: 15 of padding, 16 of tag. */
  public static final int TAILROOM = 15 + 16;

  private final Device device;
  private final Handshakes handshakes;
  private final Inbound inbound;
  private final Outbound outbound;
  private boolean closed;

  private WireGuard(Device device) {
    this.device = device;
    handshakes = new Handshakes(device);
    inbound = new Inbound(device, handshakes);
    outbound = new Outbound(device, handshakes);
  }

  /**
   * A device to be made.
   *
   * @param key ours; copied
   * @param entropy cryptographic, such as {@code new SecureRandom()::nextBytes}
   * @param unixNs the wall clock in nanoseconds since 1970, asked once per handshake that we begin;
   *     it may stand or go back
   */
  public static Builder builder(PrivateKey key, Entropy entropy, LongSupplier unixNs) {
    return new Builder(key, entropy, unixNs);
  }

  // ---- inputs
  // ------------------------------------------------------------------------------------

  /**
   * A datagram from the network, between the buffer's position and limit. It is opened in place.
   *
   * @param datagram a heap buffer, writable
   * @param source where it came from, resolved; kept if it proves authentic
   * @return the peer whose packet now lies between position and limit, its source address checked;
   *     null if there is none to deliver: it was a handshake's, a keepalive, or dropped and counted
   */
  public @Nullable Peer onDatagram(ByteBuffer datagram, InetSocketAddress source, long nowNs) {
    requireOpen();
    device.lastDrop = null;
    return inbound.onDatagram(datagram, source, nowNs);
  }

  /**
   * Whose a packet's destination is. Reads nothing but its header, between position and limit.
   *
   * @return null, and counted, if it is nobody's or no IP packet
   */
  public @Nullable Peer peerFor(ByteBuffer packet) {
    device.lastDrop = null;
    var octets = packet.array();
    var offset = packet.arrayOffset() + packet.position();
    if (InnerPacket.length(octets, offset, packet.remaining()) < 0) {
      device.drop(Drop.NOT_IP);
      return null;
    }
    var peer = InnerPacket.destinationOwner(device.routes, octets, offset);
    if (peer == null) {
      device.drop(Drop.NO_PEER);
    }
    return peer;
  }

  /** Whose an IPv4 address is, in host order; null if nobody's. Not counted. */
  public @Nullable Peer ownerOfV4(int address) {
    return device.routes.findV4(address);
  }

  /** Whose an IPv6 address is, as two words; null if nobody's. Not counted. */
  public @Nullable Peer ownerOfV6(long high, long low) {
    return device.routes.findV6(high, low);
  }

  /**
   * Sends a packet to a peer, whatever its destination address says.
   *
   * @param packet a heap buffer with the packet between position and limit, {@link #HEADROOM}
   *     octets before and {@link #TAILROOM} after it; if {@link Sent#SEALED}, position and limit
   *     are moved to the datagram, for {@link Peer#endpoint}; else the buffer is as it was and may
   *     be used again
   * @throws IllegalArgumentException if there is no such room
   */
  public Sent send(Peer peer, ByteBuffer packet, long nowNs) {
    requireOpen();
    if (peer.device() != device || peer.removed) {
      throw new IllegalArgumentException(peer + " is not a peer of this device, or not any more");
    }
    device.lastDrop = null;
    return outbound.send(peer, packet, nowNs);
  }

  /** Asks for a session with a peer, if there is none; a probe may want to know if it answers. */
  public void wake(Peer peer, long nowNs) {
    requireOpen();
    if (!peer.removed && peer.sessions.sending(nowNs) == null) {
      handshakes.want(peer, nowNs);
    }
  }

  /** Time has passed; {@link #deadlineNs} may have. */
  public void onTime(long nowNs) {
    for (var peer = device.deadlines.pollDue(nowNs);
        peer != null;
        peer = device.deadlines.pollDue(nowNs)) {
      handshakes.onTimers(peer, nowNs);
    }
  }

  /** How busy the loop is, as it measures it. Default {@link Load#NORMAL}. */
  public void onLoad(Load load) {
    device.load = load;
  }

  // ---- outputs
  // -----------------------------------------------------------------------------------

  /**
   * The next datagram that is due.
   *
   * @param into a heap buffer, cleared first; it takes any packet that was queued, with {@link
   *     #HEADROOM} and {@link #TAILROOM}: 2,048 octets for an MTU of 1,420
   * @return where it goes, the datagram lying between position and limit; null if nothing is due
   */
  public @Nullable InetSocketAddress pollTransmit(ByteBuffer into, long nowNs) {
    return outbound.poll(into, nowNs);
  }

  /** The next event; null if there is none. */
  public @Nullable WireGuardEvent pollEvent() {
    return device.events.poll();
  }

  /** When to call {@link #onTime} at the latest, or {@link Long#MAX_VALUE}. */
  public long deadlineNs() {
    return device.deadlines.earliestNs();
  }

  /**
   * Why the last call of {@link #onDatagram}, {@link #peerFor} or {@link #send} dropped; null if
   * not.
   */
  public @Nullable Drop lastDrop() {
    return device.lastDrop;
  }

  // ---- peers
  // -------------------------------------------------------------------------------------

  /**
   * Adds a peer.
   *
   * @throws IllegalArgumentException if it is there already, is ourselves, or its key is nobody's
   * @throws IllegalStateException if there are {@link WireGuardLimits#maxPeers}
   */
  public Peer addPeer(PeerConfig config, long nowNs) {
    requireOpen();
    var key = config.publicKey();
    if (device.peers.containsKey(key)) {
      throw new IllegalArgumentException("there is a peer " + key + " already");
    }
    if (key.equals(publicKey())) {
      throw new IllegalArgumentException("a device is no peer of itself");
    }
    if (device.peers.size() >= device.limits.maxPeers()) {
      throw new IllegalStateException("there are " + device.limits.maxPeers() + " peers, the most");
    }
    var identity = RemoteIdentity.of(device.key, key, config.presharedKey());
    var peer = new Peer(device, key, identity);
    device.peers.put(key, peer);
    apply(peer, config, nowNs);
    return peer;
  }

  /**
   * Changes a peer: allowed addresses, persistent keepalive, pre-shared key; the endpoint if one is
   * given. Its sessions go on, and so does a handshake, unless the pre-shared key is another: that
   * counts from the next handshake.
   *
   * @throws IllegalArgumentException if there is no such peer
   */
  public Peer changePeer(PeerConfig config, long nowNs) {
    requireOpen();
    var peer = device.peers.get(config.publicKey());
    if (peer == null) {
      throw new IllegalArgumentException("there is no peer " + config.publicKey());
    }
    if (!peer.identity.isKeyedWith(config.presharedKey())) {
      var identity = RemoteIdentity.of(device.key, config.publicKey(), config.presharedKey());
      peer.dropPending(); // what it was begun with is no longer what we hold
      peer.identity.wipe();
      peer.identity = identity;
    }
    apply(peer, config, nowNs);
    return peer;
  }

  /**
   * Lets a peer send from prefixes that another peer has, beside its own: what several announce,
   * and one of them gets. Departs from [W] 2, where a source must be the peer's that its packets go
   * to: a conversation with one of several announcers goes on when the prefix has moved to another.
   *
   * @param prefixes in place of those before; the longest that covers a source decides nothing more
   *     than any other
   */
  public void acceptAlso(Peer peer, Collection<Cidr> prefixes) {
    if (prefixes.isEmpty()) {
      peer.accepted = null;
      return;
    }
    var accepted = new PrefixTrie<Peer>();
    prefixes.forEach(prefix -> accepted.put(prefix, peer));
    peer.accepted = accepted;
  }

  /** Removes a peer, its sessions, its packets and its addresses; false if there is none. */
  public boolean removePeer(PublicKey key) {
    var peer = device.peers.remove(key);
    if (peer == null) {
      return false;
    }
    peer.removed = true;
    peer.allowedIps.forEach(device.routes::remove);
    peer.allowedIps.clear();
    peer.dropPending();
    peer.sessions.clear();
    peer.timers.clear();
    peer.cookies.wipe();
    peer.identity.wipe();
    handshakes.dropStaged(peer);
    device.deadlines.remove(peer);
    device.ready.remove(peer);
    return true;
  }

  /** Who we are. */
  public PublicKey publicKey() {
    return device.key.publicKey();
  }

  /** The peer of that key; null if there is none. */
  public @Nullable Peer peer(PublicKey key) {
    return device.peers.get(key);
  }

  /** All peers, in no order. */
  public Collection<Peer> peers() {
    return List.copyOf(device.peers.values());
  }

  // ---- facts
  // -------------------------------------------------------------------------------------

  /** Drops by reason; those that never happened are absent. */
  public Map<Drop, Long> drops() {
    return device.drops.toMap();
  }

  /** Events that nobody polled in time. */
  public long eventsDropped() {
    return device.eventsDropped;
  }

  /** Which AEAD seals packets: {@link AeadProvider#name}. */
  public String aeadName() {
    return device.aeads.name();
  }

  /** Receiver indices in use: sessions, and handshakes in flight. */
  public int liveIndices() {
    return device.indices.size();
  }

  /** Removes every peer and overwrites every key. Again is allowed. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (var peer : peers()) {
      removePeer(peer.publicKey());
    }
    device.control.clear();
    device.giver.wipe();
    device.key.wipe();
  }

  private void apply(Peer peer, PeerConfig config, long nowNs) {
    for (Cidr prefix : List.copyOf(peer.allowedIps)) {
      if (!config.allowedIps().contains(prefix)) {
        device.routes.remove(prefix);
        peer.allowedIps.remove(prefix);
      }
    }
    for (var prefix : config.allowedIps()) {
      var before = device.routes.put(prefix, peer);
      if (before != null && before != peer) {
        before.allowedIps.remove(prefix);
      }
      peer.allowedIps.add(prefix);
    }
    if (config.endpoint() != null) {
      peer.endpoint = config.endpoint();
    }
    var keepalive = config.persistentKeepalive();
    var everyNs = keepalive == null ? 0 : keepalive.toNanos();
    if (everyNs != peer.timers.persistentEveryNs) {
      peer.timers.persistentEvery(everyNs, nowNs);
      if (everyNs > 0) {
        handshakes.oweKeepalive(peer, nowNs); // as wg does: at once, then every so often
      }
      device.rearm(peer);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this device is closed; make another");
    }
  }

  /** What a device can be told before it is made. */
  public static final class Builder {

    private final PrivateKey key;
    private final Entropy entropy;
    private final LongSupplier unixNs;
    private AeadProvider aeads = AeadProvider.fastest();
    private Timings timings = Timings.SPECIFICATION;
    private WireGuardLimits limits = WireGuardLimits.DEFAULTS;
    private @Nullable KeyLog keyLog;

    private Builder(PrivateKey key, Entropy entropy, LongSupplier unixNs) {
      this.key = key;
      this.entropy = entropy;
      this.unixNs = unixNs;
    }

    /** What seals packets. Default {@link AeadProvider#fastest}. */
    public Builder aeads(AeadProvider provider) {
      aeads = provider;
      return this;
    }

    /** Default {@link Timings#SPECIFICATION}; others are for tests. */
    public Builder timings(Timings other) {
      timings = other;
      return this;
    }

    /** Default {@link WireGuardLimits#DEFAULTS}. */
    public Builder limits(WireGuardLimits other) {
      limits = other;
      return this;
    }

    /** Default none. */
    public Builder keyLog(KeyLog log) {
      keyLog = log;
      return this;
    }

    /** The device, without peers. */
    public WireGuard build() {
      return new WireGuard(new Device(key.copy(), entropy, unixNs, aeads, timings, limits, keyLog));
    }
  }
}
