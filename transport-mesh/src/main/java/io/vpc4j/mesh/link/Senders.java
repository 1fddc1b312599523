package io.vpc4j.mesh.link;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of whom datagrams come from, as the system writes them and as objects: who was here
 * before gets the object of before.
 *
 * <pre>
 *  sockaddr_in, ip(7)             sockaddr_in6, ipv6(7)
 *     0  family = 2    2             0  family = 10   2
 *     2  port          2             2  port          2
 *     4  address       4             4  flow          4
 *                                    8  address      16
 *                                   24  scope         4
 * </pre>
 *
 * <p>Family and scope are in the machine's order (little-endian), the rest in the network's. An
 * IPv4 address that is mapped to an IPv6 one (RFC 4291 2.5.5.2) is an IPv4 address.
 *
 * <p>Keeps {@link #MAX_KEPT} at most: when as many strangers call as share a place, they take it
 * from each other, and cost an object each. Nothing else hangs on it.
 */
final class Senders {

  /** Octets of the longer form. */
  static final int MAX_OCTETS = 28;

  /** Addresses that are kept. */
  static final int MAX_KEPT = 1_024;

  private static final int WAYS = 4; // places that one address may have
  private static final int SET_SHIFT = Long.SIZE - 8; // 256 sets of them

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final long MAPPED = 0xFFFFL; // the word before the address

  private final InetSocketAddress[] kept = new InetSocketAddress[MAX_KEPT];
  private final long[] highs = new long[MAX_KEPT];
  private final long[] lows = new long[MAX_KEPT];
  private final long[] ports = new long[MAX_KEPT]; // and scopes
  private int victim;

  /**
   * The address that the system wrote.
   *
   * @param memory little-endian
   * @param at where it begins
   * @return null if it is of no family that is known
   */
  @Nullable InetSocketAddress at(ByteBuffer memory, int at) {
    int family = memory.getShort(at);
    var port = Short.toUnsignedLong(Short.reverseBytes(memory.getShort(at + 2)));
    if (family == AF_INET) {
      return of(0, mapped(Integer.reverseBytes(memory.getInt(at + 4))), port);
    }
    if (family != AF_INET6) {
      return null;
    }
    var high = Long.reverseBytes(memory.getLong(at + 8));
    var low = Long.reverseBytes(memory.getLong(at + 16));
    var scope = isMapped(high, low) ? 0 : Integer.toUnsignedLong(memory.getInt(at + 24));
    return of(high, low, port | scope << Short.SIZE);
  }

  private static long mapped(int address) {
    return MAPPED << Integer.SIZE | Integer.toUnsignedLong(address);
  }

  private static boolean isMapped(long high, long low) {
    return high == 0 && low >>> Integer.SIZE == MAPPED;
  }

  private InetSocketAddress of(long high, long low, long port) {
    var set = setOf(high, low, port);
    for (var place = set; place < set + WAYS; place++) {
      var known = kept[place];
      if (known != null && lows[place] == low && ports[place] == port && highs[place] == high) {
        return known;
      }
    }
    var place = set + (victim++ & WAYS - 1);
    for (var free = set; free < set + WAYS; free++) {
      if (kept[free] == null) {
        place = free;
        break;
      }
    }
    var made = make(high, low, port);
    kept[place] = made;
    highs[place] = high;
    lows[place] = low;
    ports[place] = port;
    return made;
  }

  private static int setOf(long high, long low, long port) {
    var mixed = (high * 31 + low) * 31 + port;
    mixed *= 0x9E3779B97F4A7C15L; // 2^64 over the golden ratio: the high bits hang on all others
    var top = (int) (mixed >>> SET_SHIFT);
    return top * WAYS;
  }

  private static InetSocketAddress make(long high, long low, long portAndScope) {
    var octets = ByteBuffer.allocate(16).order(ByteOrder.BIG_ENDIAN).putLong(high).putLong(low);
    var port = (int) (portAndScope & 0xFFFF);
    try {
      if (isMapped(high, low)) {
        var four = new byte[4];
        octets.get(12, four);
        return new InetSocketAddress(InetAddress.getByAddress(four), port);
      }
      var scope = (int) (portAndScope >>> Short.SIZE);
      return new InetSocketAddress(Inet6Address.getByAddress(null, octets.array(), scope), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 and 16 octets are an address", e);
    }
  }
}
