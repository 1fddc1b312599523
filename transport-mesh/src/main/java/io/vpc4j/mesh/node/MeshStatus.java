package io.vpc4j.mesh.node;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.mesh.netstack.FlowReport;
import io.vpc4j.mesh.netstack.NetstackCounters.Counter;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a node stands.
 *
 * @param publicKey ours, in base64
 * @param listenPort the UDP port that peers call
 * @param peers in the directory's order
 * @param addresses our own in the mesh
 * @param flows how TCP connections, UDP sockets and pings stand
 * @param channels that are open
 * @param bufferedOctets of all TCP buffers
 * @param counters of packets
 */
public record MeshStatus(
    String publicKey,
    int listenPort,
    List<PeerState> peers,
    List<IpAddress> addresses,
    FlowReport flows,
    int channels,
    long bufferedOctets,
    Map<Counter, Long> counters) {

  /** Copies. */
  public MeshStatus {
    peers = List.copyOf(peers);
    addresses = List.copyOf(addresses);
    counters = Map.copyOf(counters);
  }

  /** Whether new flows go to a peer. */
  public enum Role {
    /** They do, to whatever it has. */
    ACTIVE,
    /** What it announces, others have. */
    STANDBY,
    /** It does not answer its probes; what others announce too, they have. */
    DOWN
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
   * @param link the number that flows know it by
   * @param role whether new flows go to it
   * @param session whether a packet would be sealed at once
   * @param receivedOctets datagrams of it that were authentic
   * @param sentOctets datagrams to it
   * @param expectedDatagrams that it must have sent, by their counters
   * @param takenDatagrams how many of those came
   * @param lossPermille how many of a thousand did not come, of those of the last minute; empty if
   *     there were none
   * @param roundTripNs as the last probe or handshake measured it; empty before any
   */
  public record PeerState(
      String nodeId,
      String name,
      String publicKey,
      Optional<InetSocketAddress> endpoint,
      List<Cidr> prefixes,
      Optional<Long> sinceHandshakeNs,
      int link,
      Role role,
      boolean session,
      long receivedOctets,
      long sentOctets,
      long expectedDatagrams,
      long takenDatagrams,
      OptionalInt lossPermille,
      Optional<Long> roundTripNs) {}
}
