package io.vpc4j.mesh.netstack;

import io.vpc4j.mesh.netstack.NetstackCounters.Counter;
import io.vpc4j.mesh.netstack.icmp.QuotedPacket;
import io.vpc4j.mesh.netstack.ip.IpWriter;
import io.vpc4j.mesh.netstack.tcp.IcmpError;
import io.vpc4j.mesh.netstack.wire.Icmp;
import io.vpc4j.mesh.netstack.wire.IpPacket;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What becomes of an ICMP or ICMPv6 message: echoes are answered, errors find their flow. */
final class IcmpInbound {

  private final Netstack stack;
  private final IpPacket packet;
  private final QuotedPacket quoted = new QuotedPacket();

  IcmpInbound(Netstack stack, IpPacket packet) {
    this.stack = stack;
    this.packet = packet;
  }

  /**
   * Takes the message in the packet.
   *
   * @param ours whether it is for us rather than for what we stand in for
   * @return an echo request to what we stand in for, which somebody must decide about; else null
   */
  Flow.@Nullable Endpoints onMessage(boolean ours, int link, long nowNs) {
    var v6 = packet.version() == 6;
    if (v6 != (packet.protocol() == IpProtocol.ICMPV6) || !Icmp.check(packet)) {
      stack.counters.add(Counter.DROPPED_CHECKSUM);
      return null;
    }
    var buffer = packet.buffer();
    var type = Icmp.type(buffer, packet.payloadAt());
    if (type == (v6 ? Icmp.V6_ECHO_REQUEST : Icmp.V4_ECHO_REQUEST)) {
      if (ours) {
        reply(link);
        return null;
      }
      var rest = Icmp.rest(buffer, packet.payloadAt());
      return new Flow.Endpoints(packet.destination(), rest >>> 16, packet.source(), rest & 0xffff);
    }
    if (type == (v6 ? Icmp.V6_ECHO_REPLY : Icmp.V4_ECHO_REPLY)) {
      onReply(link, nowNs);
    } else if (Icmp.isError(packet.version(), type)) {
      onError(v6, type, link, nowNs);
    }
    return null; // of the rest, no type is a host's to answer. RFC 1122 3.2.2
  }

  /** RFC 1122 3.2.2.6: the data comes back unchanged, from the address it was sent to. */
  void reply(int link) {
    var v6 = packet.version() == 6;
    var octets = packet.payloadOctets();
    var message = new byte[octets]; // echoes are few, and may be larger than a packet
    packet.buffer().get(packet.payloadAt(), message);
    var protocol = v6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP;
    var sum = v6 ? packet.pseudoHeader(protocol, octets) : 0L;
    Icmp.write(
        ByteBuffer.wrap(message),
        0,
        v6 ? Icmp.V6_ECHO_REPLY : Icmp.V4_ECHO_REPLY,
        0,
        Icmp.rest(packet.buffer(), packet.payloadAt()),
        octets - Icmp.OCTETS,
        sum);
    var back = back();
    var identification = stack.nextIdentification();
    for (var sent = 0; sent < octets; ) {
      var out = stack.replies.claim();
      if (out == null) {
        stack.counters.add(Counter.DROPPED_FULL);
        return;
      }
      var mtu = stack.settings.mtuOctets();
      sent += back.writePiece(out, protocol, message, 0, octets, sent, identification, mtu);
      stack.replies.add(link);
    }
    stack.counters.add(Counter.ECHOES_ANSWERED);
  }

  /** Writes packets from the packet's destination to its source. */
  IpWriter back() {
    return new IpWriter(
        packet.version() == 6,
        packet.dstHigh(),
        packet.dstLow(),
        packet.srcHigh(),
        packet.srcLow());
  }

  private void onReply(int link, long nowNs) {
    var rest = Icmp.rest(packet.buffer(), packet.payloadAt());
    var flow =
        stack.flows.find(
            link,
            IpProtocol.ICMP,
            packet.dstHigh(),
            packet.dstLow(),
            rest >>> 16,
            packet.srcHigh(),
            packet.srcLow(),
            rest & 0xffff);
    if (flow instanceof EchoSocket echo) {
      echo.onReply(packet.hopLimit(), nowNs);
    } else {
      stack.counters.add(Counter.DROPPED_ICMP);
    }
  }

