package io.vpc4j.mesh.wireguard;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Devices on a simulated network in virtual time. Everything follows from the seed.
 *
 * <p>The network loses, delays, reorders and doubles datagrams as told, and remembers those that it
 * carried, so that a test can send one again.
 */
final class Story {

  static final long MS = 1_000_000L;
  static final long SECOND = 1_000 * MS;

  /** Virtual time begins below zero, since a monotonic clock may. */
  private static final long BEGINNING_NS = -3 * SECOND;

  final long seed;
  final Random random;
  final List<Node> nodes = new ArrayList<>();
  final List<Carried> carried = new ArrayList<>();

  private final Map<InetSocketAddress, Node> places = new HashMap<>();
  private final PriorityQueue<Due> due = new PriorityQueue<>();
  private long nowNs = BEGINNING_NS;
  private long order;

  double loss;
  double doubling;
  long minDelayNs;
  long maxDelayNs;
  Predicate<Carried> carries = datagram -> true;

  private Story(long seed) {
    this.seed = seed;
    random = new Random(seed);
  }

  static Story seeded(long seed) {
    return new Story(seed);
  }

  /** A datagram that was sent, whether or not it arrived. */
  static final class Carried {
    final Node from;
    final InetSocketAddress source;
    final InetSocketAddress to;
    final byte[] octets;
    final long atNs;

    Carried(Node from, InetSocketAddress to, byte[] octets, long atNs) {
      this.from = from;
      source = from.at;
      this.to = to;
      this.octets = octets;
      this.atNs = atNs;
    }

    /** 1 to 4, [W] 5.4. */
    int type() {
      return octets[0];
    }
  }

