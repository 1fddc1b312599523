package io.vpc4j.core.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * An IPv4 or IPv6 address, as two words; parsing it asks no resolver.
 *
 * <p>An IPv4-mapped IPv6 address ({@code ::ffff:10.0.0.1}) is the IPv4 address: the operating
 * system dials the same host for both, so a policy must not see two.
 *
 * @param family which of the two
 * @param high the first 64 bits of an IPv6 address; 0 for IPv4
 * @param low the last 64 bits of an IPv6 address; the 32 bits of IPv4
 */
public record IpAddress(Family family, long high, long low) implements Comparable<IpAddress> {

  /** The two families and their width. */
  public enum Family {
    /** 32 bits. */
    V4(32),
    /** 128 bits. */
    V6(128);

    private final int bits;

    Family(int bits) {
      this.bits = bits;
    }

    /** The width in bits. */
    public int bits() {
      return bits;
    }
  }

  private static final long V4_MASK = 0xffff_ffffL;

  /** Checks that IPv4 fits, and turns a mapped address into the IPv4 address it is. */
  public IpAddress {
    if (family == Family.V6 && high == 0 && low >>> 32 == 0xffff) {
      family = Family.V4;
      low &= V4_MASK;
    }
    if (family == Family.V4 && (high != 0 || (low & ~V4_MASK) != 0)) {
      throw new IllegalArgumentException("more than 32 bits in an IPv4 address");
    }
  }

  /** An IPv4 address from its 32 bits. */
  public static IpAddress ofV4(int bits) {
    return new IpAddress(Family.V4, 0, bits & V4_MASK);
  }

  /**
   * An address from 4 or 16 octets in network order.
   *
   * @throws IllegalArgumentException for any other length
   */
  public static IpAddress ofOctets(byte[] octets) {
    if (octets.length == 4) {
      return ofV4((int) word(octets, 0, 4));
    }
    if (octets.length == 16) {
      return new IpAddress(Family.V6, word(octets, 0, 8), word(octets, 8, 8));
    }
    throw new IllegalArgumentException("an address has 4 or 16 octets, not " + octets.length);
  }

  /** The JDK's address as ours; its scope is dropped. */
  public static IpAddress of(InetAddress address) {
    return ofOctets(address.getAddress());
  }

  /**
   * Reads dotted IPv4 (four decimal numbers, no leading zero) or IPv6 (RFC 4291 2.2, no zone), the
   * latter with or without brackets.
   *
   * @return empty if {@code text} is neither
   */
  public static Optional<IpAddress> parse(String text) {
    return Optional.ofNullable(IpText.parse(text));
  }

  /**
   * As {@link #parse}, for text that must be an address.
   *
   * @throws IllegalArgumentException if it is not
   */
  public static IpAddress require(String text) {
    return parse(text)
        .orElseThrow(() -> new IllegalArgumentException("not an IP address: " + text));
  }

  /** 4 or 16 octets in network order. */
  public byte[] octets() {
    var octets = new byte[family.bits() / 8];
    var words = new long[] {low, high};
    for (var i = 0; i < octets.length; i++) {
      octets[octets.length - 1 - i] = (byte) (words[i / 8] >>> (8 * (i % 8)));
    }
    return octets;
  }

  /** The JDK's form. */
  public InetAddress toInetAddress() {
    try {
      return InetAddress.getByAddress(octets());
    } catch (UnknownHostException e) {
      throw new AssertionError("4 and 16 octets are always an address", e);
    }
  }

  /** Bit {@code index}, counted from the most significant. */
  public boolean bit(int index) {
    if (family == Family.V4) {
      return (low >>> (31 - index) & 1) != 0;
    }
    return index < 64 ? (high >>> (63 - index) & 1) != 0 : (low >>> (127 - index) & 1) != 0;
  }

  /** IPv4 before IPv6, then by value. */
  @Override
  public int compareTo(IpAddress other) {
    var byFamily = family.compareTo(other.family);
    if (byFamily != 0) {
      return byFamily;
    }
    var byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  /** For a URL or a {@code host:port}: IPv6 in brackets. */
  public String toUrlHost() {
    return family == Family.V6 ? "[" + this + "]" : toString();
  }

  /** Dotted IPv4, or IPv6 in the form of RFC 5952, without brackets. */
  @Override
  public String toString() {
    return IpText.format(this);
  }

  private static long word(byte[] octets, int from, int length) {
    var word = 0L;
    for (var i = from; i < from + length; i++) {
      word = word << 8 | (octets[i] & 0xff);
    }
    return word;
  }
}
