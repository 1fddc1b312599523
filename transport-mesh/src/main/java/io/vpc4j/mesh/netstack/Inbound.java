package io.vpc4j.mesh.netstack;

import io.vpc4j.mesh.netstack.NetstackCounters.Counter;
import io.vpc4j.mesh.netstack.icmp.IcmpErrors;
import io.vpc4j.mesh.netstack.icmp.IcmpErrors.Problem;
import io.vpc4j.mesh.netstack.ip.IpWriter;
import io.vpc4j.mesh.netstack.ip.Reassembler;
import io.vpc4j.mesh.netstack.ip.TokenBucket;
import io.vpc4j.mesh.netstack.tcp.TcpConnection;
import io.vpc4j.mesh.netstack.tcp.TcpListener;
import io.vpc4j.mesh.netstack.tcp.TcpReset;
import io.vpc4j.mesh.netstack.tcp.wire.MssClamp;
import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.Ecn;
import io.vpc4j.mesh.netstack.wire.InternetChecksum;
import io.vpc4j.mesh.netstack.wire.IpPacket;
import io.vpc4j.mesh.netstack.wire.IpPacket.Reading;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.Ipv6Header;
import io.vpc4j.mesh.netstack.wire.PseudoHeader;
import io.vpc4j.mesh.netstack.wire.UdpHeader;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of a packet that comes in: is it a packet, is it for us, is it whole, whose is it.
 *
 * <p>Read {@link #onPacket} first, then {@link #onTransport}.
 */
final class Inbound {

  /** Resets to segments of no connection: a scan gets so many answers a second. */
  private static final int RESETS_PER_SECOND = 1_000;

  private static final int HEADROOM_OCTETS = 64; // for a datagram that was put together

  private final Netstack stack;
  private final IpPacket packet = new IpPacket();
  private final TcpSegment segment = new TcpSegment();
  private final Reassembler reassembler = new Reassembler(HEADROOM_OCTETS);
  private final IcmpErrors errors;
  private final IcmpInbound icmp;
  private final TokenBucket resets;
  private final LongSupplier flow; // the hash of the packet that is being read

  private record Wanted(int link, Flow.Endpoints ends) {}

  /**
   * Connections that are offered and not decided: a SYN that is sent again is not offered again.
   */
  private final Map<Wanted, Offer> undecided = new HashMap<>();

  Inbound(Netstack stack, FlowHash flows, long nowNs) {
    this.stack = stack;
    flow = () -> flows.of(packet);
    errors = new IcmpErrors(nowNs);
    icmp = new IcmpInbound(stack, packet);
    resets = new TokenBucket(RESETS_PER_SECOND, RESETS_PER_SECOND, nowNs);
  }

  /** As {@link Netstack#onPacket}. */
  int onPacket(ByteBuffer octets, int link, long nowNs) {
    count(Counter.PACKETS_IN);
    var reading = packet.read(octets);
    if (reading != Reading.OK) {
      onUnreadable(reading, link, nowNs);
      return Netstack.NONE;
    }
    var v6 = packet.version() == 6;
    if (packet.toMany() || stack.routing.local(v6, packet.srcHigh(), packet.srcLow())) {
      count(Counter.DROPPED_MARTIAN); // we join no group, and nobody else sends as we
      return Netstack.NONE;
    }
    var ours = stack.routing.local(v6, packet.dstHigh(), packet.dstLow());
    if (ours || stack.routing.announced(link, v6, packet.dstHigh(), packet.dstLow())) {
      onOurs(ours, link, nowNs);
      return Netstack.NONE;
    }
    return forward(v6, link, nowNs);
  }

  private void onUnreadable(Reading reading, int link, long nowNs) {
    count(
        switch (reading) {
          case CHECKSUM -> Counter.DROPPED_CHECKSUM;
          case MARTIAN_SOURCE -> Counter.DROPPED_MARTIAN;
          default -> Counter.DROPPED_MALFORMED;
        });
    if (!packet.problemAnswered()) {
      return;
    }
    var problem =
        switch (reading) {
          case UNKNOWN_HEADER -> Problem.UNKNOWN_HEADER;
          case UNKNOWN_OPTION -> Problem.UNKNOWN_OPTION;
          case SOURCE_ROUTE -> Problem.BAD_FIELD;
          default -> null;
        };
    if (problem != null) {
      answer(problem, packet.problemPointer(), link, nowNs);
    }
  }

  // ---- on to another peer ----------------------------------------------------------------------

  /** RFC 1812 5.2.1 and RFC 8200 3, as far as a hub is a router. */
  private int forward(boolean v6, int link, long nowNs) {
    var to = stack.routing.onward(v6, packet.dstHigh(), packet.dstLow(), flow, nowNs);
    if (to == Routing.NONE) {
      return drop(Counter.DROPPED_NO_ROUTE, Problem.NO_ROUTE, 0, link, nowNs);
    }
    if (to == link || !stack.routing.forwards(link, to, v6, packet.dstHigh(), packet.dstLow())) {
      return drop(Counter.DROPPED_PROHIBITED, Problem.PROHIBITED, 0, link, nowNs);
    }
    if (packet.hopLimit() <= 1) {
      return drop(Counter.DROPPED_HOPS, Problem.HOPS_EXCEEDED, 0, link, nowNs);
    }
    if (packet.totalOctets() > stack.settings.mtuOctets()) {
      // Departs from RFC 1812 5.2.6: a packet without DF is not cut either, but answered as if it
      // had it; every peer's MTU is ours, so that whoever sends longer ones is set up wrongly.
      var mtu = stack.settings.mtuOctets();
      return drop(Counter.DROPPED_TOO_BIG, Problem.TOO_BIG, mtu, link, nowNs);
    }
    clampMss(v6);
    packet.decrementHopLimit();
    packet.buffer().limit(packet.at() + packet.totalOctets());
    count(Counter.FORWARDED);
    return to;
  }

  /** Both ends of a connection through us ask for segments that fit our MTU. RFC 4459 3.2 */
  private void clampMss(boolean v6) {
    if (packet.protocol() == IpProtocol.TCP && !packet.fragment()) {
      var headers = (v6 ? 40 : 20) + TcpSegment.MIN_HEADER_OCTETS; // RFC 6691 2: without options
      var most = Math.min(stack.settings.mtuOctets() - headers, 0xffff);
      if (MssClamp.lower(packet.buffer(), packet.payloadAt(), packet.payloadOctets(), most)) {
        count(Counter.MSS_LOWERED);
      }
    }
  }

  private int drop(Counter counter, Problem problem, int detail, int link, long nowNs) {
    count(counter);
    answer(problem, detail, link, nowNs);
    return Netstack.NONE;
  }

  // ---- for us, or for what we stand in for -----------------------------------------------------

  private void onOurs(boolean ours, int link, long nowNs) {
    if (packet.fragment()) {
      var outcome = reassembler.onFragment(packet, link, nowNs);
      if (outcome != Reassembler.Outcome.COMPLETE) {
        if (outcome != Reassembler.Outcome.WAITING) {
          count(Counter.DROPPED_FRAGMENT);
        }
        return;
      }
      if (packet.read(reassembler.whole()) != Reading.OK || packet.fragment()) {
        count(Counter.DROPPED_FRAGMENT);
        return;
      }
    }
    onTransport(ours, link, nowNs);
  }

  private void onTransport(boolean ours, int link, long nowNs) {
    switch (packet.protocol()) {
      case IpProtocol.TCP -> onTcp(ours, link, nowNs);
      case IpProtocol.UDP -> onUdp(ours, link, nowNs);
      case IpProtocol.ICMP, IpProtocol.ICMPV6 -> onIcmp(ours, link, nowNs);
      case IpProtocol.NO_NEXT_HEADER -> {
        // RFC 8200 4.7: nothing follows, and that is no error
      }
      default -> {
        count(Counter.DROPPED_NO_PORT);
        answer(Problem.PROTOCOL_UNREACHABLE, 0, link, nowNs);
      }
    }
  }

  private void onTcp(boolean ours, int link, long nowNs) {
    if (!readSegment()) {
      return;
    }
    var flow =
        stack.flows.find(
            link,
            IpProtocol.TCP,
            packet.dstHigh(),
            packet.dstLow(),
            segment.destinationPort(),
            packet.srcHigh(),
            packet.srcLow(),
            segment.sourcePort());
    if (flow instanceof TcpSocket socket) {
      if (!socket.connection().replaceableBy(segment)) {
        socket.onSegment(segment, nowNs);
        return;
      }
      // A new connection takes the place of one that waits out its time. RFC 9293 3.10.7.4, MAY-2
      socket.abort(nowNs);
      socket.onReadyUnowned(nowNs);
      stack.flows.remove(socket);
    }
    onTcpUnknown(ours, link, nowNs);
  }

  private boolean readSegment() {
    var buffer = packet.buffer();
    var octets = packet.payloadOctets();
    var sum = packet.pseudoHeader(IpProtocol.TCP, octets);
    if (InternetChecksum.fold(sum + InternetChecksum.sum(buffer, packet.payloadAt(), octets))
        != 0) {
      count(Counter.DROPPED_CHECKSUM);
      return false;
    }
    var verdict = segment.read(buffer, packet.payloadAt(), octets, Ecn.of(packet.trafficClass()));
    if (verdict != TcpSegment.Verdict.OK
        || segment.sourcePort() == 0
        || segment.destinationPort() == 0) {
      count(Counter.DROPPED_MALFORMED);
      return false;
    }
    return true;
  }

  private void onTcpUnknown(boolean ours, int link, long nowNs) {
    if (!ours) {
      if (segment.has(TcpSegment.SYN) && !segment.has(TcpSegment.ACK | TcpSegment.RST)) {
        offer(Offer.Kind.TCP, link, tcpEnds());
      } else {
        sendReset(link, nowNs);
      }
      return;
    }
    var server = stack.servers.get(segment.destinationPort());
    if (server == null) {
      count(Counter.DROPPED_NO_PORT);
      sendReset(link, nowNs);
      return;
    }
    var socket = listen(server.listener, link, server, nowNs);
    if (socket != null) {
      server.made(socket.connection(), socket);
    }
  }

  /** Gives a listener the segment that was just read; what it makes goes into the table. */
  private @Nullable TcpSocket listen(TcpListener listener, int link, Object owner, long nowNs) {
    var reply = stack.replies.claim();
    if (reply == null || stack.flows.size() >= stack.settings.maxFlows()) {
      count(Counter.DROPPED_FULL);
      return null;
    }
    var ends = tcpEnds();
    var header = headerOctets();
    reply.position(header);
    TcpConnection connection =
        listener.onSegment(segment, stack.tcpFlow(ends, link, nowNs), reply, nowNs);
    if (reply.position() > header) {
      finishReply(reply, header, reply.position() - header, link);
    }
    if (connection == null) {
      return null;
    }
    var socket = new TcpSocket(stack, link, ends, connection);
    socket.owner(owner);
    stack.add(socket);
    return socket;
  }

  private Flow.Endpoints tcpEnds() {
    return new Flow.Endpoints(
        packet.destination(), segment.destinationPort(), packet.source(), segment.sourcePort());
  }

  private void sendReset(int link, long nowNs) {
    var reply = stack.replies.claim();
    if (reply == null || !resets.take(nowNs)) {
      return;
    }
    var header = headerOctets();
    reply.position(header);
    var octets = TcpReset.answer(segment, stack.host, reply);
    if (octets > 0) {
      finishReply(reply, header, octets, link);
      count(Counter.RESETS_SENT);
    }
  }

  /** Puts checksum and header to a segment that answers the packet. */
  private void finishReply(ByteBuffer reply, int at, int octets, int link) {
    var sum = packet.pseudoHeader(IpProtocol.TCP, octets); // the same both ways
    sum += InternetChecksum.sum(reply.array(), reply.arrayOffset() + at, octets);
    reply.putShort(at + TcpSegment.CHECKSUM_OFFSET, (short) InternetChecksum.fold(sum));
    icmp.back().writeHeader(reply, 0, 0, octets, IpProtocol.TCP);
    reply.limit(at + octets).position(0);
    stack.replies.add(link);
  }

  private int headerOctets() {
    return packet.version() == 6 ? 40 : 20;
  }

  private void onUdp(boolean ours, int link, long nowNs) {
    var dataOctets = UdpHeader.check(packet);
    if (dataOctets < 0) {
      count(Counter.DROPPED_CHECKSUM);
      return;
    }
    var to = UdpHeader.destinationPort(packet.buffer(), packet.payloadAt());
    var from = UdpHeader.sourcePort(packet.buffer(), packet.payloadAt());
    var flow =
        stack.flows.find(
            link,
            IpProtocol.UDP,
            packet.dstHigh(),
            packet.dstLow(),
            to,
            packet.srcHigh(),
            packet.srcLow(),
            from);
    var socket = flow instanceof UdpSocket connected ? connected : null;
    if (socket == null && ours) {
      socket = stack.bound.get(to);
      if (socket != null && socket.v6 != (packet.version() == 6)) {
        socket = null;
      }
    }
    if (socket != null) {
      socket.onDatagram(packet, dataOctets, link);
    } else if (ours) {
      count(Counter.DROPPED_NO_PORT);
      answer(Problem.PORT_UNREACHABLE, 0, link, nowNs);
    } else {
      offer(
          Offer.Kind.UDP,
          link,
          new Flow.Endpoints(packet.destination(), to, packet.source(), from));
    }
  }

  private void onIcmp(boolean ours, int link, long nowNs) {
    var echo = icmp.onMessage(ours, link, nowNs);
    if (echo != null) {
      offer(Offer.Kind.ECHO, link, echo);
    }
  }

  // ---- offers ----------------------------------------------------------------------------------

  private void offer(Offer.Kind kind, int link, Flow.Endpoints ends) {
    if (kind == Offer.Kind.TCP && undecided.containsKey(new Wanted(link, ends))) {
      return; // sent again
    }
    if (stack.offers.size() + undecided.size() >= stack.settings.maxOffers()) {
      count(Counter.DROPPED_FULL);
      return;
    }
    var octets = new byte[packet.totalOctets()];
    packet.buffer().get(packet.at(), octets);
    var offer = new Offer(kind, link, ends, octets);
    if (kind == Offer.Kind.TCP) {
      undecided.put(new Wanted(link, ends), offer);
    }
    stack.offers.addLast(offer);
  }

  /** Lays the view over an offer's packet again. */
  private void reopen(Offer offer) {
    undecided.remove(new Wanted(offer.link(), offer.ends()), offer);
    if (packet.read(ByteBuffer.wrap(offer.packet)) != Reading.OK) {
      throw new IllegalStateException("a packet that was read once cannot be read again");
    }
  }

  @Nullable TcpSocket acceptTcp(Offer offer, Object owner, long nowNs) {
    reopen(offer);
    if (!readSegment()) {
      throw new IllegalStateException("a segment that was read once cannot be read again");
    }
    var socket = listen(stack.announced, offer.link(), owner, nowNs);
    drainAnnounced();
    return socket;
  }

  /** They have an owner from the start; the listener need not keep them. */
  private void drainAnnounced() {
    while (stack.announced.accept() != null) {
      // had already
    }
  }

  @Nullable UdpSocket acceptUdp(Offer offer, Object owner, long nowNs) {
    reopen(offer);
    var dataOctets = UdpHeader.check(packet);
    var known = stack.find(offer.link(), IpProtocol.UDP, offer.ends());
    if (known instanceof UdpSocket socket) {
      socket.onDatagram(packet, dataOctets, offer.link()); // offered twice before it was taken
      return null;
    }
    if (stack.flows.size() >= stack.settings.maxFlows()) {
      count(Counter.DROPPED_FULL);
      return null;
    }
    var socket = new UdpSocket(stack, offer.link(), offer.ends());
    socket.owner(owner);
    stack.add(socket);
    socket.onDatagram(packet, dataOctets, offer.link());
    return socket;
  }

  void acceptEcho(Offer offer) {
    reopen(offer);
    icmp.reply(offer.link());
  }

  void reset(Offer offer, long nowNs) {
    reopen(offer);
    if (readSegment()) {
      sendReset(offer.link(), nowNs);
    }
  }

  void refuse(Offer offer, Problem problem, long nowNs) {
    reopen(offer);
    answer(problem, 0, offer.link(), nowNs);
  }

  /** Of what the other end sent only its ends are known still: the error quotes headers alone. */
  void refuse(UdpSocket flow, Problem problem, long nowNs) {
    var sent = new byte[UdpHeader.OCTETS];
    var sum =
        PseudoHeader.sum(
            flow.remoteHigh,
            flow.remoteLow,
            flow.localHigh,
            flow.localLow,
            IpProtocol.UDP,
            sent.length);
    UdpHeader.write(sent, 0, flow.remotePort, flow.localPort, 0, sum);
    var quoted = ByteBuffer.allocate(Ipv6Header.OCTETS + sent.length);
    new IpWriter(flow.v6, flow.remoteHigh, flow.remoteLow, flow.localHigh, flow.localLow)
        .writePiece(quoted, IpProtocol.UDP, sent, 0, sent.length, 0, 0, quoted.capacity());
    if (packet.read(quoted) != Reading.OK) {
      throw new IllegalStateException("a packet that was just written cannot be read");
    }
    answer(problem, 0, flow.link(), nowNs);
  }

  // ---- answers ---------------------------------------------------------------------------------

  /** Sends an ICMP error about the packet, from an address of ours. */
  private void answer(Problem problem, int detail, int link, long nowNs) {
    var from = stack.routing.localAddress(packet.version() == 6);
    var reply = stack.replies.claim();
    if (from == null || reply == null) {
      return;
    }
    if (errors.write(problem, packet, detail, from.high(), from.low(), reply, nowNs)) {
      stack.replies.add(link);
      count(Counter.ERRORS_SENT);
    }
  }

  void onTime(long nowNs) {
    reassembler.onTime(nowNs);
    drainAnnounced();
  }

  long deadlineNs() {
    return reassembler.deadlineNs();
  }

  private void count(Counter counter) {
    stack.counters.add(counter);
  }
}
