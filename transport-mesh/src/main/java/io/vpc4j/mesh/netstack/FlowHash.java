package io.vpc4j.mesh.netstack;

import io.vpc4j.mesh.netstack.icmp.QuotedPacket;
import io.vpc4j.mesh.netstack.wire.Icmp;
import io.vpc4j.mesh.netstack.wire.IpPacket;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.SipHash;

/**
 * A hash of what the packets of a flow have in common, in one direction: addresses, protocol, and
 * the ports of TCP and UDP. Fragments have no ports but the first, so that none of theirs count. An
 * error counts to the flow of its receiver, about whose other direction it is. Confined to the
 * loop.
 */
final class FlowHash {

  private final SipHash hash;
  private final QuotedPacket quoted = new QuotedPacket();

  /** The key makes that nobody outside can have all flows meet. */
  FlowHash(SipHash hash) {
    this.hash = hash;
  }

  /** Of a packet that was read and goes on. */
  long of(IpPacket packet) {
    if (isError(packet) && quoted.read(packet)) {
      var ports = ported(quoted.protocol()) ? quoted.dstPort() << 16 | quoted.srcPort() : 0;
      return of(
          packet.version() == 6,
          /* srcHigh= */ quoted.dstHigh(),
          /* srcLow= */ quoted.dstLow(),
          /* dstHigh= */ quoted.srcHigh(),
          /* dstLow= */ quoted.srcLow(),
          quoted.protocol(),
          ports);
    }
    return of(
        packet.version() == 6,
        packet.srcHigh(),
        packet.srcLow(),
        packet.dstHigh(),
        packet.dstLow(),
        packet.protocol(),
        ports(packet));
  }

  private static boolean isError(IpPacket packet) {
    var icmp = packet.version() == 6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP;
    return packet.protocol() == icmp
        && !packet.fragment()
        && packet.payloadOctets() >= Icmp.OCTETS
        && Icmp.isError(packet.version(), Icmp.type(packet.buffer(), packet.payloadAt()));
  }

  /** Source and destination, as both headers begin with them. */
  private static int ports(IpPacket packet) {
    return ported(packet.protocol()) && !packet.fragment() && packet.payloadOctets() >= 4
        ? packet.buffer().getInt(packet.payloadAt())
        : 0;
  }

  private static boolean ported(int protocol) {
    return protocol == IpProtocol.TCP || protocol == IpProtocol.UDP;
  }

  private long of(
      boolean v6, long srcHigh, long srcLow, long dstHigh, long dstLow, int protocol, int ports) {
    var rest = (long) protocol << 32 | (ports & 0xffff_ffffL);
    return v6
        ? hash.hash(hash.hash(srcHigh, srcLow), hash.hash(hash.hash(dstHigh, dstLow), rest))
        : hash.hash(srcLow << 32 | dstLow, rest);
  }
}
