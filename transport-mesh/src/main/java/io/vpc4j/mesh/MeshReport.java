package io.vpc4j.mesh;

import io.vpc4j.core.ops.MetricFamily;
import io.vpc4j.core.ops.MetricFamily.Sample;
import io.vpc4j.core.ops.StatusSource;
import io.vpc4j.mesh.netstack.FlowReport;
import io.vpc4j.mesh.netstack.FlowReport.Spread;
import io.vpc4j.mesh.node.Mesh;
import io.vpc4j.mesh.node.MeshStatus;
import io.vpc4j.mesh.node.MeshStatus.PeerState;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How a node stands, for people and for Prometheus; as it was at most a second ago. */
final class MeshReport implements StatusSource {

  private final String network;
  private final Supplier<MeshStatus> status;
  private final Supplier<Boolean> isReady;

  MeshReport(Mesh mesh) {
    this(
        mesh.config().network(),
        mesh::status,
        () -> !mesh.closed() && (!mesh.bound().isDone() || mesh.bound().isSuccess()));
  }

  /**
   * A report.
   *
   * @param network the name of its network, which its figures for Prometheus have as a label; empty
   *     for the directory's own, whose figures have none, which is the same as an empty one
   */
  MeshReport(String network, Supplier<MeshStatus> status, Supplier<Boolean> isReady) {
    this.network = network;
    this.status = status;
    this.isReady = isReady;
  }

  @Override
  public String name() {
    return "mesh";
  }

  /** With its UDP port; peers come and go. */
  @Override
  public boolean ready() {
    return isReady.get();
  }

  @Override
  public String summary() {
    var now = status.get();
    var sessions = now.peers().stream().filter(PeerState::session).count();
    return "mesh node"
        + (network.isEmpty() ? "" : " of network " + network)
        + " with "
        + now.peers().size()
        + (now.peers().size() == 1 ? " peer, " : " peers, ")
        + sessions
        + " of them with a session, on UDP port "
        + now.listenPort();
  }

  // ---- for people ------------------------------------------------------------------------------

  @Override
  public Map<String, Object> details() {
    var now = status.get();
    var details = new LinkedHashMap<String, Object>();
    details.put("public_key", now.publicKey());
    details.put("addresses", now.addresses().stream().map(Object::toString).toList());
    details.put("peers", now.peers().stream().map(MeshReport::peer).toList());
    details.put("open_flows", openFlows(now.flows()));
    details.put("tcp", tcp(now));
    var names = new HashMap<Integer, String>();
    now.peers().forEach(peer -> names.put(peer.link(), peer.name()));
    details.put(
        "connections",
        now.flows().busiest().stream()
            .map(connection -> connection(connection, names.get(connection.link())))
            .toList());
    return details;
  }

  private static Map<String, Object> peer(PeerState peer) {
    var row = new LinkedHashMap<String, Object>();
    row.put("peer", peer.name());
    row.put("state", state(peer));
    row.put("endpoint", peer.endpoint().map(MeshReport::text).orElse("not known"));
    peer.sinceHandshakeNs().ifPresent(ns -> row.put("last_handshake_seconds", ns / 1_000_000_000L));
    row.put("received_octets", peer.receivedOctets());
    row.put("sent_octets", peer.sentOctets());
    peer.lossPermille().ifPresent(loss -> row.put("loss_percent", loss / 10.0));
    peer.roundTripNs().ifPresent(ns -> row.put("rtt_ms", millis(ns)));
    row.put("prefixes", peer.prefixes().stream().map(Object::toString).toList());
    return row;
  }

