package io.vpc4j.mesh;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.mesh.node.MeshStatus;
import io.vpc4j.mesh.node.MeshStatus.Role;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * How a node stands.
 *
 * @param publicKey ours, in base64
 * @param listenPort the UDP port that peers call
 * @param peers who takes part
 * @param flows TCP connections, UDP sockets and pings that are open
 * @param counters of packets, by name, such as {@code packets_in}
 */
public record MeshNodeStatus(
    String publicKey, int listenPort, List<Peer> peers, int flows, Map<String, Long> counters) {

  /** Copies. */
  public MeshNodeStatus {
    peers = List.copyOf(peers);
    counters = Collections.unmodifiableMap(new TreeMap<>(counters));
  }

  /**
   * How a peer stands.
   *
   * @param nodeId who
   * @param name for people
   * @param publicKey in base64
   * @param endpoint where it is; empty if nobody knows
   * @param prefixes what leads to it now, its own addresses included
   * @param sinceHandshake how long ago a session was agreed on; empty for never
   * @param session whether a packet to it would leave at once
   * @param receivedOctets datagrams of it that were authentic
   * @param sentOctets datagrams to it
   * @param alive whether its probes are answered; true where it is not probed
   * @param standby whether others have all that it announces now
   * @param lossPermille how many of a thousand of its datagrams did not come, in the last minute;
   *     empty if it sent none
   * @param roundTrip as the last probe or handshake measured it; empty before any
   */
  public record Peer(
      String nodeId,
      String name,
      String publicKey,
      Optional<InetSocketAddress> endpoint,
      List<Cidr> prefixes,
      Optional<Duration> sinceHandshake,
      boolean session,
      long receivedOctets,
      long sentOctets,
      boolean alive,
      boolean standby,
      OptionalInt lossPermille,
      Optional<Duration> roundTrip) {}

  static MeshNodeStatus of(MeshStatus status) {
    var counters = new TreeMap<String, Long>();
    status
        .counters()
        .forEach((counter, value) -> counters.put(counter.name().toLowerCase(Locale.ROOT), value));
    var peers =
        status.peers().stream()
            .map(
                peer ->
                    new Peer(
                        peer.nodeId(),
                        peer.name(),
                        peer.publicKey(),
                        peer.endpoint(),
                        peer.prefixes(),
                        peer.sinceHandshakeNs().map(Duration::ofNanos),
                        peer.session(),
                        peer.receivedOctets(),
                        peer.sentOctets(),
                        peer.role() != Role.DOWN,
                        peer.role() == Role.STANDBY,
                        peer.lossPermille(),
                        peer.roundTripNs().map(Duration::ofNanos)))
            .toList();
    return new MeshNodeStatus(
        status.publicKey(),
        status.listenPort(),
        peers,
        status.flows().tcp() + status.flows().udp() + status.flows().echo(),
        counters);
  }
}
