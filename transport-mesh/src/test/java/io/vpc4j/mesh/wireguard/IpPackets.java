package io.vpc4j.mesh.wireguard;

import io.vpc4j.core.net.IpAddress;
import java.nio.ByteBuffer;

/**
 * Packets for tests: UDP-less datagrams that carry a number, and ICMP echo. RFC 791, 792, 8200,
 * 4443
 */
public final class IpPackets {

  private static final int ROOM_BEFORE = WireGuard.HEADROOM;

  private IpPackets() {}

  /** A packet of the experimental protocol 253 (RFC 3692) with {@code number} and filler in it. */
  public static ByteBuffer numbered(IpAddress from, IpAddress to, long number, int payload) {
    var body = new byte[Math.max(payload, 8)];
    for (var i = 8; i < body.length; i++) {
      body[i] = (byte) (number + i);
    }
    ByteBuffer.wrap(body).putLong(number);
    return packet(from, to, 253, body);
  }

  /** The number in such a packet. */
  public static long number(ByteBuffer packet) {
    var header = packet.get(packet.position()) >>> 4 == 4 ? 20 : 40;
    return packet.getLong(packet.position() + header);
  }

  /** An echo request; of ICMPv6 if the addresses are. */
  public static ByteBuffer echoRequest(
      IpAddress from, IpAddress to, int identifier, int sequence, int payload) {
    var v6 = from.family() == IpAddress.Family.V6;
    var body = new byte[8 + payload];
    body[0] = (byte) (v6 ? 128 : 8);
    ByteBuffer.wrap(body).putShort(4, (short) identifier).putShort(6, (short) sequence);
    for (var i = 8; i < body.length; i++) {
      body[i] = (byte) i;
    }
    checksum(from, to, body);
    return packet(from, to, v6 ? 58 : 1, body);
  }

  /** The sequence number, if the packet is a whole and unspoilt echo reply; else -1. */
  public static int echoReplySequence(ByteBuffer packet) {
    return echo(packet, 0, 129);
  }

  /** The sequence number, if the packet is a whole and unspoilt echo request; else -1. */
  public static int echoRequestSequence(ByteBuffer packet) {
    return echo(packet, 8, 128);
  }

  /** The answer to an echo request. */
  public static ByteBuffer echoReply(ByteBuffer request) {
    var at = request.position();
    var v6 = (request.get(at) & 0xff) >>> 4 == 6;
    var from = address(request, v6 ? at + 8 : at + 12, v6);
    var to = address(request, v6 ? at + 24 : at + 16, v6);
    var header = v6 ? 40 : 20;
    var body = new byte[request.remaining() - header];
    request.duplicate().position(at + header).get(body);
    body[0] = (byte) (v6 ? 129 : 0);
    body[2] = 0;
    body[3] = 0;
    checksum(to, from, body);
    return packet(to, from, v6 ? 58 : 1, body);
  }

  /** A packet with room for WireGuard around it. */
  public static ByteBuffer packet(IpAddress from, IpAddress to, int protocol, byte[] body) {
    var v6 = from.family() == IpAddress.Family.V6;
    var header = v6 ? 40 : 20;
    var buffer = ByteBuffer.allocate(ROOM_BEFORE + header + body.length + WireGuard.TAILROOM + 512);
    var at = ROOM_BEFORE;
    buffer.position(at);
    if (v6) {
      buffer.putInt(0x6000_0000).putShort((short) body.length).put((byte) protocol).put((byte) 64);
      buffer.put(from.octets()).put(to.octets());
    } else {
      buffer.putShort((short) 0x4500).putShort((short) (header + body.length)).putInt(0);
      buffer.put((byte) 64).put((byte) protocol).putShort((short) 0);
      buffer.put(from.octets()).put(to.octets());
      buffer.putShort(at + 10, (short) ~sum(buffer.array(), at, header, 0));
    }
    buffer.put(body).flip().position(at);
    return buffer;
  }

  private static int echo(ByteBuffer packet, int v4Type, int v6Type) {
    var at = packet.position();
    var v6 = (packet.get(at) & 0xff) >>> 4 == 6;
    var header = v6 ? 40 : 20;
    var length = packet.remaining() - header;
    if (length < 8
        || (packet.get(at + (v6 ? 6 : 9)) & 0xff) != (v6 ? 58 : 1)
        || (packet.get(at + header) & 0xff) != (v6 ? v6Type : v4Type)) {
      return -1;
    }
    var body = new byte[length];
    packet.duplicate().position(at + header).get(body);
    var from = address(packet, v6 ? at + 8 : at + 12, v6);
    var to = address(packet, v6 ? at + 24 : at + 16, v6);
    if (sum(body, 0, length, v6 ? pseudo(from, to, length) : 0) != 0xffff) {
      return -1;
    }
    return packet.getShort(at + header + 6) & 0xffff;
  }

  private static IpAddress address(ByteBuffer packet, int at, boolean v6) {
    var octets = new byte[v6 ? 16 : 4];
    packet.duplicate().position(at).get(octets);
    return IpAddress.ofOctets(octets);
  }

  private static void checksum(IpAddress from, IpAddress to, byte[] body) {
    var start = from.family() == IpAddress.Family.V6 ? pseudo(from, to, body.length) : 0;
    var sum = ~sum(body, 0, body.length, start);
    body[2] = (byte) (sum >>> 8);
    body[3] = (byte) sum;
  }

  private static int pseudo(IpAddress from, IpAddress to, int length) {
    return sum(from.octets(), 0, 16, 0) + sum(to.octets(), 0, 16, 0) + length + 58;
  }

  private static int sum(byte[] octets, int offset, int length, int start) {
    var sum = start;
    for (var i = 0; i < length; i++) {
      sum += (octets[offset + i] & 0xff) << (i % 2 == 0 ? 8 : 0);
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return sum;
  }
}
