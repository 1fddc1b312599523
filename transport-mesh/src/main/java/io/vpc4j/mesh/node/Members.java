package io.vpc4j.mesh.node;

import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.VirtualNetwork;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.loop.MeshLoop;
import io.vpc4j.mesh.loop.PeerLink;
import io.vpc4j.mesh.route.Claim;
import io.vpc4j.mesh.route.Share;
import io.vpc4j.mesh.route.Standing;
import io.vpc4j.mesh.wireguard.Peer;
import io.vpc4j.mesh.wireguard.PeerConfig;
import io.vpc4j.mesh.wireguard.PrefixTrie;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import io.vpc4j.mesh.wireguard.crypto.SecretBytes;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who takes part, and which of several announcers of a prefix is asked. Confined to the loop.
 *
 * <p>A flow of ours goes over the announcer of best {@link Claim} when it is dialled, so that
 * equals take turns, and stays there. What is no flow of ours, a packet of one peer that goes on to
 * another as a hub has it, goes over the one of equals that its flow's hash has ({@link Share}),
 * and its flow stays there. WireGuard itself has a prefix with one peer at a time, the one of best
 * {@link Standing}; when that changes the prefix is taken from one peer and given to another;
 * sessions go on.
 */
final class Members {

  private static final Logger LOG = LoggerFactory.getLogger(Members.class);

  /** One who takes part. */
  static final class Member {
    NodeRecord record;
    final PublicKey key;
    @Nullable PeerLink link;
    @Nullable InetSocketAddress endpoint; // as configured, once it is resolved
    boolean connected; // as the log has it
    long lastTurn; // the number of the last flow that it was given

    Member(NodeRecord record, PublicKey key) {
      this.record = record;
      this.key = key;
    }
  }

  private final MeshLoop loop;
  private final MeshRoutes routes;
  private final EndpointNames names;
  private final EndpointMemory memory;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private @Nullable Judge judge;
  private long turns;

  /** Knows how they stand: asked when prefixes and flows are given out. */
  interface Judge {

    /** For a prefix. */
    Standing standing(Member member);

    /** For the next flow. */
    Claim claim(Member member);
  }

  Members(MeshLoop loop, MeshRoutes routes, EndpointNames names, EndpointMemory memory) {
    this.loop = loop;
    this.routes = routes;
    this.names = names;
    this.memory = memory;
  }

  /** Until it is said, they stand as their priorities have it. */
  void judge(Judge knows) {
    judge = knows;
  }

  private Standing standing(Member member) {
    return judge == null ? Standing.unwatched(member.record.priority()) : judge.standing(member);
  }

  private Claim claim(Member member) {
    return judge == null
        ? new Claim(standing(member), Long.MAX_VALUE, member.lastTurn)
        : judge.claim(member);
  }

  /** The directory says who takes part now. */
  void apply(Collection<NodeRecord> records) {
    var wanted = new LinkedHashMap<String, NodeRecord>();
    for (var record : records) {
      if (record.peer().isPresent()) {
        wanted.put(record.nodeId(), record);
      }
    }
    for (var member : List.copyOf(members.values())) {
      var record = wanted.get(member.record.nodeId());
      if (record == null || !key(record).equals(member.key)) {
        remove(member);
      }
    }
    wanted.values().forEach(this::addOrChange);
    assign();
  }

  private static PublicKey key(NodeRecord record) {
    return PublicKey.ofBase64(record.peer().orElseThrow().publicKey());
  }

  private void addOrChange(NodeRecord record) {
    var member = members.get(record.nodeId());
    var before = member == null ? null : endpoint(member.record);
    if (member == null) {
      member = new Member(record, key(record));
      member.endpoint = memory.endpoint(member.key.toString());
      members.put(record.nodeId(), member);
    }
    member.record = record;
    var endpoint = endpoint(record);
    if (endpoint != null && !endpoint.equals(before)) {
      member.endpoint = EndpointNames.address(endpoint);
      if (member.endpoint == null) {
        resolve(member);
      }
    }
  }

  private static @Nullable String endpoint(NodeRecord record) {
    return record.peer().orElseThrow().endpoint().orElse(null);
  }

  /** Asks for the address of an endpoint that is a name; now, and when it does not answer. */
  void resolve(Member member) {
    var endpoint = endpoint(member.record);
    if (endpoint != null && EndpointNames.address(endpoint) == null) {
      names.resolve(endpoint, address -> loop.submit(() -> onResolved(member, address)));
    }
  }

