package io.vpc4j.mesh.wireguard;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress.Family;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an address stands for, by the longest prefix: with peers, cryptokey routing. [W] 2
 *
 * <p>A path-compressed binary trie per family. Unlike the directory's table it changes while
 * packets flow; a change costs the depth of the trie, a look-up follows at most one node per
 * distinct prefix that covers the address and allocates nothing. An IPv4 prefix lies in the top 32
 * bits of the first word, so that both families have one code.
 *
 * @param <V> what a prefix stands for
 */
public final class PrefixTrie<V> {

  private final Map<Cidr, V> owners = new HashMap<>();
  private @Nullable Node<V> v4;
  private @Nullable Node<V> v6;

  /** An empty one. */
  public PrefixTrie() {}

  /** Gives {@code prefix} to {@code owner}; returns who had it before. */
  public @Nullable V put(Cidr prefix, V owner) {
    var before = owners.put(prefix, owner);
    if (prefix.network().family() == Family.V4) {
      v4 = insert(v4, first(prefix), 0, prefix.prefixLength(), owner);
    } else {
      v6 = insert(v6, first(prefix), prefix.network().low(), prefix.prefixLength(), owner);
    }
    return before;
  }

  /** Takes {@code prefix} from whoever has it. */
  void remove(Cidr prefix) {
    if (owners.remove(prefix) == null) {
      return;
    }
    if (prefix.network().family() == Family.V4) {
      v4 = delete(v4, first(prefix), 0, prefix.prefixLength());
    } else {
      v6 = delete(v6, first(prefix), prefix.network().low(), prefix.prefixLength());
    }
  }

  /** Whose that IPv4 address is, in host order; null if nobody's. */
  public @Nullable V findV4(int address) {
    return find(v4, (long) address << 32, 0);
  }

  /** Whose that IPv6 address is, as two words; null if nobody's. */
  public @Nullable V findV6(long high, long low) {
    return find(v6, high, low);
  }

  int size() {
    return owners.size();
  }

  /** Whether no node is left. */
  boolean isEmpty() {
    return v4 == null && v6 == null;
  }

  private static long first(Cidr prefix) {
    var network = prefix.network();
    return network.family() == Family.V4 ? network.low() << 32 : network.high();
  }

  private static <V> @Nullable V find(@Nullable Node<V> root, long high, long low) {
    V found = null;
    var node = root;
    while (node != null && node.covers(high, low)) {
      if (node.owner != null) {
        found = node.owner;
      }
      node = node.bits == 128 ? null : bit(high, low, node.bits) ? node.one : node.zero;
    }
    return found;
  }

  private static <V> Node<V> insert(
      @Nullable Node<V> node, long high, long low, int bits, V owner) {
    if (node == null) {
      return new Node<>(high, low, bits, owner);
    }
    var common = Math.min(Math.min(node.bits, bits), commonBits(node.high ^ high, node.low ^ low));
    if (common == node.bits) {
      if (bits == node.bits) {
        node.owner = owner;
      } else if (bit(high, low, node.bits)) {
        node.one = insert(node.one, high, low, bits, owner);
      } else {
        node.zero = insert(node.zero, high, low, bits, owner);
      }
      return node;
    }
    var parent = new Node<V>(high & firstMask(common), low & secondMask(common), common, null);
    if (bit(node.high, node.low, common)) {
      parent.one = node;
    } else {
      parent.zero = node;
    }
    return insert(parent, high, low, bits, owner);
  }

  private static <V> @Nullable Node<V> delete(
      @Nullable Node<V> node, long high, long low, int bits) {
    if (node == null) {
      return null;
    }
    if (node.bits == bits) {
      node.owner = null;
    } else if (bit(high, low, node.bits)) {
      node.one = delete(node.one, high, low, bits);
    } else {
      node.zero = delete(node.zero, high, low, bits);
    }
    if (node.owner != null || (node.zero != null && node.one != null)) {
      return node;
    }
    return node.zero != null ? node.zero : node.one; // a node that neither owns nor parts is gone
  }

  private static boolean bit(long high, long low, int index) {
    return (index < 64 ? high >>> (63 - index) & 1 : low >>> (127 - index) & 1) != 0;
  }

  private static int commonBits(long highDifference, long lowDifference) {
    return highDifference != 0
        ? Long.numberOfLeadingZeros(highDifference)
        : 64 + Long.numberOfLeadingZeros(lowDifference);
  }

  private static long firstMask(int bits) {
    return bits == 0 ? 0 : -1L << (64 - Math.min(bits, 64));
  }

  private static long secondMask(int bits) {
    return bits <= 64 ? 0 : -1L << (128 - bits);
  }

  private static final class Node<V> {
    final long high;
    final long low;
    final int bits;
    private final long highMask;
    private final long lowMask;
    @Nullable V owner;
    @Nullable Node<V> zero;
    @Nullable Node<V> one;

    Node(long high, long low, int bits, @Nullable V owner) {
      this.high = high;
      this.low = low;
      this.bits = bits;
      this.owner = owner;
      highMask = firstMask(bits);
      lowMask = secondMask(bits);
    }

    boolean covers(long h, long l) {
      return (((h ^ high) & highMask) | ((l ^ low) & lowMask)) == 0;
    }
  }
}
