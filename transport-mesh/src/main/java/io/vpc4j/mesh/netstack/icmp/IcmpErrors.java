package io.vpc4j.mesh.netstack.icmp;

import io.vpc4j.mesh.netstack.ip.TokenBucket;
import io.vpc4j.mesh.netstack.wire.Icmp;
import io.vpc4j.mesh.netstack.wire.IpPacket;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.Ipv4Header;
import io.vpc4j.mesh.netstack.wire.Ipv6Header;
import io.vpc4j.mesh.netstack.wire.PseudoHeader;
import java.nio.ByteBuffer;

/**
 * Writes errors about packets, where one may be sent.
 *
 * <p>Never about an ICMP error, a fragment that is not the first, a packet to many, or one without
 * a sender (RFC 1122 3.2.2, RFC 4443 2.4 (e)); and no more than the rate allows (RFC 1812 4.3.2.8,
 * RFC 4443 2.4 (f)).
 */
public final class IcmpErrors {

  /** Errors a second, and at once. */
  public static final int PER_SECOND = 100;

  private static final int BURST = 50;
  private static final int HOP_LIMIT = 64;

  /** RFC 1812 4.3.2.3: as much as fits 576 octets. */
  private static final int MAX_V4_OCTETS = 576;

  /** RFC 4443 2.4 (c): as much as fits the least MTU. */
  private static final int MAX_V6_OCTETS = 1_280;

  /** What can be said of a packet. */
  public enum Problem {
    /** Nobody has the port. */
    PORT_UNREACHABLE(Icmp.V4_UNREACHABLE, 3, Icmp.V6_UNREACHABLE, 4),
    /** No such transport here. */
    PROTOCOL_UNREACHABLE(Icmp.V4_UNREACHABLE, 2, Icmp.V6_PARAMETER_PROBLEM, 1),
    /** There is no way to it. */
    NO_ROUTE(Icmp.V4_UNREACHABLE, 0, Icmp.V6_UNREACHABLE, 0),
    /** There is a way, and nobody at its end. */
    HOST_UNREACHABLE(Icmp.V4_UNREACHABLE, 1, Icmp.V6_UNREACHABLE, 3),
    /** The policy forbids it. RFC 1812 5.2.7.1 */
    PROHIBITED(Icmp.V4_UNREACHABLE, 13, Icmp.V6_UNREACHABLE, 1),
    /** It does not fit, and may not be cut; with the MTU. */
    TOO_BIG(Icmp.V4_UNREACHABLE, Icmp.V4_CODE_FRAGMENTATION_NEEDED, Icmp.V6_PACKET_TOO_BIG, 0),
    /** It has made too many hops. */
    HOPS_EXCEEDED(Icmp.V4_TIME_EXCEEDED, 0, Icmp.V6_TIME_EXCEEDED, 0),
    /** A header's field is wrong; with the pointer. */
    BAD_FIELD(Icmp.V4_PARAMETER_PROBLEM, 0, Icmp.V6_PARAMETER_PROBLEM, 0),
    /** IPv6: a next header nobody knows; with the pointer. */
    UNKNOWN_HEADER(Icmp.V4_PARAMETER_PROBLEM, 0, Icmp.V6_PARAMETER_PROBLEM, 1),
    /** IPv6: an option nobody knows; with the pointer. */
    UNKNOWN_OPTION(Icmp.V4_PARAMETER_PROBLEM, 0, Icmp.V6_PARAMETER_PROBLEM, 2);

    private final int v4Type;
    private final int v4Code;
    private final int v6Type;
    private final int v6Code;

    Problem(int v4Type, int v4Code, int v6Type, int v6Code) {
      this.v4Type = v4Type;
      this.v4Code = v4Code;
      this.v6Type = v6Type;
      this.v6Code = v6Code;
    }
  }

  private final TokenBucket rate;
  private long suppressed;

  /** Makes one with a full allowance. */
  public IcmpErrors(long nowNs) {
    rate = new TokenBucket(PER_SECOND, BURST, nowNs);
  }

