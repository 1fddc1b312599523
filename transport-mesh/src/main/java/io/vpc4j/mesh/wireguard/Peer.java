package io.vpc4j.mesh.wireguard;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.mesh.wireguard.cookie.CookieTaker;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import io.vpc4j.mesh.wireguard.noise.RemoteIdentity;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One peer of a device: what it is, where it is, and how far we are with it. Made by {@link
 * WireGuard#addPeer}; belongs to the loop that drives the device, like everything here.
 */
public final class Peer {

  private final PublicKey publicKey;
  private final Device device;
  final CookieTaker cookies;
  final Tai64n timestamps = new Tai64n();
  final Sessions sessions;
  final StagedPackets staged;
  final PeerTimers timers;
  final DropCounts drops = new DropCounts();
  final Set<Cidr> allowedIps = new LinkedHashSet<>();

  /** What it may send from though another peer has it; null for nothing. */
  @Nullable PrefixTrie<Peer> accepted;

  RemoteIdentity identity;
  @Nullable InetSocketAddress endpoint;
  @Nullable PendingHandshake pending;

  /** Handshakes repeated since somebody last asked for one. [W] 6.4 */
  int retries;

  /** Handshakes unanswered since anything authentic came. */
  int unanswered;

  /** When a handshake message last went out; null for never. */
  @Nullable Long handshakeSentNs;

  /** When an initiation was last taken; null for never. */
  @Nullable Long initiationTakenNs;

  /** Since the last handshake, one more was begun because its end is near. */
  boolean rekeyBegunOnReceipt;

  /** Something is to be said though there is nothing to say. */
  boolean keepaliveOwed;

  /** Whether it stands in the device's line of peers that have something to send. */
  boolean ready;

  boolean removed;

  // kept by DeadlineHeap
  long deadlineKeyNs = Long.MAX_VALUE;
  int heapSlot = -1;

  @Nullable Long lastHandshakeNs;
  long receivedOctets;
  long sentOctets;
  long receivedPackets;
  long sentPackets;

  /** Of sessions that are held no more: what their counters say was sent, and what came of it. */
  long pastExpected;

  long pastTaken;

  /** What the last handshake took there and back; null before any. */
  @Nullable Long roundTripNs;

  private @Nullable Object attachment;

  Peer(Device device, PublicKey publicKey, RemoteIdentity identity) {
    this.device = device;
    this.publicKey = publicKey;
    this.identity = identity;
    cookies = new CookieTaker(publicKey, device.timings.cookieNs());
    sessions = new Sessions(this::onRetired);
    staged = new StagedPackets(device.limits);
    timers = new PeerTimers(device.timings, device.jitter);
  }

  private void onRetired(Session session) {
    device.indices.remove(session.localIndex);
    pastExpected += session.expected();
    pastTaken += session.taken;
  }

  /** Who. */
  public PublicKey publicKey() {
    return publicKey;
  }

  /** Where datagrams to it go now; null if nobody knows. */
  public @Nullable InetSocketAddress endpoint() {
    return endpoint;
  }

  /** What it may send from, and gets. */
  public List<Cidr> allowedIps() {
    return List.copyOf(allowedIps);
  }

  /** Whether a packet to it would be sealed at once. */
  public boolean hasSession(long nowNs) {
    return sessions.sending(nowNs) != null;
  }

  /** Handshakes unanswered since anything authentic came from it. */
  public int unansweredHandshakes() {
    return unanswered;
  }

  /** Datagrams of it that were authentic, in octets. Grows whenever the peer proves alive. */
  public long receivedOctets() {
    return receivedOctets;
  }

  /** Whether {@link WireGuard#removePeer} was called for it. */
  public boolean isRemoved() {
    return removed;
  }

  /** What the caller attached; null if nothing. */
  public @Nullable Object attachment() {
    return attachment;
  }

  /** Keeps a reference of the caller's, so that it needs no map from peers to its own. */
  public void attach(@Nullable Object object) {
    attachment = object;
  }

  /** Its figures now. */
  public PeerStatus status(long nowNs) {
    var expected = pastExpected;
    var taken = pastTaken;
    for (var session : sessions.held()) {
      expected += session.expected();
      taken += session.taken;
    }
    return new PeerStatus(
        publicKey,
        endpoint,
        allowedIps(),
        lastHandshakeNs,
        hasSession(nowNs),
        receivedOctets,
        sentOctets,
        receivedPackets,
        sentPackets,
        expected,
        taken,
        roundTripNs,
        staged.size(),
        drops.toMap());
  }

  /** The public key, in base64. */
  @Override
  public String toString() {
    return "Peer[" + publicKey + "]";
  }

  Device device() {
    return device;
  }

  /** The unanswered handshake, if any, is over. */
  void dropPending() {
    if (pending != null) {
      device.indices.remove(pending.index());
      pending.initiator().wipe();
      pending = null;
    }
  }

  /** Something authentic came from {@code source}. [W] 2.1, 6.5 */
  void heardFrom(InetSocketAddress source, int octets, long nowNs) {
    receivedOctets += octets;
    unanswered = 0;
    timers.onReceived(nowNs);
    if (!source.equals(endpoint)) {
      device.tell(new WireGuardEvent.EndpointChanged(this, endpoint, source));
      endpoint = source;
    }
  }
}