  private record Due(long atNs, long order, Runnable what) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return atNs != other.atNs ? Long.compare(atNs, other.atNs) : Long.compare(order, other.order);
    }
  }

  // ---- who there is
  // ------------------------------------------------------------------------------

  /** A device with the address 10.0.0.{@code number}, at 192.0.2.{@code number}. */
  Node node(int number) {
    return node(number, Timings.SPECIFICATION, WireGuardLimits.DEFAULTS);
  }

  Node node(int number, Timings timings, WireGuardLimits limits) {
    var node = new Node(number, timings, limits);
    nodes.add(node);
    return node;
  }

  /** Each knows the other; {@code a} knows where {@code b} is. */
  void introduce(Node a, Node b) {
    a.peer(b, b.at);
    b.peer(a, null);
  }

  // ---- time
  // --------------------------------------------------------------------------------------

  long nowNs() {
    return nowNs;
  }

  void after(long delayNs, Runnable what) {
    due.add(new Due(nowNs + delayNs, order++, what));
  }

  /** Lets time pass, doing all that is due. */
  void advance(long byNs) {
    var untilNs = nowNs + byNs;
    while (true) {
      var next = due.peek();
      var timerNs = Long.MAX_VALUE;
      for (var node : nodes) {
        timerNs = Math.min(timerNs, node.engine.deadlineNs());
      }
      var eventNs = next == null ? Long.MAX_VALUE : next.atNs();
      var thenNs = Math.min(eventNs, timerNs);
      if (thenNs > untilNs) {
        nowNs = untilNs;
        return;
      }
      nowNs = Math.max(nowNs, thenNs);
      if (timerNs <= eventNs) {
        nodes.forEach(Node::onTime);
      } else {
        due.poll().what().run();
      }
    }
  }

  // ---- the network
  // -------------------------------------------------------------------------------

  private void transmit(Node from, ByteBuffer datagram, InetSocketAddress to) {
    var octets = new byte[datagram.remaining()];
    datagram.duplicate().get(octets);
    var sent = new Carried(from, to, octets, nowNs);
    carried.add(sent);
    if (!carries.test(sent) || random.nextDouble() < loss) {
      return;
    }
    deliverLater(sent);
    if (random.nextDouble() < doubling) {
      deliverLater(sent);
    }
  }

  private void deliverLater(Carried sent) {
    var delayNs =
        minDelayNs == maxDelayNs ? minDelayNs : random.nextLong(minDelayNs, maxDelayNs + 1);
    after(delayNs, () -> deliver(sent));
  }

  /** Delivers a datagram now, for the first time or again. */
  void deliver(Carried sent) {
    deliver(sent.octets, sent.source, sent.to);
  }

  /** Delivers octets that nobody sent, or from where nobody sent them. */
  void deliver(byte[] octets, InetSocketAddress source, InetSocketAddress to) {
    var node = places.get(to);
    if (node != null) {
      node.onDatagram(octets, source);
    }
  }

  List<Carried> carried(int type) {
    return carried.stream().filter(datagram -> datagram.type() == type).toList();
  }

  /** Closes everything and looks whether anything is left. */
  void end() {
    for (var node : nodes) {
      var peers = node.engine.peers();
      node.keepsOnlyWhatItNeeds();
      node.engine.close();
      assertThat(peers).as("secrets").allMatch(peer -> peer.identity.isWiped());
      assertThat(node.secrets.liveCiphers()).as("session keys").isZero();
      assertThat(node.secrets.liveScalars()).as("ephemeral keys").isZero();
      assertThat(peers).allMatch(peer -> peer.pending == null && peer.sessions.current() == null);
      assertThat(peers).allMatch(peer -> peer.device().key.isWiped());
      assertThat(node.engine.liveIndices()).as("seed %d, indices", seed).isZero();
      assertThat(node.engine.deadlineNs()).as("seed %d, timers", seed).isEqualTo(Long.MAX_VALUE);
      assertThat(node.engine.pollTransmit(ByteBuffer.allocate(4096), nowNs)).isNull();
      assertThat(node.engine.peers()).isEmpty();
    }
  }

  /** A device, where it is, and what came to it. */
  final class Node {

    final int number;
    final IpAddress address;
    final PrivateKey key;
    final WireGuard engine;
    final List<Long> received = new ArrayList<>();
    final List<WireGuardEvent> events = new ArrayList<>();
    InetSocketAddress at;
    long wallOffsetNs = 1_700_000_000L * SECOND;

    final Secrets secrets = new Secrets(random);
    private final ByteBuffer room = ByteBuffer.allocate(4096);

    private Node(int number, Timings timings, WireGuardLimits limits) {
      this.number = number;
      address = IpAddress.require("10.0.0." + number);
      key = PrivateKey.generate(random::nextBytes);
      engine =
          WireGuard.builder(key, secrets.entropy(), () -> nowNs + wallOffsetNs)
              .aeads(secrets.aeads())
              .timings(timings)
              .limits(limits)
              .build();
      at = place("192.0.2." + number, 51_820);
      places.put(at, this);
    }

    /** Moves to another address; what is sent to the old one is lost. */
    void moveTo(String host, int port) {
      places.remove(at);
      at = place(host, port);
      places.put(at, this);
    }

    Peer peer(Node other, @Nullable InetSocketAddress where) {
      return add(PeerConfig.of(other.engine.publicKey(), where, Cidr.of(other.address)));
    }

    Peer add(PeerConfig config) {
      var peer = engine.addPeer(config, nowNs);
      flush();
      return peer;
    }

    Peer peerOf(Node other) {
      return engine.peer(other.engine.publicKey());
    }

    Sent send(Node to, long number) {
      return send(to, number, 100);
    }

    Sent send(Node to, long number, int payload) {
      return send(IpPackets.numbered(address, to.address, number, payload));
    }

    Sent send(ByteBuffer packet) {
      var peer = engine.peerFor(packet);
      if (peer == null) {
        return Sent.DROPPED;
      }
      var sent = engine.send(peer, packet, nowNs);
      if (sent == Sent.SEALED) {
        transmit(this, packet, peer.endpoint());
      }
      flush();
      return sent;
    }

    void onDatagram(byte[] octets, InetSocketAddress source) {
      // neither at the array's beginning nor at its end: nothing outside may matter
      room.clear().position(7).put(octets).flip().position(7);
      Arrays.fill(room.array(), 7 + octets.length, room.capacity(), (byte) 0x5a);
      if (engine.onDatagram(room, source, nowNs) != null) {
        received.add(IpPackets.number(room));
      }
      flush();
    }

    void onTime() {
      engine.onTime(nowNs);
      flush();
      assertThat(engine.deadlineNs())
          .as("seed %d: a deadline that is not met", seed)
          .isGreaterThan(nowNs);
    }

    void flush() {
      for (var to = engine.pollTransmit(room, nowNs);
          to != null;
          to = engine.pollTransmit(room, nowNs)) {
        transmit(this, room, to);
      }
      for (var event = engine.pollEvent(); event != null; event = engine.pollEvent()) {
        events.add(event);
      }
    }

    /** The keys of sessions that are held, and of a handshake that is not answered: no others. */
    void keepsOnlyWhatItNeeds() {
      var sessions = 0;
      var handshakes = 0;
      for (var peer : engine.peers()) {
        sessions += peer.sessions.held().size();
        handshakes += peer.pending == null ? 0 : 1;
      }
      assertThat(secrets.liveCiphers()).as("seed %d, session keys", seed).isEqualTo(2L * sessions);
      assertThat(secrets.liveSessionKeys()).as("seed %d, copies of them", seed).isZero();
      assertThat(secrets.liveScalars())
          .as("seed %d, ephemeral keys and a secret of cookies", seed)
          .isBetween((long) handshakes, handshakes + 1L);
    }

    long drops() {
      return engine.drops().values().stream().mapToLong(Long::longValue).sum();
    }

    long dropped(Drop reason) {
      return engine.drops().getOrDefault(reason, 0L);
    }

    <E extends WireGuardEvent> List<E> events(Class<E> kind) {
      return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
  }

  static InetSocketAddress place(String host, int port) {
    return new InetSocketAddress(IpAddress.require(host).toInetAddress(), port);
  }
}
