package io.vpc4j.mesh.netstack.wire;

import java.nio.ByteBuffer;

/**
 * ICMP and ICMPv6, in place. RFC 792, RFC 4443
 *
 * <pre>
 *     0  type        1
 *     1  code        1
 *     2  checksum    2    ICMPv6: with a pseudo-header
 *     4  rest        4    echo: identifier, sequence; packet too big: MTU; else zero or a pointer
 *     8  echo: data; errors: as much of the packet they are about as fits
 * </pre>
 */
public final class Icmp {

  /** Header with its last word. */
  public static final int OCTETS = 8;

  /** ICMP echo reply. */
  public static final int V4_ECHO_REPLY = 0;

  /** ICMP destination unreachable. */
  public static final int V4_UNREACHABLE = 3;

  /** ICMP echo request. */
  public static final int V4_ECHO_REQUEST = 8;

  /** ICMP time exceeded. */
  public static final int V4_TIME_EXCEEDED = 11;

  /** ICMP parameter problem. */
  public static final int V4_PARAMETER_PROBLEM = 12;

  /** Code of {@link #V4_UNREACHABLE}: fragmentation needed and DF set. RFC 1191 4 */
  public static final int V4_CODE_FRAGMENTATION_NEEDED = 4;

  /** ICMPv6 destination unreachable. */
  public static final int V6_UNREACHABLE = 1;

  /** ICMPv6 packet too big. */
  public static final int V6_PACKET_TOO_BIG = 2;

  /** ICMPv6 time exceeded. */
  public static final int V6_TIME_EXCEEDED = 3;

  /** ICMPv6 parameter problem. */
  public static final int V6_PARAMETER_PROBLEM = 4;

  /** ICMPv6 echo request. */
  public static final int V6_ECHO_REQUEST = 128;

  /** ICMPv6 echo reply. */
  public static final int V6_ECHO_REPLY = 129;

  private Icmp() {}

  /** The type. */
  public static int type(ByteBuffer packet, int at) {
    return packet.get(at) & 0xff;
  }

  /** The code. */
  public static int code(ByteBuffer packet, int at) {
    return packet.get(at + 1) & 0xff;
  }

  /** The last word of the header. */
  public static int rest(ByteBuffer packet, int at) {
    return packet.getInt(at + 4);
  }

  /** Whether it is long enough and its checksum is right. */
  public static boolean check(IpPacket packet) {
    var octets = packet.payloadOctets();
    if (octets < OCTETS) {
      return false;
    }
    var sum = packet.version() == 4 ? 0L : packet.pseudoHeader(IpProtocol.ICMPV6, octets);
    var buffer = packet.buffer();
    var at = buffer.arrayOffset() + packet.payloadAt();
    return InternetChecksum.fold(sum + InternetChecksum.sum(buffer.array(), at, octets)) == 0;
  }

  /** Whether it is an error: of those no errors may be sent. RFC 1122 3.2.2, RFC 4443 2.4 (e) */
  public static boolean isError(int version, int type) {
    if (version == 6) {
      return type < 128;
    }
    return switch (type) {
      case V4_UNREACHABLE, 4, 5, V4_TIME_EXCEEDED, V4_PARAMETER_PROBLEM -> true;
      default -> false;
    };
  }

  /**
   * Writes header and checksum before {@code dataOctets} that are there already.
   *
   * @param pseudoHeader of this message for ICMPv6; 0 for ICMP
   */
  public static void write(
      ByteBuffer packet, int at, int type, int code, int rest, int dataOctets, long pseudoHeader) {
    packet.put(at, (byte) type);
    packet.put(at + 1, (byte) code);
    packet.putShort(at + 2, (short) 0);
    packet.putInt(at + 4, rest);
    var octets =
        InternetChecksum.sum(packet.array(), packet.arrayOffset() + at, OCTETS + dataOctets);
    packet.putShort(at + 2, (short) InternetChecksum.fold(pseudoHeader + octets));
  }
}