  private void onResolved(Member member, InetSocketAddress address) {
    if (members.get(member.record.nodeId()) != member || address.equals(member.endpoint)) {
      return;
    }
    member.endpoint = address;
    var link = member.link;
    if (link != null) {
      loop.wireGuard().changePeer(config(member, link.peer().allowedIps(), true), loop.nowNs());
    }
  }

  private void remove(Member member) {
    members.remove(member.record.nodeId());
    var link = member.link;
    if (link != null) {
      loop.removePeer(link);
    }
  }

  /** Gives every prefix to the announcer that stands best, and tells WireGuard what changed. */
  void assign() {
    var announcers = announcers();
    var owners = new HashMap<Cidr, Member>();
    announcers.forEach(
        (prefix, all) -> owners.put(prefix, all.stream().reduce(this::better).orElseThrow()));
    for (var member : members.values()) {
      for (var address : member.record.addresses()) {
        owners.merge(Cidr.of(address), member, (other, own) -> better(own, other));
        announcers.remove(Cidr.of(address)); // no flow is shared that is for one node
      }
    }
    var assigned = new LinkedHashMap<Member, List<Cidr>>();
    members.values().forEach(member -> assigned.put(member, new ArrayList<>()));
    owners.forEach((prefix, owner) -> assigned.getOrDefault(owner, new ArrayList<>()).add(prefix));
    assigned.forEach(this::tell);
    routes.shares(shares(owners, announcers));
  }

  /**
   * Who announces each prefix, in one virtual network: a packet that goes on names none, so that of
   * several it is in the default one if that has the prefix, else in the first that does.
   */
  private Map<Cidr, Set<Member>> announcers() {
    var networks = new HashMap<Cidr, String>();
    for (var member : members.values()) {
      for (var route : member.record.routes()) {
        var network = route.virtualNetworkId();
        if (network.equals(VirtualNetwork.DEFAULT.virtualNetworkId())) {
          networks.put(route.network(), network);
        } else {
          networks.putIfAbsent(route.network(), network);
        }
      }
    }
    var announcers = new HashMap<Cidr, Set<Member>>();
    for (var member : members.values()) {
      for (var route : member.record.routes()) {
        if (route.virtualNetworkId().equals(networks.get(route.network()))) {
          announcers.computeIfAbsent(route.network(), any -> new LinkedHashSet<>()).add(member);
        }
      }
    }
    return announcers;
  }

  /** Who has each prefix, with its equals; null where nobody has any. */
  private @Nullable PrefixTrie<Share> shares(
      Map<Cidr, Member> owners, Map<Cidr, Set<Member>> announcers) {
    if (announcers.values().stream().allMatch(all -> all.size() == 1)) {
      return null;
    }
    var shares = new PrefixTrie<Share>();
    owners.forEach(
        (prefix, owner) -> {
          var share = share(owner, announcers.getOrDefault(prefix, Set.of(owner)));
          if (share != null) {
            shares.put(prefix, share);
          }
        });
    return shares;
  }

  /**
   * New flows go to the owner of a prefix and to those that stand as well for it; on those that
   * stand worse and are alive, flows stay. Null while nobody has a link.
   */
  private @Nullable Share share(Member owner, Set<Member> announcers) {
    var best = standing(owner);
    var links = IntStream.builder();
    var others = IntStream.builder();
    for (var member : announcers) {
      var own = standing(member);
      var equal = best.alive() && own.alive() && !best.outranks(own);
      if (member.link != null && (member == owner || equal)) {
        links.add(member.link.index());
      } else if (member.link != null && own.alive()) {
        others.add(member.link.index());
      }
    }
    var all = links.build().toArray();
    if (all.length == 0) {
      return null;
    }
    return announcers.size() == 1
        ? Share.alone(all[0])
        : Share.among(all, others.build().toArray());
  }

  private Member better(Member a, Member b) {
    return standing(b).compareTo(standing(a)) < 0 ? b : a; // of equals, the first named
  }

  private void tell(Member member, List<Cidr> prefixes) {
    prefixes.sort(null);
    var link = member.link;
    var nowNs = loop.nowNs();
    if (link == null) {
      try {
        var added = loop.addPeer(member.record.nodeId(), config(member, prefixes, true));
        member.link = added;
        loop.wireGuard().acceptAlso(added.peer(), announced(member));
      } catch (IllegalArgumentException | IllegalStateException e) {
        LOG.warn("Node {} cannot take part: {}", member.record.nodeId(), e.getMessage());
      }
      return;
    }
    // The endpoint is left alone: the peer may have called from another one since.
    loop.wireGuard().changePeer(config(member, prefixes, false), nowNs);
    loop.wireGuard().acceptAlso(link.peer(), announced(member));
  }

