package io.vpc4j.mesh.node;

import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.mesh.loop.PeerLink;
import io.vpc4j.mesh.netstack.Routing;
import io.vpc4j.mesh.route.Affinity;
import io.vpc4j.mesh.route.Share;
import io.vpc4j.mesh.wireguard.PrefixTrie;
import io.vpc4j.mesh.wireguard.WireGuard;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the stack asks of the mesh around it: our addresses, what we stand in for, and whose every
 * other address is, which WireGuard's allowed addresses say. Confined to the loop.
 */
final class MeshRoutes implements Routing {

  /** Forwarded flows whose link is remembered: as many as a stack has of its own. */
  private static final int AFFINE_FLOWS = 65_536;

  private final WireGuard wireGuard;
  private final List<Cidr> announced;
  private final AddressSet addresses;
  private final @Nullable IpAddress v4;
  private final @Nullable IpAddress v6;
  private @Nullable AddressPolicy hub;
  private @Nullable PrefixTrie<Share> shares;
  private @Nullable Affinity affinity; // made when it is needed first: most nodes never do

  MeshRoutes(MeshConfig config, WireGuard wireGuard) {
    this.wireGuard = wireGuard;
    announced = config.announced();
    hub(config.hub());
    addresses = new AddressSet(config.addresses());
    v4 = first(config.addresses(), Family.V4);
    v6 = first(config.addresses(), Family.V6);
  }

  /** What packets from one peer to another may reach from now on; empty: none are forwarded. */
  void hub(Optional<Policy> allowed) {
    hub = allowed.map(AddressPolicy::new).orElse(null);
  }

  private static @Nullable IpAddress first(List<IpAddress> addresses, Family family) {
    for (var address : addresses) {
      if (address.family() == family) {
        return address;
      }
    }
    return null;
  }

  /** A few addresses, compared one after the other: nodes have one or two. */
  private static final class AddressSet {
    private final long[] words;
    private final int v4Count;

    AddressSet(List<IpAddress> all) {
      words = new long[2 * all.size()];
      var at = 0;
      for (var address : all) {
        if (address.family() == Family.V4) {
          words[at++] = address.low();
        }
      }
      v4Count = at;
      for (var address : all) {
        if (address.family() == Family.V6) {
          words[at++] = address.high();
          words[at++] = address.low();
        }
      }
    }

    boolean contains(boolean v6, long high, long low) {
      if (!v6) {
        for (var i = 0; i < v4Count; i++) {
          if (words[i] == low) {
            return true;
          }
        }
        return false;
      }
      for (var i = v4Count; i + 1 < words.length; i += 2) {
        if (words[i] == high && words[i + 1] == low) {
          return true;
        }
      }
      return false;
    }
  }

  @Override
  public boolean local(boolean ipv6, long high, long low) {
    return addresses.contains(ipv6, high, low);
  }

  @Override
  public boolean announced(int link, boolean ipv6, long high, long low) {
    if (announced.isEmpty()) {
      return false;
    }
    var address = new IpAddress(ipv6 ? Family.V6 : Family.V4, high, low);
    for (var prefix : announced) {
      if (prefix.contains(address)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int link(boolean ipv6, long high, long low) {
    var peer = ipv6 ? wireGuard.ownerOfV6(high, low) : wireGuard.ownerOfV4((int) low);
    return peer != null && peer.attachment() instanceof PeerLink link ? link.index() : NONE;
  }

  /** Whose every prefix is where several share one; null while none is shared. */
  void shares(@Nullable PrefixTrie<Share> assigned) {
    shares = assigned;
  }

  @Override
  public int onward(boolean ipv6, long high, long low, LongSupplier flow, long nowNs) {
    var all = shares;
    var share = all == null ? null : ipv6 ? all.findV6(high, low) : all.findV4((int) low);
    if (share == null) {
      return link(ipv6, high, low);
    }
    if (share.single()) {
      return share.first();
    }
    var known = affinity;
    if (known == null) {
      known = new Affinity(AFFINE_FLOWS);
      affinity = known;
    }
    return known.of(flow.getAsLong(), share, nowNs);
  }

  @Override
  public boolean forwards(int from, int to, boolean ipv6, long high, long low) {
    var policy = hub;
    return policy != null
        && policy.allows(new IpAddress(ipv6 ? Family.V6 : Family.V4, high, low), 0);
  }

  @Override
  public @Nullable IpAddress localAddress(boolean ipv6) {
    return ipv6 ? v6 : v4;
  }
}
