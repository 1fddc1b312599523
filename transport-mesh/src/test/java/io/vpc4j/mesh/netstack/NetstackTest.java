package io.vpc4j.mesh.netstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.NetstackCounters.Counter;
import io.vpc4j.mesh.netstack.icmp.IcmpErrors;
import io.vpc4j.mesh.netstack.icmp.IcmpErrors.Problem;
import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.Icmp;
import io.vpc4j.mesh.netstack.wire.IpPacket;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.Ipv4Header;
import io.vpc4j.mesh.netstack.wire.UdpHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two stacks joined by a wire that the test turns, in virtual time. */
class NetstackTest {

  private static final long SECOND = 1_000_000_000L;
  private static final IpAddress A4 = IpAddress.require("100.96.0.1");
  private static final IpAddress B4 = IpAddress.require("100.96.0.2");
  private static final IpAddress B6 = IpAddress.require("fd00::2");
  private static final Object OWNER = new Object();

  private final FixedRouting aRouting =
      new FixedRouting("100.96.0.1", "fd00::1").link("0.0.0.0/0", 0).link("::/0", 0);
  private final FixedRouting bRouting =
      new FixedRouting("100.96.0.2", "fd00::2").link("0.0.0.0/0", 0).link("::/0", 0);
  private final Netstack a = stack(aRouting, 1);
  private final Netstack b = stack(bRouting, 2);
  private final ByteBuffer wire = ByteBuffer.allocate(70_000);
  private long nowNs;

  private static Netstack stack(FixedRouting routing, long seed) {
    return new Netstack(NetstackSettings.defaults(), routing, new Random(seed)::nextLong, 0);
  }

  /** Carries packets both ways until neither has any; counts them. */
  private int exchange() {
    var carried = 0;
    for (var quiet = false; !quiet; ) {
      quiet = true;
      for (var from : List.of(a, b)) {
        while (from.pollReady(nowNs) != null) {
          // owners look when the test does
        }
        while (poll(from)) {
          (from == a ? b : a).onPacket(wire, 0, nowNs);
          carried++;
          quiet = false;
        }
      }
      assertThat(carried).as("packets without end").isLessThan(100_000);
    }
    return carried;
  }

  private boolean poll(Netstack from) {
    wire.clear().position(16);
    return from.poll(wire, nowNs) != Netstack.NONE;
  }

  private static byte @Nullable [] received(UdpSocket socket) {
    var queue = socket.received();
    if (queue.size() == 0) {
      return null;
    }
    var octets = Arrays.copyOf(queue.octets(), queue.length());
    queue.remove();
    return octets;
  }

  private static void send(UdpSocket socket, IpAddress to, int port, byte[] octets) {
    var room = socket.claim(to, port, 0, octets.length);
    assertThat(room).isNotNull();
    System.arraycopy(octets, 0, room, UdpHeader.OCTETS, octets.length);
    socket.send();
  }

  // ---- UDP

  @ParameterizedTest
  @CsvSource({
    "100.96.0.2, 10",
    "100.96.0.2, 1392",
    "100.96.0.2, 1393",
    "100.96.0.2, 60000",
    "fd00::2, 10",
    "fd00::2, 1372",
    "fd00::2, 1373",
    "fd00::2, 60000"
  })
  void aDatagramArrivesWholeHoweverManyPacketsItTakes(String to, int length) throws FlowRefused {
    var address = IpAddress.require(to);
    var server = b.bindUdp(address, 53, OWNER);
    var client = a.connectUdp(address, 53, 0, OWNER);
    var octets = Packets.octets(length);
    send(client, address, 53, octets);
    exchange();

    assertThat(received(server)).isEqualTo(octets);
    assertThat(server.received().size()).isZero();
  }

  @Test
  void anAnswerFindsTheSocketThatAsked() throws FlowRefused {
    var server = b.bindUdp(B4, 53, OWNER);
    var clients = new ArrayList<UdpSocket>();
    for (var i = 0; i < 20; i++) {
      var client = a.connectUdp(B4, 53, 0, OWNER);
      clients.add(client);
      send(client, B4, 53, new byte[] {(byte) i});
    }
    exchange();
    for (var i = 0; i < 20; i++) {
      var queue = server.received();
      var from = new IpAddress(IpAddress.Family.V4, queue.high(), queue.low());
      var port = queue.port();
      send(server, from, port, new byte[] {queue.octets()[0], 9});
      queue.remove();
    }
    exchange();

    for (var i = 0; i < 20; i++) {
      assertThat(received(clients.get(i))).containsExactly(i, 9);
    }
  }