  /** All that it announces, whoever has it now: flows with it that are open go on. */
  private static List<Cidr> announced(Member member) {
    return member.record.routes().stream().map(NodeRecord.Announcement::network).toList();
  }

  private static PeerConfig config(Member member, List<Cidr> prefixes, boolean withEndpoint) {
    var peer = member.record.peer().orElseThrow();
    return new PeerConfig(
        member.key,
        peer.presharedKey().map(secret -> SecretBytes.owning(secret.reveal())).orElse(null),
        withEndpoint ? member.endpoint : null,
        prefixes,
        peer.persistentKeepalive().orElse(null));
  }

  // ---- questions -------------------------------------------------------------------------------

  @Nullable Member byId(String nodeId) {
    return members.get(nodeId);
  }

  /**
   * Who is given a flow to an address for a route that names {@code nodeId}: of all that announce
   * the prefix that this one announces, in the same virtual network, the one of best {@link Claim};
   * that one of equals that have not had a turn. An address of a node's own is with that node, or
   * as in {@link #assign}.
   */
  @Nullable Member leadsTo(String nodeId, IpAddress to) {
    var named = members.get(nodeId);
    if (named == null) {
      return null;
    }
    var prefix = longest(named, to);
    if (prefix == null) {
      return null;
    }
    var shared = !named.record.addresses().contains(to);
    var best = named;
    for (var member : members.values()) {
      if (standsIn(member, named, prefix)) {
        best = shared ? firstInTurn(best, member) : better(best, member);
      }
    }
    best.lastTurn = ++turns;
    return best;
  }

  private Member firstInTurn(Member a, Member b) {
    return claim(b).compareTo(claim(a)) < 0 ? b : a;
  }

  /** Whether flows go over it: for one prefix at least, nobody of better priority is alive. */
  boolean takesFlows(Member member) {
    var routes = member.record.routes();
    return routes.isEmpty()
        || routes.stream().anyMatch(route -> !isOutranked(member, route.network()));
  }

  private boolean isOutranked(Member member, Cidr prefix) {
    var own = standing(member);
    return members.values().stream()
        .anyMatch(other -> standsIn(other, member, prefix) && standing(other).outranks(own));
  }

  private static @Nullable Cidr longest(Member member, IpAddress to) {
    Cidr found = null;
    for (var address : member.record.addresses()) {
      if (address.equals(to)) {
        return Cidr.of(to);
      }
    }
    for (var route : member.record.routes()) {
      var prefix = route.network();
      if (prefix.contains(to) && (found == null || prefix.prefixLength() > found.prefixLength())) {
        found = prefix;
      }
    }
    return found;
  }

  /** Whether a replica announces a prefix in every virtual network in which {@code whom} does. */
  private static boolean standsIn(Member replica, Member whom, Cidr prefix) {
    var own = networks(replica, prefix);
    return !own.isEmpty() && own.containsAll(networks(whom, prefix));
  }

  private static Set<String> networks(Member member, Cidr prefix) {
    return member.record.routes().stream()
        .filter(route -> route.network().equals(prefix))
        .map(NodeRecord.Announcement::virtualNetworkId)
        .collect(Collectors.toSet());
  }

  @Nullable Member byLink(int index) {
    for (var member : members.values()) {
      if (member.link != null && member.link.index() == index) {
        return member;
      }
    }
    return null;
  }

  @Nullable Member byPeer(Peer peer) {
    return peer.attachment() instanceof PeerLink link ? members.get(link.nodeId()) : null;
  }

  /** The addresses of the participant of that name. */
  List<IpAddress> addressesOf(String name) {
    for (var member : members.values()) {
      if (member.record.name().equals(name)) {
        return member.record.addresses();
      }
    }
    return List.of();
  }

  Collection<Member> all() {
    return members.values();
  }

  /** Those that announce a prefix that another announces too, in the same virtual network. */
  List<Member> replicas() {
    record Place(String virtualNetworkId, Cidr network) {
      static Place of(NodeRecord.Announcement route) {
        return new Place(route.virtualNetworkId(), route.network());
      }
    }
    var counts = new HashMap<Place, Integer>();
    for (var member : members.values()) {
      member.record.routes().forEach(route -> counts.merge(Place.of(route), 1, Integer::sum));
    }
    return members.values().stream()
        .filter(
            member ->
                member.record.routes().stream()
                    .anyMatch(route -> counts.getOrDefault(Place.of(route), 0) > 1))
        .toList();
  }
}
