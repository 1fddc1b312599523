package io.vpc4j.mesh.netstack.wire;

import java.nio.ByteBuffer;

/**
 * The IPv6 header and its fragment header, in place. RFC 8200 3 and 4.5
 *
 * <pre>
 *     0  version 6, traffic class, flow label    4 + 8 + 20 bits
 *     4  payload length                          2
 *     6  next header                             1
 *     7  hop limit                               1
 *     8  source                                  16
 *    24  destination                             16
 *    40
 * </pre>
 *
 * <pre>
 *     0  next header               1
 *     1  reserved                  1
 *     2  offset, reserved, more    13 + 2 + 1 bits: units of 8 octets
 *     4  identification            4
 *     8
 * </pre>
 */
public final class Ipv6Header {

  /** Without extension headers. */
  public static final int OCTETS = 40;

  /** A fragment header. */
  public static final int FRAGMENT_OCTETS = 8;

  static final int PAYLOAD_LENGTH = 4;
  static final int NEXT_HEADER = 6;
  static final int HOP_LIMIT = 7;
  static final int SOURCE = 8;
  static final int DESTINATION = 24;

  private Ipv6Header() {}

  /**
   * Writes a header.
   *
   * @param payloadOctets all that follows it, 0 to 65,535
   */
  public static void write(
      ByteBuffer packet,
      int at,
      int trafficClass,
      int flowLabel,
      int payloadOctets,
      int nextHeader,
      int hopLimit,
      long srcHigh,
      long srcLow,
      long dstHigh,
      long dstLow) {
    packet.putInt(at, (6 << 28) | ((trafficClass & 0xff) << 20) | (flowLabel & 0xf_ffff));
    packet.putShort(at + PAYLOAD_LENGTH, (short) payloadOctets);
    packet.put(at + NEXT_HEADER, (byte) nextHeader);
    packet.put(at + HOP_LIMIT, (byte) hopLimit);
    packet.putLong(at + SOURCE, srcHigh);
    packet.putLong(at + SOURCE + 8, srcLow);
    packet.putLong(at + DESTINATION, dstHigh);
    packet.putLong(at + DESTINATION + 8, dstLow);
  }

  /**
   * Writes a fragment header.
   *
   * @param offsetOctets a multiple of 8
   */
  public static void writeFragment(
      ByteBuffer packet,
      int at,
      int nextHeader,
      int offsetOctets,
      boolean more,
      int identification) {
    packet.put(at, (byte) nextHeader);
    packet.put(at + 1, (byte) 0);
    packet.putShort(at + 2, (short) (offsetOctets | (more ? 1 : 0)));
    packet.putInt(at + 4, identification);
  }

  /** Takes one from the hop limit. */
  public static void decrementHopLimit(ByteBuffer packet, int at) {
    packet.put(at + HOP_LIMIT, (byte) (packet.get(at + HOP_LIMIT) - 1));
  }

  /** Puts another length and next header: a packet that was put together again. */
  public static void writeWhole(ByteBuffer packet, int at, int payloadOctets, int nextHeader) {
    packet.putShort(at + PAYLOAD_LENGTH, (short) payloadOctets);
    packet.put(at + NEXT_HEADER, (byte) nextHeader);
  }
}