  @Test
  void aPortNobodyHasIsUnreachable() throws FlowRefused {
    var client = a.connectUdp(B4, 53, 0, OWNER);
    send(client, B4, 53, new byte[] {1});
    exchange();

    assertThat(client.takeUnreachable()).isTrue();
    assertThat(client.takeUnreachable()).isFalse();
    assertThat(b.counters().get(Counter.DROPPED_NO_PORT)).isEqualTo(1);
  }

  @Test
  void aFullQueueLosesAndCounts() throws FlowRefused {
    var server = b.bindUdp(B4, 53, OWNER);
    var client = a.connectUdp(B4, 53, 0, OWNER);
    for (var i = 0; i < 1_000; i++) {
      send(client, B4, 53, new byte[] {1});
      exchange();
    }
    assertThat(server.received().size()).isEqualTo(UdpSocket.MAX_QUEUED);
    assertThat(server.received().refused()).isEqualTo(1_000 - UdpSocket.MAX_QUEUED);
  }

  @Test
  void aDatagramWithAWrongChecksumIsDropped() throws FlowRefused {
    var server = b.bindUdp(B4, 53, OWNER);
    var datagram = Packets.udp(A4, 99, B4, 53, new byte[] {1, 2, 3});
    datagram[9] ^= 1;
    b.onPacket(Packets.ip(A4, B4, IpProtocol.UDP, datagram), 0, nowNs);

    assertThat(received(server)).isNull();
    assertThat(b.counters().get(Counter.DROPPED_CHECKSUM)).isEqualTo(1);
  }

  // ---- echo

  @ParameterizedTest
  @CsvSource({"100.96.0.2", "fd00::2"})
  void aPingIsAnswered(String to) throws FlowRefused {
    var ping = a.ping(IpAddress.require(to), 0, 56, nowNs + SECOND, OWNER);
    poll(a);
    b.onPacket(wire, 0, nowNs);
    nowNs += 30_000_000;
    exchange();

    assertThat(ping.outcome()).isEqualTo(EchoSocket.Outcome.REPLIED);
    assertThat(ping.roundTripNs()).isEqualTo(30_000_000);
    assertThat(ping.replyHopLimit()).isEqualTo(64);
    assertThat(a.flowCount()).isZero();
  }

  @Test
  void aPingThatNobodyAnswersTimesOut() throws FlowRefused {
    var ping = a.ping(IpAddress.require("100.96.0.9"), 0, 56, nowNs + SECOND, OWNER);
    poll(a);
    assertThat(poll(a)).isFalse();
    assertThat(a.deadlineNs()).isEqualTo(SECOND);
    nowNs = SECOND;
    a.onTime(nowNs);
    exchange();

    assertThat(ping.outcome()).isEqualTo(EchoSocket.Outcome.TIMED_OUT);
    assertThat(a.flowCount()).isZero();
    assertThat(a.timerCount()).isZero();
  }

  @Test
  void aPingLargerThanAPacketIsAnsweredInPieces() {
    var whole = Packets.echo(A4, B4, 7, 1, Packets.octets(4_000));
    var message = new byte[4_008];
    whole.get(whole.position() + 20, message);
    for (var at = 0; at < message.length; at += 1_000) {
      var length = Math.min(1_000, message.length - at);
      var more = at + length < message.length;
      var piece = Packets.fragment(A4, B4, 5, message, at, length, more);
      piece.put(9, (byte) IpProtocol.ICMP);
      Ipv4Header.writeChecksum(piece, 0);
      b.onPacket(piece, 0, nowNs);
    }
    var pieces = 0;
    while (poll(b)) {
      pieces++;
    }
    assertThat(pieces).isEqualTo(3);
    assertThat(b.counters().get(Counter.ECHOES_ANSWERED)).isEqualTo(1);
  }

  // ---- how flows stand

