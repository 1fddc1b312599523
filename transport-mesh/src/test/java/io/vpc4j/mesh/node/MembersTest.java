package io.vpc4j.mesh.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.NodeRecord.Announcement;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.mesh.link.DatagramLink;
import io.vpc4j.mesh.loop.MeshLoop;
import io.vpc4j.mesh.netstack.Netstack;
import io.vpc4j.mesh.netstack.Packets;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.node.Members.Member;
import io.vpc4j.mesh.route.Claim;
import io.vpc4j.mesh.route.Standing;
import io.vpc4j.mesh.wireguard.WireGuard;
import io.vpc4j.mesh.wireguard.crypto.PrivateKey;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is given what, before two nodes of one prefix that die and come back; in virtual time. */
class MembersTest {

  private static final IpAddress US = IpAddress.require("100.96.0.1");
  private static final IpAddress CLIENT = IpAddress.require("100.96.0.4");
  private static final IpAddress TARGET = IpAddress.require("10.77.0.1");

  private final Random random = new Random(71);
  private final EmbeddedChannel carrier = new EmbeddedChannel();
  private final EndpointNames names = new EndpointNames();
  private final EndpointMemory memory = new EndpointMemory(Optional.empty());
  private final Set<String> dead = new HashSet<>();
  private MeshLoop loop;
  private Members members;
  private long nowNs = 1_000_000_000L;

  @BeforeEach
  void startHub() {
    var config = MeshConfig.of(Secret.of(key(1)), 0, List.of(US), Optional.empty());
    var wireGuard =
        WireGuard.builder(PrivateKey.of(key(1)), random::nextBytes, () -> nowNs).build();
    var routes = new MeshRoutes(config, wireGuard);
    var stack = new Netstack(config.netstack(), routes, random::nextLong, nowNs);
    loop = new MeshLoop(carrier.eventLoop(), () -> nowNs, wireGuard, stack, new NowhereLink());
    members = new Members(loop, routes, names, memory);
    members.judge(new Named());
  }

  @AfterEach
  void close() {
    loop.close();
    names.close();
    memory.close();
    carrier.finishAndReleaseAll();
  }

  /** Who is dead is what the test says. */
  private final class Named implements Members.Judge {
    @Override
    public Standing standing(Member member) {
      var record = member.record;
      return new Standing(!dead.contains(record.nodeId()), record.priority(), 0);
    }

    @Override
    public Claim claim(Member member) {
      return new Claim(standing(member), Long.MAX_VALUE, member.lastTurn);
    }
  }

  /** Nobody sends here but handshakes that are not looked at. */
  private static final class NowhereLink implements DatagramLink {
    @Override
    public void receiver(Receiver receiver) {
      // nothing ever comes
    }

    @Override
    public void write(ByteBuffer datagram, InetSocketAddress to) {
      datagram.position(datagram.limit());
    }

    @Override
    public void flush() {
      // nothing is kept
    }

    @Override
    public boolean writable() {
      return true;
    }

    @Override
    public int localPort() {
      return 1;
    }

    @Override
    public void close() {
      // nothing is open
    }
  }

  private static byte[] key(int seed) {
    var octets = new byte[32];
    new Random(seed).nextBytes(octets);
    return octets;
  }

