package io.vpc4j.mesh.netstack.wire;

import java.nio.ByteBuffer;

/**
 * The UDP header, in place. RFC 768
 *
 * <pre>
 *     0  source port         2
 *     2  destination port    2
 *     4  length              2    header and data
 *     6  checksum            2    0: none was made (IPv4 alone)
 *     8
 * </pre>
 */
public final class UdpHeader {

  /** Its length. */
  public static final int OCTETS = 8;

  private UdpHeader() {}

  /** The sender's port; 0 if it wants no answer. */
  public static int sourcePort(ByteBuffer packet, int at) {
    return packet.getShort(at) & 0xffff;
  }

  /** The receiver's port. */
  public static int destinationPort(ByteBuffer packet, int at) {
    return packet.getShort(at + 2) & 0xffff;
  }

  /**
   * How many octets of data follow the header, or -1 if the lengths disagree or the checksum is
   * wrong. Octets beyond the UDP length are no part of the datagram.
   */
  public static int check(IpPacket packet) {
    var buffer = packet.buffer();
    var at = packet.payloadAt();
    if (packet.payloadOctets() < OCTETS) {
      return -1;
    }
    var length = buffer.getShort(at + 4) & 0xffff;
    if (length < OCTETS || length > packet.payloadOctets()) {
      return -1;
    }
    if (buffer.getShort(at + 6) == 0) {
      // RFC 8200 8.1: "IPv6 receivers must discard UDP packets containing a zero checksum".
      return packet.version() == 4 ? length - OCTETS : -1;
    }
    var sum = packet.pseudoHeader(IpProtocol.UDP, length);
    sum += InternetChecksum.sum(buffer.array(), buffer.arrayOffset() + at, length);
    return InternetChecksum.fold(sum) == 0 ? length - OCTETS : -1;
  }

  /**
   * Writes the header before {@code dataOctets} that are there already.
   *
   * @param datagram header and data, from index {@code at}
   * @param pseudoHeader of this datagram, {@link PseudoHeader#sum}
   */
  public static void write(
      byte[] datagram,
      int at,
      int sourcePort,
      int destinationPort,
      int dataOctets,
      long pseudoHeader) {
    var length = OCTETS + dataOctets;
    put(datagram, at, sourcePort);
    put(datagram, at + 2, destinationPort);
    put(datagram, at + 4, length);
    put(datagram, at + 6, 0);
    var checksum = InternetChecksum.fold(pseudoHeader + InternetChecksum.sum(datagram, at, length));
    // RFC 768: "If the computed checksum is zero, it is transmitted as all ones".
    put(datagram, at + 6, checksum == 0 ? 0xffff : checksum);
  }

  private static void put(byte[] datagram, int at, int word) {
    datagram[at] = (byte) (word >>> 8);
    datagram[at + 1] = (byte) word;
  }
}
