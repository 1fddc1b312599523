package io.vpc4j.mesh.node;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.mesh.netstack.NetstackCounters.Counter;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a node stands.
 *
 * @param publicKey ours, in base64
 * @param listenPort the UDP port that peers call
 * @param peers in the directory's order
 * @param flows TCP connections, UDP sockets and pings
 * @param channels that are open
 * @param bufferedOctets of all TCP buffers
 * @param counters of packets
 */
public record MeshStatus(
    String publicKey,
    int listenPort,
    List<PeerState> peers,
    int flows,
    int channels,
    long bufferedOctets,
    Map<Counter, Long> counters) {

  /** Copies. */
  public MeshStatus {
    peers = List.copyOf(peers);
    counters = Map.copyOf(counters);
  }

  /**
   * How a peer stands.
   *
   * @param nodeId who
   * @param name for people
   * @param publicKey in base64
   * @param endpoint where it is; empty if nobody knows
   * @param prefixes what it has now, its own addresses included
   * @param sinceHandshakeNs how long ago a session was agreed on; empty for never
   * @param session whether a packet would be sealed at once
   * @param receivedOctets datagrams of it that were authentic
   * @param sentOctets datagrams to it
   * @param alive whether its probes are answered; true where it is not probed
   */
  public record PeerState(
      String nodeId,
      String name,
      String publicKey,
      Optional<InetSocketAddress> endpoint,
      List<Cidr> prefixes,
      Optional<Long> sinceHandshakeNs,
      boolean session,
      long receivedOctets,
      long sentOctets,
      boolean alive) {}
}
