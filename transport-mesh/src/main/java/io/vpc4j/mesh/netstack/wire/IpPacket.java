package io.vpc4j.mesh.netstack.wire;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import java.nio.ByteBuffer;

/**
 * A view over one packet after the other: whether it is whole, and where everything lies.
 *
 * <p>Read {@link #read}: lengths first, then the header, then what lies between header and
 * transport. Until the next {@code read}, all accessors give what it found. Not thread-safe; one
 * view serves one loop for ever.
 */
public final class IpPacket {

  /** How {@link #read} ends. Each but {@link #OK} is a counter. */
  public enum Reading {
    /** Whole, and the accessors are valid. */
    OK,
    /** Shorter than its header says, or than any header is. */
    TRUNCATED,
    /** Neither 4 nor 6. */
    VERSION,
    /** IHL below 5 or past the packet; or a total length below the header's. RFC 791 3.1 */
    HEADER_LENGTH,
    /** The IPv4 header's checksum is wrong. RFC 1122 3.2.1.2 */
    CHECKSUM,
    /** An address that no packet may have: loopback, multicast, "this network". RFC 1812 5.3.7 */
    MARTIAN_SOURCE,
    /** An IPv6 extension header that is cut off, out of order, or one too many. */
    EXTENSION_HEADER,
    /** An IPv6 next header that is unknown: ICMPv6 parameter problem, code 1. RFC 8200 4 */
    UNKNOWN_HEADER,
    /** An IPv6 option that is unknown and says not to go on. RFC 8200 4.2 */
    UNKNOWN_OPTION,
    /** An IPv6 routing header with segments left: code 0. RFC 8200 4.4, RFC 5095 */
    SOURCE_ROUTE
  }

  /** Of IPv6: more than any sender needs, and a bound on the walk. */
  public static final int MAX_EXTENSION_HEADERS = 8;

  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private int at;
  private int version;
  private int totalOctets;
  private int protocol;
  private int payloadAt;
  private int payloadOctets;
  private long srcHigh;
  private long srcLow;
  private long dstHigh;
  private long dstLow;
  private boolean fragment;
  private boolean moreFragments;
  private int fragmentOffset;
  private int identification;
  private int problemPointer;
  private boolean problemAnswered;

  /** Lays the view over {@code packet}, from its position to its limit. */
  public Reading read(ByteBuffer packet) {
    buffer = packet;
    at = packet.position();
    fragment = false;
    moreFragments = false;
    fragmentOffset = 0;
    problemAnswered = false;
    var length = packet.remaining();
    if (length < Ipv4Header.OCTETS) {
      return Reading.TRUNCATED;
    }
    version = (packet.get(at) >>> 4) & 0xf;
    return switch (version) {
      case 4 -> readV4(length);
      case 6 -> length < Ipv6Header.OCTETS ? Reading.TRUNCATED : readV6(length);
      default -> Reading.VERSION;
    };
  }

  private Reading readV4(int length) {
    var headerOctets = (buffer.get(at) & 0xf) * 4;
    totalOctets = buffer.getShort(at + Ipv4Header.TOTAL_LENGTH) & 0xffff;
    if (headerOctets < Ipv4Header.OCTETS || totalOctets < headerOctets) {
      return Reading.HEADER_LENGTH;
    }
    if (totalOctets > length) { // what is beyond the total length is padding, WireGuard's above all
      return Reading.TRUNCATED;
    }
    var sum = InternetChecksum.sum(buffer.array(), buffer.arrayOffset() + at, headerOctets);
    if (InternetChecksum.fold(sum) != 0) {
      return Reading.CHECKSUM;
    }
    protocol = buffer.get(at + Ipv4Header.PROTOCOL) & 0xff;
    srcHigh = 0;
    dstHigh = 0;
    srcLow = buffer.getInt(at + Ipv4Header.SOURCE) & 0xffff_ffffL;
    dstLow = buffer.getInt(at + Ipv4Header.DESTINATION) & 0xffff_ffffL;
    payloadAt = at + headerOctets; // options are skipped: RFC 1122 3.2.1.8 lets a host ignore them
    payloadOctets = totalOctets - headerOctets;
    identification = buffer.getShort(at + Ipv4Header.IDENTIFICATION) & 0xffff;
    var flags = buffer.getShort(at + Ipv4Header.FLAGS_AND_OFFSET) & 0xffff;
    fragmentOffset = (flags & Ipv4Header.OFFSET_MASK) * 8;
    moreFragments = (flags & Ipv4Header.MF) != 0;
    fragment = moreFragments || fragmentOffset > 0;
    return martianV4((int) srcLow) ? Reading.MARTIAN_SOURCE : Reading.OK;
  }

