package io.vpc4j.mesh.netstack.icmp;

import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.mesh.netstack.wire.Icmp;
import io.vpc4j.mesh.netstack.wire.IpPacket;
import io.vpc4j.mesh.netstack.wire.IpProtocol;
import io.vpc4j.mesh.netstack.wire.Ipv4Header;
import io.vpc4j.mesh.netstack.wire.Ipv6Header;
import java.nio.ByteBuffer;

/**
 * What an ICMP error is about: the start of a packet that we are said to have sent.
 *
 * <p>A view, read in place, for it may be cut anywhere after its header. Nothing in it is to be
 * believed until a flow of ours is found that has just these addresses and ports. RFC 5927 4
 */
public final class QuotedPacket {

  private boolean v6;
  private int protocol;
  private long srcHigh;
  private long srcLow;
  private long dstHigh;
  private long dstLow;
  private int srcPort;
  private int dstPort;
  private int sequence;
  private int totalOctets;

  /**
   * Lays the view over what an error quotes.
   *
   * @param error a whole ICMP or ICMPv6 message whose checksum is right
   * @return whether it quotes enough: addresses, protocol, and the transport's first eight octets
   */
  public boolean read(IpPacket error) {
    var buffer = error.buffer();
    var at = error.payloadAt() + Icmp.OCTETS;
    var octets = error.payloadOctets() - Icmp.OCTETS;
    v6 = error.version() == 6;
    return v6 ? readV6(buffer, at, octets) : readV4(buffer, at, octets);
  }

  private boolean readV4(ByteBuffer buffer, int at, int octets) {
    if (octets < Ipv4Header.OCTETS || buffer.get(at) >>> 4 != 4) {
      return false;
    }
    var headerOctets = (buffer.get(at) & 0xf) * 4;
    if (headerOctets < Ipv4Header.OCTETS || octets < headerOctets + 8) {
      return false;
    }
    totalOctets = buffer.getShort(at + 2) & 0xffff;
    protocol = buffer.get(at + 9) & 0xff;
    srcHigh = 0;
    dstHigh = 0;
    srcLow = buffer.getInt(at + 12) & 0xffff_ffffL;
    dstLow = buffer.getInt(at + 16) & 0xffff_ffffL;
    if ((buffer.getShort(at + 6) & Ipv4Header.OFFSET_MASK) != 0) {
      return false; // not the first fragment: it has no ports
    }
    return readPorts(buffer, at + headerOctets);
  }

  /** We send no extension header but a fragment's, so that no other is looked through. */
  private boolean readV6(ByteBuffer buffer, int at, int octets) {
    if (octets < Ipv6Header.OCTETS + 8 || ((buffer.get(at) >>> 4) & 0xf) != 6) {
      return false;
    }
    totalOctets = Ipv6Header.OCTETS + (buffer.getShort(at + 4) & 0xffff);
    protocol = buffer.get(at + 6) & 0xff;
    srcHigh = buffer.getLong(at + 8);
    srcLow = buffer.getLong(at + 16);
    dstHigh = buffer.getLong(at + 24);
    dstLow = buffer.getLong(at + 32);
    var transport = at + Ipv6Header.OCTETS;
    if (protocol == IpProtocol.FRAGMENT) {
      if (octets < Ipv6Header.OCTETS + Ipv6Header.FRAGMENT_OCTETS + 8
          || (buffer.getShort(transport + 2) & 0xfff8) != 0) {
        return false;
      }
      protocol = buffer.get(transport) & 0xff;
      transport += Ipv6Header.FRAGMENT_OCTETS;
    }
    return readPorts(buffer, transport);
  }

  private boolean readPorts(ByteBuffer buffer, int at) {
    srcPort = buffer.getShort(at) & 0xffff;
    dstPort = buffer.getShort(at + 2) & 0xffff;
    sequence = buffer.getInt(at + 4);
    return true;
  }

  /** Whose addresses they are. */
  public Family family() {
    return v6 ? Family.V6 : Family.V4;
  }

  /** Of the transport. */
  public int protocol() {
    return protocol;
  }

  /** Our address, first word. */
  public long srcHigh() {
    return srcHigh;
  }

  /** Our address, second word. */
  public long srcLow() {
    return srcLow;
  }

  /** The other end's address, first word. */
  public long dstHigh() {
    return dstHigh;
  }

  /** The other end's address, second word. */
  public long dstLow() {
    return dstLow;
  }

  /** Our port; of an echo, type and code. */
  public int srcPort() {
    return srcPort;
  }

  /** The other end's port; of an echo, its checksum. */
  public int dstPort() {
    return dstPort;
  }

  /** TCP's sequence number; of an echo, identifier and sequence number. */
  public int sequence() {
    return sequence;
  }

  /** How long the packet was, by its own header. */
  public int totalOctets() {
    return totalOctets;
  }
}
