package io.vpc4j.mesh.node;

import io.netty.util.concurrent.Future;
import io.vpc4j.mesh.loop.FlowOwner;
import io.vpc4j.mesh.loop.MeshLoop;
import io.vpc4j.mesh.netstack.EchoSocket;
import io.vpc4j.mesh.netstack.FlowRefused;
import io.vpc4j.mesh.node.Members.Member;
import io.vpc4j.mesh.route.Claim;
import io.vpc4j.mesh.route.Liveness;
import io.vpc4j.mesh.route.Standing;
import io.vpc4j.mesh.wireguard.WireGuardEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices in seconds that a node is dead whose prefixes another node announces too, and moves them.
 * WireGuard alone would need minutes.
 *
 * <p>Each such node gets an ICMP echo request a second; anything authentic from it counts as an
 * answer. A node that dies loses its flows, which fail with a reason; what is dialled from then on
 * goes to the others, as each one's {@link Claim} says. One that comes back gets new flows again if
 * none of better priority is alive; those that are open elsewhere stay there. Confined to the loop.
 */
final class FailOver implements Members.Judge, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FailOver.class);

  /** From one probe to the next, and how long one may take. */
  private static final long PROBE_NS = 1_000_000_000L;

  private static final int PROBE_OCTETS = 8;

  private final MeshLoop loop;
  private final Members members;
  private final Map<String, Watched> watched = new HashMap<>();
  private @Nullable Future<?> ticking;
  private long deaths;

  /** A node that is probed. */
  private static final class Watched implements FlowOwner {
    final Liveness liveness;
    @Nullable EchoSocket probe;
    long receivedOctets;
    boolean probed;
    long lastDeath; // its number among all of them
    @Nullable Long roundTripNs; // of the last probe that was answered

    Watched(long nowNs) {
      liveness = new Liveness(nowNs);
    }

    @Override
    public void onReady() {
      // looked at with the next probe
    }
  }

  FailOver(MeshLoop loop, Members members) {
    this.loop = loop;
    this.members = members;
    members.judge(this);
  }

  /** The directory has changed: who is to be probed. */
  void onMembers() {
    var replicas = members.replicas();
    watched.keySet().removeIf(id -> replicas.stream().noneMatch(m -> m.record.nodeId().equals(id)));
    for (var member : replicas) {
      watched.computeIfAbsent(member.record.nodeId(), id -> new Watched(loop.nowNs()));
    }
    members.assign();
    if (ticking == null && !watched.isEmpty()) {
      ticking =
          loop.eventLoop().scheduleWithFixedDelay(this::tick, 0, PROBE_NS, TimeUnit.NANOSECONDS);
    } else if (ticking != null && watched.isEmpty()) {
      ticking.cancel(false);
      ticking = null;
    }
  }

  private void tick() {
    if (loop.closed()) {
      close();
      return;
    }
    watched.forEach(
        (id, node) -> {
          var member = members.byId(id);
          if (member != null && member.link != null) {
            look(member, node);
            probe(member, node);
          }
        });
    loop.wake();
  }

  /** What became of the last probe. */
  private void look(Member member, Watched node) {
    var link = member.link;
    if (!node.probed || link == null) {
      return;
    }
    var nowNs = loop.nowNs();
    var received = link.peer().receivedOctets();
    var replied = node.probe != null && node.probe.outcome() == EchoSocket.Outcome.REPLIED;
    if (replied && node.probe != null) {
      node.roundTripNs = node.probe.roundTripNs();
    }
    if (replied || received != node.receivedOctets) {
      if (node.liveness.onAnswer(nowNs)) {
        LOG.info("Node {} is back.", member.record.nodeId());
        members.assign();
      }
    } else if (node.liveness.onMiss(nowNs)) {
      LOG.warn(
          "Node {} has not answered {} probes: its prefixes go to others, its flows end.",
          member.record.nodeId(),
          Liveness.MISSES_TO_DIE);
      node.lastDeath = ++deaths;
      loop.stack().onLinkDown(link.index(), nowNs);
      members.assign();
    }
    node.receivedOctets = received;
  }

  private void probe(Member member, Watched node) {
    var link = member.link;
    if (node.probe != null) {
      node.probe.cancel();
      node.probe = null;
    }
    node.probed = false;
    if (link == null) {
      return;
    }
    for (var address : member.record.addresses()) {
      try {
        var deadlineNs = loop.nowNs() + PROBE_NS;
        node.probe = loop.stack().ping(address, link.index(), PROBE_OCTETS, deadlineNs, node);
        node.probed = true;
        return;
      } catch (FlowRefused e) {
        LOG.debug("No probe to {}: {}", address, e.reason());
      }
    }
  }

  /** A handshake that is not answered says nothing that a probe does not; one that is, does. */
  void onEvent(Member member, WireGuardEvent event) {
    var node = watched.get(member.record.nodeId());
    if (node != null && event instanceof WireGuardEvent.HandshakeGaveUp) {
      LOG.debug("Node {}: handshakes are given up", member.record.nodeId());
    }
  }

  @Override
  public Standing standing(Member member) {
    var priority = member.record.priority();
    var node = watched.get(member.record.nodeId());
    return node == null
        ? Standing.unwatched(priority)
        : new Standing(node.liveness.alive(), priority, node.lastDeath);
  }

  @Override
  public Claim claim(Member member) {
    var node = watched.get(member.record.nodeId());
    var quietNs = node == null ? Long.MAX_VALUE : node.liveness.quietNs(loop.nowNs());
    return new Claim(standing(member), quietNs, member.lastTurn);
  }

  /** Whether a node may be given prefixes and flows. */
  boolean alive(String nodeId) {
    var node = watched.get(nodeId);
    return node == null || node.liveness.alive();
  }

  /** What the last probe that was answered took; null where there is none. */
  @Nullable Long roundTripNs(String nodeId) {
    var node = watched.get(nodeId);
    return node == null ? null : node.roundTripNs;
  }

  @Override
  public void close() {
    var task = ticking;
    if (task != null) {
      task.cancel(false);
    }
  }
}
