package io.vpc4j.mesh.netstack;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.mesh.netstack.wire.Icmp;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.Ipv4Header;
import io.vpc4j.mesh.netstack.wire.Ipv6Header;
import io.vpc4j.mesh.netstack.wire.PseudoHeader;
import io.vpc4j.mesh.netstack.wire.UdpHeader;
import java.nio.ByteBuffer;

/** Packets for tests, each in a buffer of its own with some headroom. */
public final class Packets {

  public static final int HEADROOM = 16;

  private Packets() {}

  /** A packet around a payload. */
  public static ByteBuffer ip(IpAddress from, IpAddress to, int protocol, byte[] payload) {
    return ip(from, to, protocol, payload, 64);
  }

  public static ByteBuffer ip(
      IpAddress from, IpAddress to, int protocol, byte[] payload, int hopLimit) {
    var v6 = from.family() == Family.V6;
    var header = v6 ? Ipv6Header.OCTETS : Ipv4Header.OCTETS;
    var packet = ByteBuffer.allocate(HEADROOM + header + payload.length + 32);
    packet.put(HEADROOM + header, payload, 0, payload.length);
    if (v6) {
      Ipv6Header.write(
          packet,
          HEADROOM,
          0,
          0,
          payload.length,
          protocol,
          hopLimit,
          from.high(),
          from.low(),
          to.high(),
          to.low());
    } else {
      Ipv4Header.write(
          packet,
          HEADROOM,
          0,
          header + payload.length,
          7,
          Ipv4Header.DF,
          hopLimit,
          protocol,
          (int) from.low(),
          (int) to.low());
    }
    return packet.position(HEADROOM).limit(HEADROOM + header + payload.length);
  }

  /** A part of a larger packet. */
  public static ByteBuffer fragment(
      IpAddress from, IpAddress to, int id, byte[] whole, int at, int length, boolean more) {
    if (from.family() == Family.V4) {
      var packet = ByteBuffer.allocate(20 + length);
      packet.put(20, whole, at, length);
      var flags = at / 8 | (more ? Ipv4Header.MF : 0);
      Ipv4Header.write(
          packet,
          0,
          0,
          20 + length,
          id,
          flags,
          64,
          IpProtocol.UDP,
          (int) from.low(),
          (int) to.low());
      return packet;
    }
    var packet = ByteBuffer.allocate(48 + length);
    packet.put(48, whole, at, length);
    Ipv6Header.write(
        packet,
        0,
        0,
        0,
        8 + length,
        IpProtocol.FRAGMENT,
        64,
        from.high(),
        from.low(),
        to.high(),
        to.low());
    Ipv6Header.writeFragment(packet, 40, IpProtocol.UDP, at, more, id);
    return packet;
  }

  /** A UDP header and data with a right checksum. */
  public static byte[] udp(IpAddress from, int sourcePort, IpAddress to, int port, byte[] data) {
    var datagram = new byte[UdpHeader.OCTETS + data.length];
    System.arraycopy(data, 0, datagram, UdpHeader.OCTETS, data.length);
    var sum =
        PseudoHeader.sum(
            from.high(), from.low(), to.high(), to.low(), IpProtocol.UDP, datagram.length);
    UdpHeader.write(datagram, 0, sourcePort, port, data.length, sum);
    return datagram;
  }

  /** An echo request with a right checksum. */
  public static ByteBuffer echo(IpAddress from, IpAddress to, int id, int sequence, byte[] data) {
    var v6 = from.family() == Family.V6;
    var message = new byte[Icmp.OCTETS + data.length];
    System.arraycopy(data, 0, message, Icmp.OCTETS, data.length);
    var protocol = v6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP;
    var sum =
        v6
            ? PseudoHeader.sum(
                from.high(), from.low(), to.high(), to.low(), protocol, message.length)
            : 0L;
    Icmp.write(
        ByteBuffer.wrap(message),
        0,
        v6 ? Icmp.V6_ECHO_REQUEST : Icmp.V4_ECHO_REQUEST,
        0,
        (id << 16) | sequence,
        data.length,
        sum);
    return ip(from, to, protocol, message);
  }

  /** So many octets that differ. */
  public static byte[] octets(int length) {
    var octets = new byte[length];
    for (var i = 0; i < length; i++) {
      octets[i] = (byte) (i * 31 + (i >>> 8));
    }
    return octets;
  }
}