  private static String state(PeerState peer) {
    return peer.role().name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Object> openFlows(FlowReport flows) {
    var open = new LinkedHashMap<String, Object>();
    open.put("tcp", flows.tcp());
    open.put("udp", flows.udp());
    open.put("echo", flows.echo());
    return open;
  }

  private static Map<String, Object> tcp(MeshStatus now) {
    var totals = now.flows().totals();
    var tcp = new LinkedHashMap<String, Object>();
    tcp.put("connections_begun", totals.connections());
    tcp.put("received_octets", totals.receivedOctets());
    tcp.put("sent_octets", totals.sentOctets());
    tcp.put("retransmitted_segments", totals.retransmittedSegments());
    tcp.put("timeouts", totals.timeouts());
    tcp.put("recoveries", totals.recoveries());
    tcp.put("spurious", totals.spurious());
    tcp.put("congestion_marks", totals.congestionMarks());
    tcp.put("buffered_octets", now.bufferedOctets());
    tcp.put("median_rtt_ms", millis(now.flows().rttNs().median()));
    tcp.put("median_cwnd_octets", now.flows().congestionWindowOctets().median());
    return tcp;
  }

  private static Map<String, Object> connection(
      FlowReport.Connection connection, @Nullable String peer) {
    var statistics = connection.statistics();
    var row = new LinkedHashMap<String, Object>();
    row.put("peer", peer == null ? "gone" : peer);
    row.put("local", connection.local().toUrlHost() + ":" + connection.localPort());
    row.put("remote", connection.remote().toUrlHost() + ":" + connection.remotePort());
    row.put("state", statistics.state().name().toLowerCase(Locale.ROOT));
    row.put("received_octets", statistics.receivedOctets());
    row.put("sent_octets", statistics.sentOctets());
    row.put("retransmits", statistics.retransmittedSegments());
    row.put("rtt_ms", millis(statistics.smoothedRttNs()));
    row.put("cwnd_octets", statistics.congestionWindowOctets());
    return row;
  }

  private static double millis(long ns) {
    return Math.round(ns / 1e3) / 1e3;
  }

  private static String text(InetSocketAddress address) {
    var host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  // ---- for Prometheus --------------------------------------------------------------------------

  @Override
  public List<MetricFamily> metrics() {
    var now = status.get();
    var families = new ArrayList<MetricFamily>();
    peers(now.peers(), families);
    flows(now, families);
    var events = new ArrayList<Sample>();
    new TreeMap<>(now.counters())
        .forEach(
            (counter, value) ->
                events.add(
                    new Sample(
                        Map.of("event", counter.name().toLowerCase(Locale.ROOT)),
                        value.doubleValue())));
    families.add(
        new MetricFamily(
            "vpc4j_mesh_events_total",
            "Packets that came, left or were dropped, and what the stack did of its own.",
            MetricFamily.Type.COUNTER,
            events));
    return network.isEmpty() ? families : families.stream().map(this::labelled).toList();
  }

  private MetricFamily labelled(MetricFamily family) {
    var samples = new ArrayList<Sample>();
    for (var sample : family.samples()) {
      var labels = new LinkedHashMap<String, String>(sample.labels());
      labels.put("network", network);
      samples.add(new Sample(labels, sample.value()));
    }
    return new MetricFamily(family.name(), family.help(), family.type(), samples);
  }

  private static void peers(List<PeerState> peers, List<MetricFamily> families) {
    var states = new ArrayList<Sample>();
    for (var peer : peers) {
      for (var role : MeshStatus.Role.values()) {
        var labels = new LinkedHashMap<String, String>();
        labels.put("peer", peer.name());
        labels.put("state", role.name().toLowerCase(Locale.ROOT));
        states.add(new Sample(labels, peer.role() == role ? 1 : 0));
      }
    }
    families.add(
        new MetricFamily(
            "vpc4j_mesh_peer_state",
            "1 for the state that a peer is in.",
            MetricFamily.Type.GAUGE,
            states));
    families.add(
        peer(peers, "session", "Whether a packet to a peer leaves at once.", MeshReport::session));
    families.add(
        peer(
            peers,
            "since_handshake_seconds",
            "Since a session with a peer was last agreed on.",
            peer -> peer.sinceHandshakeNs().map(ns -> ns / 1e9).orElse(null)));
    families.add(
        peer(
            peers,
            "rtt_seconds",
            "Round-trip time to a peer, as the last probe or handshake measured it.",
            peer -> peer.roundTripNs().map(ns -> ns / 1e9).orElse(null)));
    families.add(
        peer(
            peers,
            "received_octets_total",
            "Octets of a peer's authentic datagrams.",
            peer -> (double) peer.receivedOctets()));
    families.add(
        peer(
            peers,
            "sent_octets_total",
            "Octets of datagrams to a peer.",
            peer -> (double) peer.sentOctets()));
    families.add(
        peer(
            peers,
            "received_datagrams_total",
            "A peer's datagrams that came; less than were expected by what was lost.",
            peer -> (double) peer.takenDatagrams()));
    families.add(
        peer(
            peers,
            "expected_datagrams_total",
            "Datagrams that a peer must have sent, by the counters in them.",
            peer -> (double) peer.expectedDatagrams()));
  }

  private static Double session(PeerState peer) {
    return peer.session() ? 1.0 : 0.0;
  }

  private static MetricFamily peer(
      List<PeerState> peers,
      String name,
      String help,
      Function<PeerState, @Nullable Double> value) {
    var samples = new ArrayList<Sample>();
    for (var peer : peers) {
      var known = value.apply(peer);
      if (known != null) {
        samples.add(new Sample(Map.of("peer", peer.name()), known));
      }
    }
    return new MetricFamily("vpc4j_mesh_peer_" + name, help, type(name), samples);
  }

  private static MetricFamily.Type type(String name) {
    return name.endsWith("_total") ? MetricFamily.Type.COUNTER : MetricFamily.Type.GAUGE;
  }

  private static void flows(MeshStatus now, List<MetricFamily> families) {
    var flows = now.flows();
    var open = new ArrayList<Sample>();
    open.add(new Sample(Map.of("protocol", "tcp"), flows.tcp()));
    open.add(new Sample(Map.of("protocol", "udp"), flows.udp()));
    open.add(new Sample(Map.of("protocol", "echo"), flows.echo()));
    families.add(new MetricFamily("vpc4j_mesh_flows", "Open now.", MetricFamily.Type.GAUGE, open));
    var totals = flows.totals();
    families.add(tcp("connections_total", "Begun, by either end.", totals.connections()));
    families.add(tcp("received_octets_total", "Data in order.", totals.receivedOctets()));
    families.add(tcp("sent_octets_total", "Data, the first time.", totals.sentOctets()));
    families.add(
        tcp(
            "retransmitted_segments_total",
            "Segments with data sent again.",
            totals.retransmittedSegments()));
    families.add(
        tcp("timeouts_total", "How often the retransmission timer ran out.", totals.timeouts()));
    families.add(tcp("recoveries_total", "Losses noticed without the timer.", totals.recoveries()));
    families.add(tcp("spurious_total", "Losses that were none.", totals.spurious()));
    families.add(tcp("congestion_marks_total", "Routers' marks.", totals.congestionMarks()));
    families.add(tcp("buffered_octets", "In the buffers of all.", now.bufferedOctets()));
    families.add(spread("rtt_seconds", "Smoothed, of the open connections.", flows.rttNs(), 1e-9));
    families.add(
        spread(
            "congestion_window_octets",
            "Of the open connections.",
            flows.congestionWindowOctets(),
            1));
  }

  private static MetricFamily tcp(String name, String help, long value) {
    return new MetricFamily(
        "vpc4j_mesh_tcp_" + name, help, type(name), List.of(new Sample(Map.of(), (double) value)));
  }

  private static MetricFamily spread(String name, String help, Spread spread, double unit) {
    return new MetricFamily(
        "vpc4j_mesh_tcp_" + name,
        help,
        MetricFamily.Type.GAUGE,
        List.of(
            new Sample(Map.of("of", "least"), spread.least() * unit),
            new Sample(Map.of("of", "median"), spread.median() * unit),
            new Sample(Map.of("of", "most"), spread.most() * unit)));
  }
}
