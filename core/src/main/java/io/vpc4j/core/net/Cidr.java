package io.vpc4j.core.net;

import io.vpc4j.core.net.IpAddress.Family;
import java.util.Optional;

/**
 * A prefix, RFC 4632 and RFC 4291 2.3.
 *
 * @param network the first address; its host bits are zero
 * @param prefixLength in bits, 0 to 32 or 128
 */
public record Cidr(IpAddress network, int prefixLength) implements Comparable<Cidr> {

  /** Checks the length and that no host bit is set. */
  public Cidr {
    if (prefixLength < 0 || prefixLength > network.family().bits()) {
      throw new IllegalArgumentException(
          "prefix length must be 0 to " + network.family().bits() + ", not " + prefixLength);
    }
    if (!mask(network, prefixLength).equals(network)) {
      throw new IllegalArgumentException(
          network
              + "/"
              + prefixLength
              + " has host bits set; the prefix is "
              + mask(network, prefixLength)
              + "/"
              + prefixLength);
    }
  }

  /** The prefix of that length that holds {@code address}. */
  public static Cidr around(IpAddress address, int prefixLength) {
    return new Cidr(mask(address, prefixLength), prefixLength);
  }

  /** The one address. */
  public static Cidr of(IpAddress address) {
    return new Cidr(address, address.family().bits());
  }

  /**
   * Reads {@code address/length}, or an address alone.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public static Cidr require(String text) {
    var slash = text.indexOf('/');
    var address = IpAddress.require(slash < 0 ? text : text.substring(0, slash));
    if (slash < 0) {
      return of(address);
    }
    var digits = text.substring(slash + 1);
    if (!digits.matches("0|[1-9][0-9]{0,2}")) {
      throw new IllegalArgumentException("not a prefix length: " + digits);
    }
    return new Cidr(address, Integer.parseInt(digits));
  }

  /** As {@link #require}; empty if it is not a prefix. */
  public static Optional<Cidr> parse(String text) {
    try {
      return Optional.of(require(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether {@code address} lies within; never across families. */
  public boolean contains(IpAddress address) {
    return address.family() == network.family()
        && ((address.high() ^ network.high()) & highMask(network.family(), prefixLength)) == 0
        && ((address.low() ^ network.low()) & lowMask(network.family(), prefixLength)) == 0;
  }

  /** By address, then the shorter prefix first. */
  @Override
  public int compareTo(Cidr other) {
    var byNetwork = network.compareTo(other.network);
    return byNetwork != 0 ? byNetwork : Integer.compare(prefixLength, other.prefixLength);
  }

  /** {@code 10.0.0.0/8}. */
  @Override
  public String toString() {
    return network + "/" + prefixLength;
  }

  private static IpAddress mask(IpAddress address, int length) {
    return new IpAddress(
        address.family(),
        address.high() & highMask(address.family(), length),
        address.low() & lowMask(address.family(), length));
  }

  private static long highMask(Family family, int length) {
    return family == Family.V4 ? 0 : leading(Math.min(length, 64));
  }

  private static long lowMask(Family family, int length) {
    return family == Family.V4
        ? leading(length) >>> 32 & 0xffff_ffffL
        : leading(Math.max(0, length - 64));
  }

  /** A word whose first {@code bits} bits are ones. */
  private static long leading(int bits) {
    return bits == 0 ? 0 : -1L << (64 - bits);
  }
}