  /** RFC 5927: only what quotes a packet of a flow of ours, from that flow's link, counts. */
  private void onError(boolean v6, int type, int link, long nowNs) {
    var flow = quoted.read(packet) ? flowOfQuoted(link) : null;
    if (flow == null) {
      stack.counters.add(Counter.DROPPED_ICMP);
      return;
    }
    var code = Icmp.code(packet.buffer(), packet.payloadAt());
    var rest = Icmp.rest(packet.buffer(), packet.payloadAt());
    if (v6
        ? type == Icmp.V6_PACKET_TOO_BIG
        : type == Icmp.V4_UNREACHABLE && code == Icmp.V4_CODE_FRAGMENTATION_NEEDED) {
      onTooBig(flow, link, v6 ? rest : rest & 0xffff, nowNs);
      return;
    }
    var error = v6 ? v6Error(type, code) : v4Error(type, code);
    if (flow instanceof TcpSocket socket) {
      socket.connection().onIcmpError(error, quoted.sequence(), nowNs);
    } else if (flow instanceof UdpSocket socket) {
      socket.onUnreachable();
    } else if (flow instanceof EchoSocket echo) {
      echo.onError(error, packet.source());
    }
    stack.touched(flow);
    stack.ready(flow);
  }

  private void onTooBig(Flow flow, int link, int mtu, long nowNs) {
    var learned =
        stack.mtus.onTooBig(
            quoted.family(),
            link,
            quoted.dstHigh(),
            quoted.dstLow(),
            mtu,
            quoted.totalOctets(),
            nowNs);
    if (learned == 0) {
      return;
    }
    stack.counters.add(Counter.PATH_MTUS_LEARNED);
    if (flow instanceof TcpSocket socket) {
      var room = learned - flow.ip.headerOctets();
      socket.connection().onPathMtu(room, quoted.sequence(), nowNs);
      stack.touched(flow);
    }
  }

  private @Nullable Flow flowOfQuoted(int link) {
    var echo = quoted.protocol() == IpProtocol.ICMP || quoted.protocol() == IpProtocol.ICMPV6;
    var flow =
        stack.flows.find(
            link,
            echo ? IpProtocol.ICMP : quoted.protocol(),
            quoted.srcHigh(),
            quoted.srcLow(),
            echo ? quoted.sequence() >>> 16 : quoted.srcPort(),
            quoted.dstHigh(),
            quoted.dstLow(),
            echo ? quoted.sequence() & 0xffff : quoted.dstPort());
    if (flow != null || quoted.protocol() != IpProtocol.UDP) {
      return flow;
    }
    return stack.bound.get(quoted.srcPort());
  }

  private static IcmpError v4Error(int type, int code) {
    return switch (type) {
      case Icmp.V4_UNREACHABLE ->
          switch (code) {
            case 1, 5, 7, 8, 12 -> IcmpError.HOST_UNREACHABLE;
            case 2 -> IcmpError.PROTOCOL_UNREACHABLE;
            case 3 -> IcmpError.PORT_UNREACHABLE;
            case 9, 10, 13 -> IcmpError.PROHIBITED;
            default -> IcmpError.NET_UNREACHABLE;
          };
      case Icmp.V4_TIME_EXCEEDED -> IcmpError.TIME_EXCEEDED;
      default -> IcmpError.PARAMETER_PROBLEM; // source quench and redirect too: soft. RFC 6633
    };
  }

  private static IcmpError v6Error(int type, int code) {
    return switch (type) {
      case Icmp.V6_UNREACHABLE ->
          switch (code) {
            case 1, 5, 6 -> IcmpError.PROHIBITED;
            case 3 -> IcmpError.HOST_UNREACHABLE;
            case 4 -> IcmpError.PORT_UNREACHABLE;
            default -> IcmpError.NET_UNREACHABLE;
          };
      case Icmp.V6_TIME_EXCEEDED -> IcmpError.TIME_EXCEEDED;
      default -> IcmpError.PARAMETER_PROBLEM;
    };
  }
}
