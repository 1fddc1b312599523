package io.vpc4j.mesh.netstack.wire;

import java.nio.ByteBuffer;

/**
 * The IPv4 header, in place. RFC 791 3.1
 *
 * <pre>
 *     0  version 4, IHL            4 + 4 bits
 *     1  DSCP, ECN                 6 + 2 bits
 *     2  total length              2
 *     4  identification            2
 *     6  flags, fragment offset    3 + 13 bits: reserved, DF, MF; units of 8 octets
 *     8  time to live              1
 *     9  protocol                  1
 *    10  header checksum           2
 *    12  source                    4
 *    16  destination               4
 *    20  options, to 4 x IHL
 * </pre>
 *
 * <p>{@code at} is where the header begins. Buffers are big-endian and backed by an array.
 */
public final class Ipv4Header {

  /** Without options. */
  public static final int OCTETS = 20;

  /** With as many options as IHL can say. */
  public static final int MAX_OCTETS = 60;

  /** Don't fragment, in the word of flags and offset. */
  public static final int DF = 0x4000;

  /** More fragments, in the word of flags and offset. */
  public static final int MF = 0x2000;

  /** The offset, in the word of flags and offset. */
  public static final int OFFSET_MASK = 0x1fff;

  static final int TRAFFIC_CLASS = 1;
  static final int TOTAL_LENGTH = 2;
  static final int IDENTIFICATION = 4;
  static final int FLAGS_AND_OFFSET = 6;
  static final int TTL = 8;
  static final int PROTOCOL = 9;
  static final int CHECKSUM = 10;
  static final int SOURCE = 12;
  static final int DESTINATION = 16;

  private Ipv4Header() {}

  /**
   * Writes a header without options.
   *
   * @param totalOctets header and payload, 20 to 65,535
   * @param flagsAndOffset {@link #DF}, {@link #MF} and the offset in units of 8 octets
   */
  public static void write(
      ByteBuffer packet,
      int at,
      int trafficClass,
      int totalOctets,
      int identification,
      int flagsAndOffset,
      int ttl,
      int protocol,
      int source,
      int destination) {
    packet.put(at, (byte) 0x45);
    packet.put(at + TRAFFIC_CLASS, (byte) trafficClass);
    packet.putShort(at + TOTAL_LENGTH, (short) totalOctets);
    packet.putShort(at + IDENTIFICATION, (short) identification);
    packet.putShort(at + FLAGS_AND_OFFSET, (short) flagsAndOffset);
    packet.put(at + TTL, (byte) ttl);
    packet.put(at + PROTOCOL, (byte) protocol);
    packet.putInt(at + SOURCE, source);
    packet.putInt(at + DESTINATION, destination);
    writeChecksum(packet, at);
  }

  /** Takes one from the time to live and puts the checksum right. RFC 1624 */
  public static void decrementTtl(ByteBuffer packet, int at) {
    packet.put(at + TTL, (byte) (packet.get(at + TTL) - 1));
    writeChecksum(packet, at);
  }

  /** Puts another length and no fragment's flags: a datagram that was put together again. */
  public static void writeWhole(ByteBuffer packet, int at, int totalOctets) {
    packet.putShort(at + TOTAL_LENGTH, (short) totalOctets);
    packet.putShort(at + FLAGS_AND_OFFSET, (short) 0);
    writeChecksum(packet, at);
  }

  /** Computes the header's checksum and writes it. */
  public static void writeChecksum(ByteBuffer packet, int at) {
    packet.putShort(at + CHECKSUM, (short) 0);
    var octets = (packet.get(at) & 0xf) * 4;
    var sum = InternetChecksum.sum(packet.array(), packet.arrayOffset() + at, octets);
    packet.putShort(at + CHECKSUM, (short) InternetChecksum.fold(sum));
  }
}