  /** A connection counts once, open or over, however often its owner still calls it. */
  @Test
  void aReportCountsConnectionsThatAreOverToo() throws FlowRefused {
    var tcp = a.settings().tcp();
    var server = b.listen(80, 10, tcp, new Random(3)::nextLong, () -> {});
    var client = a.connect(B4, 80, 0, tcp, OWNER, nowNs);
    a.connectUdp(B4, 53, 0, OWNER);
    nowNs += 5_000_000;
    exchange();
    var accepted = Objects.requireNonNull(server.accept());
    accepted.owner(OWNER);
    client.write(ByteBuffer.wrap(Packets.octets(1_000)), nowNs);
    poll(a);
    nowNs += 20_000_000;
    b.onPacket(wire, 0, nowNs);
    accepted.read(ByteBuffer.allocate(2_000), nowNs);
    exchange();

    var open = a.report(10);
    assertThat(open.tcp()).isEqualTo(1);
    assertThat(open.udp()).isEqualTo(1);
    assertThat(open.totals().connections()).isEqualTo(1);
    assertThat(open.totals().sentOctets()).isEqualTo(1_000);
    assertThat(open.rttNs().least()).isPositive().isEqualTo(open.rttNs().most());
    assertThat(open.congestionWindowOctets().median()).isGreaterThan(1_000);
    assertThat(open.busiest())
        .singleElement()
        .satisfies(
            connection -> {
              assertThat(connection.remote()).isEqualTo(B4);
              assertThat(connection.remotePort()).isEqualTo(80);
              assertThat(connection.octets()).isEqualTo(1_000);
            });
    assertThat(a.report(0).busiest()).isEmpty();
    assertThat(b.report(10).totals().receivedOctets()).isEqualTo(1_000);

    client.abort(nowNs);
    while (client.pollEvent() != null) {
      // until it is over
    }
    exchange();
    client.close(nowNs); // once more
    exchange();
    assertThat(a.report(10).tcp()).isZero();
    assertThat(a.report(10).totals()).isEqualTo(open.totals());
  }

  // ---- what is not welcome

  @Test
  void aPacketThatClaimsToComeFromUsIsDropped() {
    b.onPacket(Packets.echo(B4, B4, 1, 1, new byte[8]), 0, nowNs);

    assertThat(b.counters().get(Counter.DROPPED_MARTIAN)).isEqualTo(1);
    assertThat(poll(b)).isFalse();
  }

  @Test
  void anUnknownTransportIsUnreachable() {
    b.onPacket(Packets.ip(A4, B4, 132, new byte[20]), 0, nowNs);

    assertThat(poll(b)).isTrue();
    var error = new IpPacket();
    assertThat(error.read(wire)).isEqualTo(IpPacket.Reading.OK);
    assertThat(Icmp.type(wire, error.payloadAt())).isEqualTo(Icmp.V4_UNREACHABLE);
    assertThat(Icmp.code(wire, error.payloadAt())).isEqualTo(2);
  }

  @Test
  void nothingThatComesMakesItFail() {
    var random = new Random(11);
    for (var i = 0; i < 200_000; i++) {
      var payload = new byte[random.nextInt(80)];
      random.nextBytes(payload);
      var v6 = random.nextBoolean();
      var kinds = new int[] {0, 1, 6, 17, 43, 44, 58, 60, 132};
      var packet =
          Packets.ip(
              v6 ? IpAddress.require("fd00::1") : A4,
              v6 ? B6 : B4,
              kinds[random.nextInt(kinds.length)],
              payload);
      packet.put(packet.position() + random.nextInt(packet.remaining()), (byte) random.nextInt());
      nowNs += random.nextInt(1_000_000);
      b.onPacket(packet, 0, nowNs);
      b.onTime(nowNs);
      if (random.nextInt(10) == 0) {
        while (poll(b)) {
          // answers of all kinds
        }
      }
    }
    assertThat(b.flowCount()).isZero();
  }

  // ---- a hub

  private int forward(ByteBuffer packet) {
    return b.onPacket(packet, 0, nowNs);
  }

  private int errorType() {
    assertThat(poll(b)).isTrue();
    var error = new IpPacket();
    assertThat(error.read(wire)).isEqualTo(IpPacket.Reading.OK);
    return Icmp.type(wire, error.payloadAt()) << 8 | Icmp.code(wire, error.payloadAt());
  }

