package io.vpc4j.core.routing;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Longest-prefix match, built once and then only read. Safe for use by many threads.
 *
 * <p><b>Idea.</b> Prefixes nest or are apart, never straddle; so sorted, they cut the space of
 * addresses into at most 2n + 1 intervals, each owned by one prefix: the longest that covers it. A
 * look-up is a binary search for the interval; an index on the first 16 bits narrows it to a few
 * steps. No node is followed and nothing is allocated.
 *
 * <p><b>Why not a trie.</b> A path-compressed trie follows a pointer per branching bit, each a
 * likely cache miss; a multi-bit trie is as fast as this and takes megabytes for IPv6. Here 100,000
 * prefixes take about 20 octets each and 256 KiB for the index. The trade: no insertion. The
 * directory is compiled whole on every change anyway.
 *
 * @param <V> what a prefix stands for
 */
final class PrefixTable<V> {

  /** A prefix and what it stands for. */
  record Entry<V>(Cidr prefix, V value) {}

  private final List<Entry<V>> entries; // sorted: a prefix stands before those it covers
  private final int[] parents; // the next shorter prefix that covers it, or -1
  private final Intervals v4;
  private final Intervals v6;

  /** Compiles {@code prefixes}. */
  PrefixTable(Map<Cidr, V> prefixes) {
    entries = new ArrayList<>(prefixes.size());
    prefixes.forEach((prefix, value) -> entries.add(new Entry<>(prefix, value)));
    entries.sort(Comparator.comparing(Entry::prefix));
    parents = new int[entries.size()];
    v4 = compile(Family.V4);
    v6 = compile(Family.V6);
  }

  /** What the longest prefix that covers {@code address} stands for; null if none does. */
  @Nullable V find(IpAddress address) {
    var owner = owner(address);
    return owner < 0 ? null : entries.get(owner).value();
  }

  /** Every prefix that covers {@code address}, longest first. */
  List<Entry<V>> findAll(IpAddress address) {
    var found = new ArrayList<Entry<V>>();
    for (var owner = owner(address); owner >= 0; owner = parents[owner]) {
      found.add(entries.get(owner));
    }
    return found;
  }

  /** Every entry, sorted by prefix. */
  Collection<Entry<V>> entries() {
    return List.copyOf(entries);
  }

  private int owner(IpAddress address) {
    return (address.family() == Family.V4 ? v4 : v6).owner(address.high(), address.low());
  }

  /** One sweep over the sorted prefixes with a stack of those that are open. */
  private Intervals compile(Family family) {
    var intervals = new Intervals.Builder(family, 2 * entries.size() + 1);
    var open = new int[family.bits() + 1]; // nested prefixes have different lengths
    var depth = 0;
    for (var i = 0; i < entries.size(); i++) {
      var prefix = entries.get(i).prefix();
      if (prefix.network().family() != family) {
        continue;
      }
      while (depth > 0 && !entries.get(open[depth - 1]).prefix().contains(prefix.network())) {
        depth--;
        intervals.beginAfter(last(entries.get(open[depth]).prefix()), outer(open, depth));
      }
      parents[i] = outer(open, depth);
      intervals.begin(prefix.network().high(), prefix.network().low(), i);
      open[depth++] = i;
    }
    while (depth > 0) {
      depth--;
      intervals.beginAfter(last(entries.get(open[depth]).prefix()), outer(open, depth));
    }
    return intervals.build();
  }

  private static int outer(int[] open, int depth) {
    return depth == 0 ? -1 : open[depth - 1];
  }

  /** The last address of {@code prefix}. */
  private static IpAddress last(Cidr prefix) {
    var network = prefix.network();
    var hostBits = network.family().bits() - prefix.prefixLength();
    var low = network.low() | trailing(Math.min(hostBits, 64));
    var high = network.high() | (hostBits > 64 ? trailing(hostBits - 64) : 0);
    return new IpAddress(network.family(), high, low);
  }

  private static long trailing(int bits) {
    return bits == 0 ? 0 : -1L >>> (64 - bits);
  }

  /** The space of one family, cut where the owner changes. */
  private static final class Intervals {

    private static final int INDEX_BITS = 16;

    private final boolean wide;
    private final long[] high; // of each interval's first address; empty for IPv4
    private final long[] low;
    private final int[] owners;
    private final int[]
        index; // by the first 16 bits: the first interval that begins there or later

    private Intervals(Builder from) {
      wide = from.family == Family.V6;
      high = wide ? java.util.Arrays.copyOf(from.high, from.size) : new long[0];
      low = java.util.Arrays.copyOf(from.low, from.size);
      owners = java.util.Arrays.copyOf(from.owners, from.size);
      index = new int[(1 << INDEX_BITS) + 1];
      var at = 0;
      for (var top = 0; top < index.length; top++) {
        while (at < low.length && top(wide ? high[at] : 0, low[at]) < top) {
          at++;
        }
        index[top] = at;
      }
    }

    /**
     * The entry that owns the address, or -1. The first interval begins at zero, so one is found.
     */
    int owner(long h, long l) {
      var top = top(h, l);
      var from = index[top];
      var to = index[top + 1];
      while (from < to) {
        var middle = (from + to) >>> 1;
        if (beginsAfter(middle, h, l)) {
          to = middle;
        } else {
          from = middle + 1;
        }
      }
      return owners[from - 1];
    }

    private boolean beginsAfter(int interval, long h, long l) {
      if (wide && high[interval] != h) {
        return Long.compareUnsigned(high[interval], h) > 0;
      }
      return Long.compareUnsigned(low[interval], l) > 0;
    }

    private int top(long h, long l) {
      return (int) (wide ? h >>> (64 - INDEX_BITS) : l >>> (32 - INDEX_BITS));
    }

    private static final class Builder {
      private final Family family;
      private final long[] high;
      private final long[] low;
      private final int[] owners;
      private int size;

      Builder(Family family, int capacity) {
        this.family = family;
        high = new long[capacity];
        low = new long[capacity];
        owners = new int[capacity];
        begin(0, 0, -1);
      }

      /** From here on it is {@code owner}'s; a later call for the same place wins. */
      void begin(long h, long l, int owner) {
        var last = size - 1;
        var at = last >= 0 && high[last] == h && low[last] == l ? last : size++;
        high[at] = h;
        low[at] = l;
        owners[at] = owner;
      }

      /** From the address after {@code end} on, unless {@code end} is the last there is. */
      void beginAfter(IpAddress end, int owner) {
        var l = end.low() + 1;
        var h = end.high();
        if (family == Family.V4) {
          if (l >>> 32 != 0) {
            return;
          }
        } else if (l == 0) {
          h++;
          if (h == 0) {
            return;
          }
        }
        begin(h, l, owner);
      }

      Intervals build() {
        return new Intervals(this);
      }
    }
  }
}
