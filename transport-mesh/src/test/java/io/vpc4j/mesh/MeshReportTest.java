package io.vpc4j.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.ops.MetricFamily;
import io.vpc4j.mesh.netstack.FlowReport;
import io.vpc4j.mesh.netstack.FlowReport.Connection;
import io.vpc4j.mesh.netstack.FlowReport.Spread;
import io.vpc4j.mesh.netstack.FlowReport.Totals;
import io.vpc4j.mesh.netstack.NetstackCounters.Counter;
import io.vpc4j.mesh.netstack.tcp.TcpState;
import io.vpc4j.mesh.netstack.tcp.TcpStatistics;
import io.vpc4j.mesh.node.MeshStatus;
import io.vpc4j.mesh.node.MeshStatus.PeerState;
import io.vpc4j.mesh.node.MeshStatus.Role;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A state, and what is said of it. */
class MeshReportTest {

  private static final long MS = 1_000_000L;

  private static final MeshStatus STATUS =
      new MeshStatus(
          "PUBLIC",
          51_820,
          List.of(
              new PeerState(
                  "n1",
                  "db-1",
                  "KEY-1",
                  Optional.of(new InetSocketAddress("192.0.2.7", 51_820)),
                  List.of(Cidr.require("10.0.5.0/24")),
                  Optional.of(42_900 * MS),
                  0,
                  Role.ACTIVE,
                  true,
                  1_000,
                  2_000,
                  400,
                  390,
                  OptionalInt.of(25),
                  Optional.of(1_234_567L)),
              new PeerState(
                  "n2",
                  "db-2",
                  "KEY-2",
                  Optional.empty(),
                  List.of(),
                  Optional.empty(),
                  1,
                  Role.STANDBY,
                  false,
                  0,
                  0,
                  0,
                  0,
                  OptionalInt.empty(),
                  Optional.empty())),
          List.of(IpAddress.require("100.96.0.1")),
          new FlowReport(
              2,
              1,
              0,
              new Totals(9, 100, 200, 3, 1, 2, 1, 4),
              new Spread(MS, 2 * MS, 9 * MS),
              new Spread(10, 20, 30),
              List.of(
                  new Connection(
                      0,
                      IpAddress.require("100.96.0.1"),
                      50_000,
                      IpAddress.require("fd00::5"),
                      80,
                      new TcpStatistics(
                          TcpState.ESTABLISHED,
                          2 * MS,
                          0,
                          0,
                          14_480,
                          0,
                          0,
                          0,
                          0,
                          0,
                          70,
                          80,
                          3,
                          0,
                          0,
                          0,
                          0,
                          0)))),
          5,
          65_536,
          Map.of(Counter.PACKETS_IN, 17L));

  private final MeshReport report = new MeshReport("", () -> STATUS, () -> true);

  @Test
  void peopleSeePeersFlowsAndConnections() {
    assertThat(report.summary())
        .isEqualTo("mesh node with 2 peers, 1 of them with a session, on UDP port 51820");
    assertThat(report.details())
        .extractingByKey("peers")
        .hasToString(
            "[{peer=db-1, state=active, endpoint=192.0.2.7:51820, last_handshake_seconds=42,"
                + " received_octets=1000, sent_octets=2000, loss_percent=2.5, rtt_ms=1.235,"
                + " prefixes=[10.0.5.0/24]},"
                + " {peer=db-2, state=standby, endpoint=not known, received_octets=0,"
                + " sent_octets=0, prefixes=[]}]");
    assertThat(report.details())
        .extractingByKey("connections")
        .hasToString(
            "[{peer=db-1, local=100.96.0.1:50000, remote=[fd00::5]:80, state=established,"
                + " received_octets=80, sent_octets=70, retransmits=3, rtt_ms=2.0,"
                + " cwnd_octets=14480}]");
    assertThat(report.details())
        .extractingByKey("tcp")
        .hasToString(
            "{connections_begun=9, received_octets=200, sent_octets=100,"
                + " retransmitted_segments=3, timeouts=1, recoveries=2, spurious=1,"
                + " congestion_marks=4, buffered_octets=65536, median_rtt_ms=2.0,"
                + " median_cwnd_octets=20}");
  }

  @Test
  void prometheusHasEveryFigureUnderANameOfItsOwn() {
    var families =
        report.metrics().stream().collect(Collectors.toMap(MetricFamily::name, each -> each));

    assertThat(families.keySet()).allMatch(name -> name.startsWith("vpc4j_mesh_"));
    assertThat(text(families, "vpc4j_mesh_peer_state"))
        .contains("{peer=db-1, state=active}=1.0", "{peer=db-2, state=standby}=1.0")
        .contains("{peer=db-2, state=active}=0.0", "{peer=db-2, state=down}=0.0");
    assertThat(text(families, "vpc4j_mesh_peer_since_handshake_seconds"))
        .isEqualTo("{peer=db-1}=42.9");
    assertThat(text(families, "vpc4j_mesh_peer_rtt_seconds")).isEqualTo("{peer=db-1}=0.001234567");
    assertThat(text(families, "vpc4j_mesh_peer_received_datagrams_total"))
        .isEqualTo("{peer=db-1}=390.0 {peer=db-2}=0.0");
    assertThat(text(families, "vpc4j_mesh_peer_expected_datagrams_total"))
        .isEqualTo("{peer=db-1}=400.0 {peer=db-2}=0.0");
    assertThat(text(families, "vpc4j_mesh_flows"))
        .isEqualTo("{protocol=tcp}=2.0 {protocol=udp}=1.0 {protocol=echo}=0.0");
    assertThat(text(families, "vpc4j_mesh_tcp_retransmitted_segments_total")).isEqualTo("{}=3.0");
    assertThat(text(families, "vpc4j_mesh_tcp_congestion_window_octets"))
        .isEqualTo("{of=least}=10.0 {of=median}=20.0 {of=most}=30.0");
    assertThat(text(families, "vpc4j_mesh_tcp_rtt_seconds")).contains("{of=median}=0.002");
    assertThat(text(families, "vpc4j_mesh_events_total")).isEqualTo("{event=packets_in}=17.0");
  }

  @Test
  void whatIsNotOfTheDirectorysOwnNetworkSaysOfWhich() {
    var lab = new MeshReport("lab", () -> STATUS, () -> true);

    assertThat(lab.summary()).startsWith("mesh node of network lab with 2 peers, ");
    assertThat(lab.metrics()).hasSameSizeAs(report.metrics());
    assertThat(lab.metrics())
        .allSatisfy(
            family ->
                assertThat(family.samples())
                    .as(family.name())
                    .allSatisfy(
                        sample -> assertThat(sample.labels()).containsEntry("network", "lab")));
    assertThat(report.metrics())
        .allSatisfy(
            family ->
                assertThat(family.samples())
                    .noneSatisfy(sample -> assertThat(sample.labels()).containsKey("network")));
  }

  private static String text(Map<String, MetricFamily> families, String name) {
    assertThat(families).containsKey(name);
    return families.get(name).samples().stream()
        .map(sample -> sample.labels() + "=" + sample.value())
        .collect(Collectors.joining(" "));
  }
}