  @Test
  void aHubForwardsWithOneHopLess() {
    bRouting.hub = true;
    bRouting.links.clear();
    bRouting.link("100.96.0.3/32", 7);
    var packet = Packets.echo(A4, IpAddress.require("100.96.0.3"), 1, 1, new byte[8]);
    packet.limit(packet.limit() + 12); // padding comes off

    assertThat(forward(packet)).isEqualTo(7);
    var view = new IpPacket();
    assertThat(view.read(packet)).isEqualTo(IpPacket.Reading.OK);
    assertThat(view.hopLimit()).isEqualTo(63);
    assertThat(packet.remaining()).isEqualTo(36);
    assertThat(b.counters().get(Counter.FORWARDED)).isEqualTo(1);
  }

  /** Of an Ethernet: 1,460 octets. Through us go 1,380, so that no packet is too long. */
  @Test
  void aSynThatGoesOnAsksForWhatFits() {
    bRouting.hub = true;
    bRouting.links.clear();
    bRouting.link("100.96.0.3/32", 7);
    var syn = ByteBuffer.allocate(24).putShort((short) 40_000).putShort((short) 80);
    syn.put(12, (byte) 0x60).put(13, (byte) TcpSegment.SYN).putInt(20, 0x0204_05b4);
    var packet = Packets.ip(A4, IpAddress.require("100.96.0.3"), IpProtocol.TCP, syn.array());

    assertThat(forward(packet)).isEqualTo(7);
    assertThat(packet.getInt(packet.limit() - 4)).isEqualTo(0x0204_0564);
    assertThat(b.counters().get(Counter.MSS_LOWERED)).isEqualTo(1);
  }

  @Test
  void aHubSaysWhyItDoesNotForward() {
    bRouting.links.clear();
    bRouting.link("100.96.0.3/32", 7).link("100.96.0.1/32", 0);
    var c = IpAddress.require("100.96.0.3");
    assertThat(forward(Packets.echo(A4, IpAddress.require("10.1.1.1"), 1, 1, new byte[8])))
        .isEqualTo(Netstack.NONE);
    assertThat(errorType()).as("no route").isEqualTo(0x300);

    assertThat(forward(Packets.echo(A4, c, 1, 1, new byte[8]))).isEqualTo(Netstack.NONE);
    assertThat(errorType()).as("prohibited").isEqualTo(0x30d);

    bRouting.hub = true;
    var last = Packets.ip(A4, c, IpProtocol.UDP, new byte[8], 1);
    assertThat(forward(last)).isEqualTo(Netstack.NONE);
    assertThat(errorType()).as("hops exceeded").isEqualTo(0xb00);

    assertThat(forward(Packets.ip(A4, c, IpProtocol.UDP, new byte[1_500])))
        .isEqualTo(Netstack.NONE);
    assertThat(errorType()).as("fragmentation needed").isEqualTo(0x304);

    assertThat(forward(Packets.ip(A4, IpAddress.require("100.96.0.1"), 17, new byte[8])))
        .as("its own sender is no way on")
        .isEqualTo(Netstack.NONE);
  }

  // ---- what a node stands in for

  @Test
  void aDatagramToARouteIsOfferedAndItsFlowGoesOn() throws FlowRefused {
    bRouting.announced.add(Cidr.require("10.0.5.0/24"));
    var to = IpAddress.require("10.0.5.42");
    var client = a.connectUdp(to, 53, 0, OWNER);
    send(client, to, 53, new byte[] {1});
    exchange();

    var offer = b.pollOffer();
    assertThat(offer).isNotNull();
    assertThat(offer.destination()).isEqualTo(to);
    assertThat(offer.destinationPort()).isEqualTo(53);
    assertThat(offer.source()).isEqualTo(A4);
    var taken = b.acceptUdp(offer, OWNER, nowNs);
    assertThat(taken).isNotNull();
    assertThat(received(taken)).containsExactly(1);
    send(taken, A4, taken.remotePort(), new byte[] {2});
    exchange();
    assertThat(received(client)).containsExactly(2);
  }

  @Test
  void anOfferThatIsRefusedIsUnreachable() throws FlowRefused {
    bRouting.announced.add(Cidr.require("10.0.5.0/24"));
    var to = IpAddress.require("10.0.5.42");
    var client = a.connectUdp(to, 53, 0, OWNER);
    send(client, to, 53, new byte[] {1});
    exchange();

    b.refuse(Objects.requireNonNull(b.pollOffer()), Problem.PROHIBITED, nowNs);
    exchange();
    assertThat(client.takeUnreachable()).isTrue();
  }