  private static boolean martianV4(int source) {
    var first = source >>> 24;
    return first == 0 || first == 127 || first >= 224; // multicast, class E and broadcast
  }

  private Reading readV6(int length) {
    payloadOctets = buffer.getShort(at + Ipv6Header.PAYLOAD_LENGTH) & 0xffff;
    totalOctets = Ipv6Header.OCTETS + payloadOctets;
    if (totalOctets > length) {
      return Reading.TRUNCATED;
    }
    srcHigh = buffer.getLong(at + Ipv6Header.SOURCE);
    srcLow = buffer.getLong(at + Ipv6Header.SOURCE + 8);
    dstHigh = buffer.getLong(at + Ipv6Header.DESTINATION);
    dstLow = buffer.getLong(at + Ipv6Header.DESTINATION + 8);
    payloadAt = at + Ipv6Header.OCTETS;
    problemPointer = Ipv6Header.NEXT_HEADER;
    if (srcHigh >>> 56 == 0xff || embedded(srcHigh, srcLow) || embedded(dstHigh, dstLow)) {
      return Reading.MARTIAN_SOURCE;
    }
    return readExtensionHeaders(buffer.get(at + Ipv6Header.NEXT_HEADER) & 0xff);
  }

  /** None, loopback, and those that hold an IPv4 address, which {@link IpAddress} would unwrap. */
  private static boolean embedded(long high, long low) {
    return high == 0 && low >>> 48 == 0;
  }

  /** RFC 8200 4: in any order and number that is sane; hop-by-hop only first. */
  private Reading readExtensionHeaders(int first) {
    var next = first;
    for (var headers = 0; headers <= MAX_EXTENSION_HEADERS; headers++) {
      switch (next) {
        case IpProtocol.TCP, IpProtocol.UDP, IpProtocol.ICMPV6, IpProtocol.NO_NEXT_HEADER -> {
          protocol = next;
          return Reading.OK;
        }
        case IpProtocol.FRAGMENT -> {
          if (fragment || payloadOctets < Ipv6Header.FRAGMENT_OCTETS) {
            return Reading.EXTENSION_HEADER;
          }
          next = readFragmentHeader();
          if (fragmentOffset > 0 || moreFragments) {
            protocol = next; // what follows is read once it is whole
            return Reading.OK;
          }
          fragment = false; // an atomic fragment is a packet of its own. RFC 6946 4
        }
        case IpProtocol.HOP_BY_HOP, IpProtocol.DESTINATION_OPTIONS, IpProtocol.ROUTING -> {
          var octets = payloadOctets < 8 ? 0 : ((buffer.get(payloadAt + 1) & 0xff) + 1) * 8;
          if (octets == 0
              || octets > payloadOctets
              || (next == IpProtocol.HOP_BY_HOP && headers > 0)) {
            return Reading.EXTENSION_HEADER;
          }
          var reading = next == IpProtocol.ROUTING ? routing() : options(octets);
          if (reading != Reading.OK) {
            return reading;
          }
          problemPointer = payloadAt - at;
          next = buffer.get(payloadAt) & 0xff;
          payloadAt += octets;
          payloadOctets -= octets;
        }
        default -> {
          problemAnswered = true;
          return Reading.UNKNOWN_HEADER;
        }
      }
    }
    return Reading.EXTENSION_HEADER;
  }

  private int readFragmentHeader() {
    var word = buffer.getShort(payloadAt + 2) & 0xffff;
    fragmentOffset = word & 0xfff8;
    moreFragments = (word & 1) != 0;
    fragment = true;
    identification = buffer.getInt(payloadAt + 4);
    problemPointer = payloadAt - at;
    var next = buffer.get(payloadAt) & 0xff;
    payloadAt += Ipv6Header.FRAGMENT_OCTETS;
    payloadOctets -= Ipv6Header.FRAGMENT_OCTETS;
    return next;
  }

  private Reading routing() {
    if (buffer.get(payloadAt + 3) == 0) {
      return Reading.OK; // no segments left: "ignore the Routing header". RFC 8200 4.4
    }
    problemPointer = payloadAt + 2 - at;
    problemAnswered = true;
    return Reading.SOURCE_ROUTE;
  }