  /**
   * Writes an error about {@code packet} at the position of {@code out}, whose limit it sets; or
   * does not, if none may be sent.
   *
   * @param detail the MTU or the pointer, as the problem says; else 0
   * @param srcHigh our address, of the packet's family; with {@code srcLow}
   * @return whether there is one to send
   */
  public boolean write(
      Problem problem,
      IpPacket packet,
      int detail,
      long srcHigh,
      long srcLow,
      ByteBuffer out,
      long nowNs) {
    if (!allowed(problem, packet)) {
      return false;
    }
    if (!rate.take(nowNs)) {
      suppressed++;
      return false;
    }
    if (packet.version() == 4) {
      writeV4(problem, packet, detail, (int) srcLow, out);
    } else {
      writeV6(problem, packet, detail, srcHigh, srcLow, out);
    }
    return true;
  }

  private static boolean allowed(Problem problem, IpPacket packet) {
    var sourceless = packet.srcHigh() == 0 && packet.srcLow() == 0;
    if (sourceless || (packet.fragment() && packet.fragmentOffset() > 0)) {
      return false;
    }
    // RFC 4443 2.4 (e.3): to many, only that it is too big or has an unknown option.
    if (packet.toMany() && problem != Problem.TOO_BIG && problem != Problem.UNKNOWN_OPTION) {
      return false;
    }
    var icmp = packet.version() == 4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
    if (problem == Problem.UNKNOWN_HEADER || packet.protocol() != icmp) {
      return true;
    }
    return packet.payloadOctets() > 0
        && !Icmp.isError(packet.version(), Icmp.type(packet.buffer(), packet.payloadAt()));
  }

  private static void writeV4(
      Problem problem, IpPacket packet, int detail, int source, ByteBuffer out) {
    var at = out.position();
    var quoted =
        quote(packet, out, at + Ipv4Header.OCTETS + Icmp.OCTETS, MAX_V4_OCTETS - 20 - Icmp.OCTETS);
    var rest = problem.v4Type == Icmp.V4_PARAMETER_PROBLEM ? detail << 24 : detail & 0xffff;
    Icmp.write(out, at + Ipv4Header.OCTETS, problem.v4Type, problem.v4Code, rest, quoted, 0);
    var total = Ipv4Header.OCTETS + Icmp.OCTETS + quoted;
    Ipv4Header.write(
        out,
        at,
        0,
        total,
        0,
        Ipv4Header.DF,
        HOP_LIMIT,
        IpProtocol.ICMP,
        source,
        (int) packet.srcLow());
    out.limit(at + total);
  }

  private static void writeV6(
      Problem problem, IpPacket packet, int detail, long srcHigh, long srcLow, ByteBuffer out) {
    var at = out.position();
    var quoted =
        quote(packet, out, at + Ipv6Header.OCTETS + Icmp.OCTETS, MAX_V6_OCTETS - 40 - Icmp.OCTETS);
    var payload = Icmp.OCTETS + quoted;
    Ipv6Header.write(
        out,
        at,
        0,
        0,
        payload,
        IpProtocol.ICMPV6,
        HOP_LIMIT,
        srcHigh,
        srcLow,
        packet.srcHigh(),
        packet.srcLow());
    out.limit(at + Ipv6Header.OCTETS + payload);
    var sum =
        PseudoHeader.sum(
            srcHigh, srcLow, packet.srcHigh(), packet.srcLow(), IpProtocol.ICMPV6, payload);
    Icmp.write(out, at + Ipv6Header.OCTETS, problem.v6Type, problem.v6Code, detail, quoted, sum);
  }

  /** Copies the start of the packet: header and at least eight octets, if it has them. */
  private static int quote(IpPacket packet, ByteBuffer out, int to, int most) {
    var octets = Math.min(packet.totalOctets(), most);
    var from = packet.buffer();
    octets = Math.min(octets, from.limit() - packet.at());
    out.limit(to + octets);
    out.put(to, from, packet.at(), octets);
    return octets;
  }

  /** Errors that the rate has kept back. */
  public long suppressed() {
    return suppressed;
  }
}
