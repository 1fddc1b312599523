package io.vpc4j.mesh.netstack.ip;

import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.Ipv4Header;
import io.vpc4j.mesh.netstack.wire.Ipv6Header;
import java.nio.ByteBuffer;

/**
 * Writes packets around payloads, in pieces where they do not fit. RFC 791 3.2, RFC 8200 4.5
 *
 * <p>A packet that is whole has DF set (IPv4), so that a way that is narrower is heard of (RFC
 * 8201, RFC 1191 3); one that must be cut has not, and an identification of its own.
 */
public final class IpWriter {

  /** What we send with. RFC 1700, and every stack of today */
  public static final int HOP_LIMIT = 64;

  private final boolean v6;
  private final long srcHigh;
  private final long srcLow;
  private final long dstHigh;
  private final long dstLow;

  /** Writes from one address to another of the same family; IPv4 in the low words. */
  public IpWriter(boolean v6, long fromHigh, long fromLow, long toHigh, long toLow) {
    this.v6 = v6;
    srcHigh = fromHigh;
    srcLow = fromLow;
    dstHigh = toHigh;
    dstLow = toLow;
  }

  /** The header's length, without a fragment header. */
  public int headerOctets() {
    return v6 ? Ipv6Header.OCTETS : Ipv4Header.OCTETS;
  }

  /** Writes the header of a packet that is not to be cut. */
  public void writeHeader(
      ByteBuffer packet, int at, int trafficClass, int payloadOctets, int protocol) {
    if (v6) {
      Ipv6Header.write(
          packet,
          at,
          trafficClass,
          0,
          payloadOctets,
          protocol,
          HOP_LIMIT,
          srcHigh,
          srcLow,
          dstHigh,
          dstLow);
    } else {
      Ipv4Header.write(
          packet,
          at,
          trafficClass,
          Ipv4Header.OCTETS + payloadOctets,
          0, // RFC 6864 4.1: an atomic datagram's is ignored
          Ipv4Header.DF,
          HOP_LIMIT,
          protocol,
          (int) srcLow,
          (int) dstLow);
    }
  }

  /**
   * Writes a payload, or the next piece of it, at the position of {@code packet}, whose limit it
   * sets.
   *
   * @param payload holds {@code totalOctets} from index {@code from}
   * @param offset how much of it has been written already; a multiple of 8
   * @param identification of the whole; used where it is cut
   * @param mtuOctets what a packet may be long
   * @return how many octets of the payload it has written
   */
  public int writePiece(
      ByteBuffer packet,
      int protocol,
      byte[] payload,
      int from,
      int totalOctets,
      int offset,
      int identification,
      int mtuOctets) {
    var at = packet.position();
    var left = totalOctets - offset;
    if (offset == 0 && headerOctets() + totalOctets <= mtuOctets) {
      packet.limit(at + headerOctets() + totalOctets);
      packet.put(at + headerOctets(), payload, from, totalOctets);
      writeHeader(packet, at, 0, totalOctets, protocol);
      return totalOctets;
    }
    var header = headerOctets() + (v6 ? Ipv6Header.FRAGMENT_OCTETS : 0);
    var octets = Math.min(left, (mtuOctets - header) / 8 * 8);
    var more = octets < left;
    packet.limit(at + header + octets);
    packet.put(at + header, payload, from + offset, octets);
    if (v6) {
      writeHeader(packet, at, 0, Ipv6Header.FRAGMENT_OCTETS + octets, IpProtocol.FRAGMENT);
      Ipv6Header.writeFragment(
          packet, at + Ipv6Header.OCTETS, protocol, offset, more, identification);
    } else {
      Ipv4Header.write(
          packet,
          at,
          0,
          header + octets,
          identification,
          (offset / 8) | (more ? Ipv4Header.MF : 0),
          HOP_LIMIT,
          protocol,
          (int) srcLow,
          (int) dstLow);
    }
    return octets;
  }
}