  private static NodeRecord record(int seed, String id, int priority, Cidr... routes) {
    var announced = new ArrayList<Announcement>();
    for (var route : routes) {
      announced.add(new Announcement(route, "default", ""));
    }
    return new NodeRecord(
        id,
        id,
        NodeRecord.Kind.NODE,
        List.of(IpAddress.require("100.96.0." + seed)),
        announced,
        priority,
        Optional.of(
            new NodeRecord.Peer(
                PrivateKey.of(key(seed)).publicKey().toString(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())));
  }

  private void announce(int firstsPriority, int secondsPriority) {
    members.apply(
        List.of(
            record(2, "first", firstsPriority, Cidr.of(TARGET)),
            record(3, "second", secondsPriority, Cidr.of(TARGET)),
            record(4, "client", 100)));
  }

  private void dies(String nodeId) {
    dead.add(nodeId);
    members.assign();
  }

  private void comesBack(String nodeId) {
    dead.remove(nodeId);
    members.assign();
  }

  /** By which node a packet of each flow leaves: a flow is a source port of the client's. */
  private Map<Integer, String> send(int fromPort, int toPort) {
    nowNs += 1_000_000_000L;
    var went = new HashMap<Integer, String>();
    for (var port = fromPort; port < toPort; port++) {
      var segment = ByteBuffer.allocate(20).putShort((short) port).putShort((short) 80).array();
      var packet = Packets.ip(CLIENT, TARGET, IpProtocol.TCP, segment);
      var from = members.byId("client").link.index();
      var link = loop.stack().onPacket(packet, from, nowNs);
      assertThat(link).isNotEqualTo(Netstack.NONE);
      went.put(port, members.byLink(link).record.nodeId());
    }
    return went;
  }

  @Test
  void whenAnEqualComesBackEachFlowStaysAndNewOnesAreShared() {
    announce(100, 100);
    var early = send(1_000, 1_200);
    assertThat(early.values()).contains("first", "second");

    dies("second");
    assertThat(send(1_000, 1_300).values()).containsOnly("first");
    comesBack("second");

    assertThat(send(1_000, 1_300).values()).as("established").containsOnly("first");
    var late = send(2_000, 2_200);
    assertThat(late.values()).contains("first", "second");
    assertThat(send(2_000, 2_200)).isEqualTo(late);
  }

  @Test
  void whenTheBetterOneComesBackItGetsNewFlowsAlone() {
    announce(100, 10);
    assertThat(send(1_000, 1_100).values()).containsOnly("second");

    dies("second");
    assertThat(send(1_000, 1_200).values()).containsOnly("first");
    comesBack("second");

    assertThat(send(1_000, 1_200).values()).as("established").containsOnly("first");
    assertThat(send(2_000, 2_100).values()).containsOnly("second");
    dies("first");
    assertThat(send(1_000, 1_200).values()).containsOnly("second");
  }

  /** One that is taken out of the directory has no flow, and nothing is left of it. */
  @Test
  void whatAReplicaHadGoesWithItsRecord() {
    announce(100, 100);
    send(1_000, 1_200);

    members.apply(List.of(record(2, "first", 100, Cidr.of(TARGET)), record(4, "client", 100)));
    assertThat(send(1_000, 1_200).values()).containsOnly("first");
    announce(100, 100);

    assertThat(send(1_000, 1_200).values()).containsOnly("first", "second");
  }

  // ---- virtual networks that overlap

  private static NodeRecord of(String virtualNetwork, int seed, String id) {
    var plain = record(seed, id, 100);
    return new NodeRecord(
        id,
        id,
        NodeRecord.Kind.NODE,
        plain.addresses(),
        List.of(new Announcement(Cidr.of(TARGET), virtualNetwork, "")),
        100,
        plain.peer());
  }

  private Set<String> whoIsGivenFlows(String routesNode) {
    var given = new HashSet<String>();
    for (var i = 0; i < 10; i++) {
      given.add(members.leadsTo(routesNode, TARGET).record.nodeId());
    }
    return given;
  }

  /** One prefix in two networks is two places: nobody of the one stands in for the other. */
  @Test
  void nodesOfTwoVirtualNetworksAreNoReplicas() {
    members.apply(List.of(of("test", 2, "first"), of("prod", 3, "second")));

    assertThat(whoIsGivenFlows("first")).containsExactly("first");
    assertThat(whoIsGivenFlows("second")).containsExactly("second");
    assertThat(members.replicas()).isEmpty();
    dies("first");
    assertThat(whoIsGivenFlows("first")).as("dead, and nobody else is there").contains("first");
    assertThat(members.takesFlows(members.byId("first"))).isTrue();
  }

  @Test
  void eachVirtualNetworkHasItsOwnReplicas() {
    members.apply(
        List.of(
            of("test", 2, "first"),
            of("prod", 3, "second"),
            of("test", 5, "third"),
            of("prod", 6, "fourth")));

    assertThat(whoIsGivenFlows("first")).containsExactlyInAnyOrder("first", "third");
    assertThat(whoIsGivenFlows("second")).containsExactlyInAnyOrder("second", "fourth");
    assertThat(members.replicas()).hasSize(4);
  }

  /** A packet that goes on names no network: it is in the default one, whoever is named first. */
  @Test
  void whatIsForwardedIsInTheDefaultNetwork() {
    members.apply(
        List.of(
            of("prod", 2, "first"),
            of("default", 3, "second"),
            of("default", 5, "third"),
            record(4, "client", 100)));

    assertThat(send(1_000, 1_200).values()).containsOnly("second", "third");
    dies("second");
    assertThat(send(1_000, 1_200).values()).containsOnly("third");
  }
}
