package io.vpc4j.mesh.node;

import io.netty.channel.group.ChannelGroup;
import io.vpc4j.mesh.loop.MeshLoop;
import io.vpc4j.mesh.node.Members.Member;
import io.vpc4j.mesh.node.MeshStatus.PeerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Writes down how the node stands, a second at a time, so that asking never waits for the loop. */
final class StatusKeeper {

  private final MeshLoop loop;
  private final Members members;
  private final FailOver failOver;
  private final ChannelGroup channels;
  private volatile MeshStatus latest = new MeshStatus("", 0, List.of(), 0, 0, 0, Map.of());

  StatusKeeper(MeshLoop loop, Members members, FailOver failOver, ChannelGroup channels) {
    this.loop = loop;
    this.members = members;
    this.failOver = failOver;
    this.channels = channels;
  }

  void start() {
    if (loop.closed()) {
      return;
    }
    write();
    loop.eventLoop().schedule(this::start, 1, TimeUnit.SECONDS);
  }

  private void write() {
    var peers = new ArrayList<PeerState>();
    for (var member : members.all()) {
      state(member).ifPresent(peers::add);
    }
    latest =
        new MeshStatus(
            loop.wireGuard().publicKey().toString(),
            loop.localPort(),
            peers,
            loop.stack().flowCount(),
            channels.size(),
            loop.stack().tcpHost().bufferedOctets(),
            loop.stack().counters().snapshot());
  }

  private Optional<PeerState> state(Member member) {
    var link = member.link;
    if (link == null) {
      return Optional.empty();
    }
    var nowNs = loop.nowNs();
    var status = link.peer().status(nowNs);
    var handshake = status.lastHandshakeNs();
    return Optional.of(
        new PeerState(
            member.record.nodeId(),
            member.record.name(),
            status.publicKey().toString(),
            Optional.ofNullable(status.endpoint()),
            status.allowedIps(),
            handshake == null ? Optional.empty() : Optional.of(nowNs - handshake),
            status.hasSession(),
            status.receivedOctets(),
            status.sentOctets(),
            failOver.alive(member.record.nodeId())));
  }

  MeshStatus latest() {
    return latest;
  }
}