  /** Long after its first datagram, which nobody keeps. */
  @ParameterizedTest
  @CsvSource({"10.0.5.0/24, 10.0.5.42", "2001:db8:5::/48, 2001:db8:5::42"})
  void aFlowThatWasTakenIsToldThatNobodyHasThePort(String route, String address)
      throws FlowRefused {
    bRouting.announced.add(Cidr.require(route));
    var to = IpAddress.require(address);
    var client = a.connectUdp(to, 53, 0, OWNER);
    send(client, to, 53, new byte[] {1});
    exchange();
    var taken = b.acceptUdp(Objects.requireNonNull(b.pollOffer()), OWNER, nowNs);
    exchange();
    assertThat(client.takeUnreachable()).isFalse();

    b.refuse(Objects.requireNonNull(taken), Problem.PORT_UNREACHABLE, nowNs);
    exchange();
    assertThat(client.takeUnreachable()).isTrue();
  }

  @Test
  void offersThatNobodyDecidesAboutAreBounded() {
    bRouting.announced.add(Cidr.require("10.0.0.0/8"));
    for (var i = 0; i < 5_000; i++) {
      var to = IpAddress.ofV4(0x0a00_0000 + i);
      b.onPacket(Packets.echo(A4, to, 1, 1, new byte[8]), 0, nowNs);
    }
    var offers = 0;
    while (b.pollOffer() != null) {
      offers++;
    }
    assertThat(offers).isEqualTo(b.settings().maxOffers());
    assertThat(b.counters().get(Counter.DROPPED_FULL)).isEqualTo(5_000 - offers);
  }

  // ---- bounds

  @Test
  void flowsAreBounded() throws FlowRefused {
    var few =
        new Netstack(
            new NetstackSettings(
                1_420,
                3,
                1,
                NetstackSettings.defaults().tcp(),
                NetstackSettings.defaults().tcpLimits()),
            aRouting,
            new Random(1)::nextLong,
            0);
    for (var i = 0; i < 3; i++) {
      few.connectUdp(B4, 53, 0, OWNER);
    }
    assertThatThrownBy(() -> few.connectUdp(B4, 53, 0, OWNER))
        .isInstanceOfSatisfying(
            FlowRefused.class,
            refused -> assertThat(refused.reason()).isEqualTo(FlowRefused.Reason.TOO_MANY));
  }

  @Test
  void aPortIsBoundOnce() throws FlowRefused {
    var first = b.bindUdp(B4, 53, OWNER);
    assertThatThrownBy(() -> b.bindUdp(B4, 53, OWNER)).isInstanceOf(FlowRefused.class);
    first.close();
    exchange();
    b.bindUdp(B4, 53, OWNER);
  }

  @Test
  void aWayThatIsNarrowerIsLearnedAndObeyed() throws FlowRefused {
    var server = b.bindUdp(B4, 53, OWNER);
    var client = a.connectUdp(B4, 53, 0, OWNER);
    send(client, B4, 53, Packets.octets(1_390));
    assertThat(poll(a)).isTrue();
    var sent = new IpPacket();
    sent.read(wire);
    var error = ByteBuffer.allocate(1_420);
    new IcmpErrors(0)
        .write(Problem.TOO_BIG, sent, 1_000, 0, IpAddress.require("9.9.9.9").low(), error, 0);
    a.onPacket(error, 0, nowNs);
    assertThat(a.counters().get(Counter.PATH_MTUS_LEARNED)).isEqualTo(1);

    send(client, B4, 53, Packets.octets(1_390));
    while (poll(a)) {
      assertThat(wire.remaining()).isLessThanOrEqualTo(1_000);
      b.onPacket(wire, 0, nowNs);
    }
    assertThat(received(server)).isEqualTo(Packets.octets(1_390));
  }

  @Test
  void anErrorAboutNothingOfOursIsDropped() {
    var sent = new IpPacket();
    sent.read(Packets.ip(A4, B4, IpProtocol.UDP, Packets.udp(A4, 4_444, B4, 53, new byte[100])));
    var error = ByteBuffer.allocate(1_420);
    new IcmpErrors(0).write(Problem.TOO_BIG, sent, 600, 0, B4.low(), error, 0);
    a.onPacket(error, 0, nowNs);

    assertThat(a.counters().get(Counter.DROPPED_ICMP)).isEqualTo(1);
    assertThat(a.counters().get(Counter.PATH_MTUS_LEARNED)).isZero();
  }
}
