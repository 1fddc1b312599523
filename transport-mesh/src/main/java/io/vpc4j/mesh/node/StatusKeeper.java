package io.vpc4j.mesh.node;

import io.netty.channel.group.ChannelGroup;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.loop.MeshLoop;
import io.vpc4j.mesh.netstack.FlowReport;
import io.vpc4j.mesh.node.Members.Member;
import io.vpc4j.mesh.node.MeshStatus.PeerState;
import io.vpc4j.mesh.node.MeshStatus.Role;
import io.vpc4j.mesh.wireguard.PeerStatus;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes down how the node stands, a second at a time, so that asking never waits for the loop. */
final class StatusKeeper {

  /** Connections that are named. */
  private static final int MAX_CONNECTIONS = 32;

  /** With more flows than this, they are looked at one second in {@link #SELDOM}. */
  private static final int MANY_FLOWS = 4_096;

  private static final int SELDOM = 8;

  private final MeshLoop loop;
  private final Members members;
  private final FailOver failOver;
  private final ChannelGroup channels;
  private final EndpointMemory memory;
  private final List<IpAddress> addresses;
  private final Map<Integer, LossWindow> losses = new HashMap<>(); // by link
  private FlowReport flows = FlowReport.EMPTY;
  private int turn;
  private volatile MeshStatus latest;

  StatusKeeper(
      MeshLoop loop,
      Members members,
      FailOver failOver,
      ChannelGroup channels,
      EndpointMemory memory,
      List<IpAddress> addresses) {
    this.loop = loop;
    this.members = members;
    this.failOver = failOver;
    this.channels = channels;
    this.memory = memory;
    this.addresses = addresses;
    latest = new MeshStatus("", 0, List.of(), addresses, FlowReport.EMPTY, 0, 0, Map.of());
  }

  void start() {
    if (loop.closed()) {
      return;
    }
    write();
    loop.eventLoop().schedule(this::start, 1, TimeUnit.SECONDS);
  }

  /** On the loop. */
  void write() {
    var peers = new ArrayList<PeerState>();
    for (var member : members.all()) {
      state(member).ifPresent(peers::add);
    }
    remember(peers);
    losses.keySet().retainAll(peers.stream().map(PeerState::link).collect(Collectors.toSet()));
    if (turn++ % SELDOM == 0 || loop.stack().flowCount() <= MANY_FLOWS) {
      flows = loop.stack().report(MAX_CONNECTIONS);
    }
    latest =
        new MeshStatus(
            loop.wireGuard().publicKey().toString(),
            loop.localPort(),
            peers,
            addresses,
            flows,
            channels.size(),
            loop.stack().tcpHost().bufferedOctets(),
            loop.stack().counters().snapshot());
  }

  /** Those who were there; an endpoint that nobody answered at is none to remember. */
  private void remember(List<PeerState> peers) {
    var endpoints = new HashMap<String, InetSocketAddress>();
    for (var peer : peers) {
      if (peer.session() && peer.endpoint().isPresent()) {
        endpoints.put(peer.publicKey(), peer.endpoint().orElseThrow());
      }
    }
    memory.remember(endpoints);
  }

  private Optional<PeerState> state(Member member) {
    var link = member.link;
    if (link == null) {
      return Optional.empty();
    }
    var nowNs = loop.nowNs();
    var status = link.peer().status(nowNs);
    var handshake = status.lastHandshakeNs();
    var loss = losses.computeIfAbsent(link.index(), index -> new LossWindow());
    loss.add(status.expectedDatagrams(), status.takenDatagrams());
    return Optional.of(
        new PeerState(
            member.record.nodeId(),
            member.record.name(),
            status.publicKey().toString(),
            Optional.ofNullable(status.endpoint()),
            status.allowedIps(),
            handshake == null ? Optional.empty() : Optional.of(nowNs - handshake),
            link.index(),
            role(member),
            status.hasSession(),
            status.receivedOctets(),
            status.sentOctets(),
            status.expectedDatagrams(),
            status.takenDatagrams(),
            loss.permille(),
            Optional.ofNullable(roundTripNs(member, status))));
  }

  private Role role(Member member) {
    if (!failOver.alive(member.record.nodeId())) {
      return Role.DOWN;
    }
    return members.takesFlows(member) ? Role.ACTIVE : Role.STANDBY;
  }

  private @Nullable Long roundTripNs(Member member, PeerStatus status) {
    var probed = failOver.roundTripNs(member.record.nodeId());
    return probed == null ? status.roundTripNs() : probed;
  }

  MeshStatus latest() {
    return latest;
  }
}
