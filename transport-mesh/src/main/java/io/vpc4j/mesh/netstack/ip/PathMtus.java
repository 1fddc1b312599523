package io.vpc4j.mesh.netstack.ip;

import io.vpc4j.core.net.IpAddress.Family;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is known of the MTU on the way to single destinations, where it is less than the link's. RFC
 * 1191, RFC 8201
 *
 * <p><b>What an attacker could do.</b> Claim tiny MTUs: none below the least that the standards let
 * a link have is believed, and none raises what is known. Claim them for many destinations: the
 * table is bounded, the oldest entry goes. The caller checks beforehand that the message is about a
 * packet of ours (RFC 8201 6). Each entry is forgotten after ten minutes, so that the way is tried
 * anew (RFC 1191 6.3, RFC 8201 5.3).
 */
public final class PathMtus {

  /** Entries. */
  public static final int MAX_ENTRIES = 4_096;

  /** How long an entry is believed: the ten minutes of RFC 8201 4. */
  public static final long LIFETIME_NS = 600_000_000_000L;

  /** Less is not believed: RFC 1122 3.3.3 lets a host send 576 octets anywhere. */
  public static final int MIN_V4 = 576;

  /** Less is no IPv6 link. RFC 8200 5 */
  public static final int MIN_V6 = 1_280;

  private record Key(int link, long high, long low) {}

  private record Entry(int mtuOctets, long untilNs) {}

  private final Map<Key, Entry> entries = new LinkedHashMap<>();
  private final int linkMtuOctets;

  /**
   * Makes an empty table.
   *
   * @param linkMtuOctets what holds where nothing is known
   */
  public PathMtus(int linkMtuOctets) {
    this.linkMtuOctets = linkMtuOctets;
  }

  /**
   * A router says that a packet to this destination was too big.
   *
   * @param mtuOctets what it says would fit; 0 from a router older than RFC 1191
   * @param sentOctets how long the packet was, by its own header
   * @return the new MTU; 0 if the message says nothing new
   */
  public int onTooBig(
      Family family, int link, long high, long low, int mtuOctets, int sentOctets, long nowNs) {
    var said = mtuOctets == 0 && family == Family.V4 ? plateauBelow(sentOctets) : mtuOctets;
    var believed = Math.max(said, family == Family.V4 ? MIN_V4 : MIN_V6);
    if (believed >= mtu(link, high, low, nowNs)) {
      return 0;
    }
    var key = new Key(link, high, low);
    entries.remove(key); // so that it is the youngest
    if (entries.size() >= MAX_ENTRIES) {
      entries.remove(entries.keySet().iterator().next());
    }
    entries.put(key, new Entry(believed, nowNs + LIFETIME_NS));
    return believed;
  }

  /** RFC 1191 7.1, as far as it lies below what a mesh carries. */
  private static int plateauBelow(int octets) {
    for (var plateau : new int[] {32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_006}) {
      if (plateau < octets) {
        return plateau;
      }
    }
    return MIN_V4;
  }

  /** How long a packet to this destination may be. */
  public int mtu(int link, long high, long low, long nowNs) {
    if (entries.isEmpty()) {
      return linkMtuOctets; // as it is nearly always
    }
    var key = new Key(link, high, low);
    var entry = entries.get(key);
    if (entry == null) {
      return linkMtuOctets;
    }
    if (nowNs - entry.untilNs >= 0) {
      entries.remove(key);
      return linkMtuOctets;
    }
    return Math.min(entry.mtuOctets, linkMtuOctets);
  }

  /** Entries that are kept. */
  public int size() {
    return entries.size();
  }
}
