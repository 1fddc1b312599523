package io.vpc4j.mesh.netstack.tcp;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.SipHash;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A stack in small: a table of connections, a listener, and the loop that drives them. */
final class SimulatedHost {

  static final int ROOM = 1_400;

  private final Simulation net;
  private final String name;
  private final TcpSettings settings;
  private final SipHash hash;
  private final TcpSegment segment = new TcpSegment();
  private final ByteBuffer out = ByteBuffer.allocate(2_048);
  private final Map<Integer, TcpConnection> connections = new LinkedHashMap<>();
  private final Map<TcpConnection, Set<TcpEvent>> events = new LinkedHashMap<>();
  final List<TcpConnection> ended = new ArrayList<>();
  final TcpHost tcp;
  @Nullable TcpListener listener;
  int room = ROOM;
  long resets;

  SimulatedHost(Simulation net, String name, TcpSettings settings, TcpLimits limits, long seed) {
    this.net = net;
    this.name = name;
    this.settings = settings;
    tcp = new TcpHost(limits);
    hash = new SipHash(seed, ~seed);
  }

  TcpFlow flow(int local, int remote) {
    var text = (name + local + ' ' + remote).getBytes(US_ASCII);
    return new TcpFlow(local, remote, room, hash.hash(text, 0, text.length));
  }

  TcpConnection connect(int local, int remote) {
    var connection = TcpConnection.open(tcp, flow(local, remote), settings, net.nowNs());
    add(connection);
    return connection;
  }

  TcpListener listen(int maxHalfOpen, int maxWaiting) {
    var made = new TcpListener(tcp, settings, maxHalfOpen, maxWaiting, hash);
    listener = made;
    return made;
  }

  private void add(TcpConnection connection) {
    connections.put(key(connection.flow().localPort(), connection.flow().remotePort()), connection);
    events.put(connection, EnumSet.noneOf(TcpEvent.class));
  }

  private static int key(int local, int remote) {
    return local << 16 | remote;
  }

  boolean has(TcpConnection connection, TcpEvent event) {
    return events.get(connection).contains(event);
  }

  int live() {
    return connections.size();
  }

  Iterable<TcpConnection> connections() {
    return connections.values();
  }

  void onPacket(SimulatedLink.Packet packet) {
    var octets = ByteBuffer.wrap(packet.octets());
    if (segment.read(octets, 0, packet.octets().length, packet.ecn()) != TcpSegment.Verdict.OK) {
      throw new AssertionError("sent by nobody: " + packet.octets().length + " octets");
    }
    var local = segment.destinationPort();
    var remote = segment.sourcePort();
    var connection = connections.get(key(local, remote));
    if (connection != null && connection.replaceableBy(segment)) {
      connection.abort(net.nowNs());
      forget(connection);
      connection = null;
    }
    if (connection != null) {
      connection.onSegment(segment, net.nowNs());
      return;
    }
    out.clear();
    var listening = listener;
    if (listening == null) {
      TcpReset.answer(segment, tcp, out);
    } else {
      var made = listening.onSegment(segment, flow(local, remote), out, net.nowNs());
      if (made != null) {
        add(made);
      }
    }
    if (out.position() > 0) {
      resets++;
      net.send(this, out.flip(), io.vpc4j.mesh.netstack.wire.Ecn.NOT_ECT);
    }
  }

  long deadlineNs() {
    var earliest = TcpConnection.NO_DEADLINE;
    for (var connection : connections.values()) {
      earliest = Deadline.earliest(earliest, connection.deadlineNs());
    }
    return earliest;
  }

  void onTime() {
    for (var connection : connections.values()) {
      connection.onTime(net.nowNs());
    }
  }

  /** Polls every connection until nothing comes. */
  void drain() {
    for (var connection : List.copyOf(connections.values())) {
      drain(connection);
    }
  }

  private void drain(TcpConnection connection) {
    out.clear();
    while (connection.poll(out, net.nowNs()) > 0) {
      net.send(this, out.flip(), connection.polledEcn());
      out.clear();
    }
    for (var event = connection.pollEvent(); event != null; event = connection.pollEvent()) {
      events.get(connection).add(event);
      if (event == TcpEvent.CLOSED) {
        forget(connection);
      }
    }
  }

  private void forget(TcpConnection connection) {
    connections.remove(key(connection.flow().localPort(), connection.flow().remotePort()));
    ended.add(connection);
  }

  String state() {
    var text = new StringBuilder();
    for (var connection : connections.values()) {
      text.append('\n').append(connection).append(", due in ");
      text.append(connection.deadlineNs() - net.nowNs())
          .append(" ns, ")
          .append(connection.statistics());
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return name;
  }
}