  /** The two highest bits of an option's type say what becomes of a packet with an unknown one. */
  private Reading options(int octets) {
    var end = payloadAt + octets;
    for (var option = payloadAt + 2; option < end; ) {
      var type = buffer.get(option) & 0xff;
      if (type == 0) { // Pad1 has no length
        option++;
        continue;
      }
      if (option + 2 > end || option + 2 + (buffer.get(option + 1) & 0xff) > end) {
        return Reading.EXTENSION_HEADER;
      }
      var action = type >>> 6;
      if (action != 0) {
        problemPointer = option - at;
        // 10: always answered; 11: unless the destination was multicast. RFC 8200 4.2
        problemAnswered = action == 2 || (action == 3 && !toMany());
        return Reading.UNKNOWN_OPTION;
      }
      option += 2 + (buffer.get(option + 1) & 0xff);
    }
    return Reading.OK;
  }

  // ---- what it found

  /** The packet it lies over. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Where the packet begins in the buffer. */
  public int at() {
    return at;
  }

  /** 4 or 6. */
  public int version() {
    return version;
  }

  /** Header and payload; what the buffer has beyond is padding. */
  public int totalOctets() {
    return totalOctets;
  }

  /** The transport's number, {@link IpProtocol}; of a fragment, that of what it is part of. */
  public int protocol() {
    return protocol;
  }

  /** Where what follows all headers of the internet layer begins in the buffer. */
  public int payloadAt() {
    return payloadAt;
  }

  /** Its length. */
  public int payloadOctets() {
    return payloadOctets;
  }

  /** The source's first word; 0 for IPv4. */
  public long srcHigh() {
    return srcHigh;
  }

  /** The source's second word, or the 32 bits of IPv4. */
  public long srcLow() {
    return srcLow;
  }

  /** The destination's first word; 0 for IPv4. */
  public long dstHigh() {
    return dstHigh;
  }

  /** The destination's second word, or the 32 bits of IPv4. */
  public long dstLow() {
    return dstLow;
  }

  /** The source as a value; for what is rare. */
  public IpAddress source() {
    return new IpAddress(version == 4 ? Family.V4 : Family.V6, srcHigh, srcLow);
  }

  /** The destination as a value; for what is rare. */
  public IpAddress destination() {
    return new IpAddress(version == 4 ? Family.V4 : Family.V6, dstHigh, dstLow);
  }

  /** Whether it is part of a larger one. */
  public boolean fragment() {
    return fragment;
  }

  /** Whether parts follow this one. */
  public boolean moreFragments() {
    return moreFragments;
  }

  /** Where this part belongs, in octets. */
  public int fragmentOffset() {
    return fragmentOffset;
  }

  /** Of the whole that it is part of: 16 bits in IPv4, 32 in IPv6. */
  public int identification() {
    return identification;
  }

  /** Whether it may not be cut. */
  public boolean dontFragment() {
    return version == 6 || (buffer.getShort(at + Ipv4Header.FLAGS_AND_OFFSET) & Ipv4Header.DF) != 0;
  }

  /** How many hops it has left. */
  public int hopLimit() {
    return buffer.get(at + (version == 4 ? Ipv4Header.TTL : Ipv6Header.HOP_LIMIT)) & 0xff;
  }

  /** The traffic class: DSCP, and ECN in the last two bits. RFC 3168 5 */
  public int trafficClass() {
    return version == 4
        ? buffer.get(at + Ipv4Header.TRAFFIC_CLASS) & 0xff
        : (buffer.getInt(at) >>> 20) & 0xff;
  }

  /** What was wrong, as an offset from the packet's start: for a parameter problem. */
  public int problemPointer() {
    return problemPointer;
  }

  /** Whether what was wrong is to be answered. */
  public boolean problemAnswered() {
    return problemAnswered;
  }

  /** Whether it was sent to many. */
  public boolean toMany() {
    return version == 4 ? dstLow >>> 28 >= 0xe : dstHigh >>> 56 == 0xff;
  }

  /** The sum of the pseudo-header of a transport in this packet. */
  public long pseudoHeader(int transport, int transportOctets) {
    return PseudoHeader.sum(srcHigh, srcLow, dstHigh, dstLow, transport, transportOctets);
  }

  /** Takes one from the hops it has left, in the packet. */
  public void decrementHopLimit() {
    if (version == 4) {
      Ipv4Header.decrementTtl(buffer, at);
    } else {
      Ipv6Header.decrementHopLimit(buffer, at);
    }
  }
}
