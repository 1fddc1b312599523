package io.vpc4j.mesh.wireguard;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress.Family;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cryptokey routing: which peer an address belongs to, by the longest prefix. [W] 2
 *
 * <p>A path-compressed binary trie per family. Unlike the directory's table it changes while
 * packets flow; a change costs the depth of the trie, a look-up follows at most one node per
 * distinct prefix that covers the address and allocates nothing. An IPv4 prefix lies in the top 32
 * bits of the first word, so that both families have one code.
 */
final class AllowedIps {

  private final Map<Cidr, Peer> owners = new HashMap<>();
  private @Nullable Node v4;
  private @Nullable Node v6;

  /** Gives {@code prefix} to {@code peer}; returns who had it before. */
  @Nullable Peer put(Cidr prefix, Peer peer) {
    var before = owners.put(prefix, peer);
    if (prefix.network().family() == Family.V4) {
      v4 = insert(v4, first(prefix), 0, prefix.prefixLength(), peer);
    } else {
      v6 = insert(v6, first(prefix), prefix.network().low(), prefix.prefixLength(), peer);
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

  /** Whose that IPv4 address is; null if nobody's. */
  @Nullable Peer findV4(int address) {
    return find(v4, (long) address << 32, 0);
  }

  /** Whose that IPv6 address is; null if nobody's. */
  @Nullable Peer findV6(long high, long low) {
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

  private static @Nullable Peer find(@Nullable Node root, long high, long low) {
    Peer found = null;
    var node = root;
    while (node != null && node.covers(high, low)) {
      if (node.owner != null) {
        found = node.owner;
      }
      node = node.bits == 128 ? null : bit(high, low, node.bits) ? node.one : node.zero;
    }
    return found;
  }

  private static Node insert(@Nullable Node node, long high, long low, int bits, Peer owner) {
    if (node == null) {
      return new Node(high, low, bits, owner);
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
    var parent = new Node(high & firstMask(common), low & secondMask(common), common, null);
    if (bit(node.high, node.low, common)) {
      parent.one = node;
    } else {
      parent.zero = node;
    }
    return insert(parent, high, low, bits, owner);
  }

  private static @Nullable Node delete(@Nullable Node node, long high, long low, int bits) {
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

  private static final class Node {
    final long high;
    final long low;
    final int bits;
    private final long highMask;
    private final long lowMask;
    @Nullable Peer owner;
    @Nullable Node zero;
    @Nullable Node one;

    Node(long high, long low, int bits, @Nullable Peer owner) {
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
