package io.vpc4j.mesh.wireguard;

import io.vpc4j.core.net.Cidr;
import io.vpc4j.mesh.wireguard.crypto.PublicKey;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A peer's figures at one moment, for a status line.
 *
 * @param publicKey who
 * @param endpoint where it was last heard of, or is to be called; null if neither
 * @param allowedIps its prefixes
 * @param lastHandshakeNs when a session was last agreed on, on the caller's clock; null for never
 * @param hasSession whether a packet could be sealed now
 * @param receivedOctets datagrams of it that were authentic, headers and padding included
 * @param sentOctets datagrams to it, likewise
 * @param receivedPackets packets inside
 * @param sentPackets packets inside
 * @param expectedDatagrams that it must have sent, by the counters of its sessions; those of
 *     handshakes are not counted. Never less than before
 * @param takenDatagrams how many of those came, and were authentic and new
 * @param roundTripNs what the last handshake took there and back; null before any
 * @param stagedPackets that wait for a handshake
 * @param drops by reason; those that never happened are absent
 */
public record PeerStatus(
    PublicKey publicKey,
    @Nullable InetSocketAddress endpoint,
    List<Cidr> allowedIps,
    @Nullable Long lastHandshakeNs,
    boolean hasSession,
    long receivedOctets,
    long sentOctets,
    long receivedPackets,
    long sentPackets,
    long expectedDatagrams,
    long takenDatagrams,
    @Nullable Long roundTripNs,
    int stagedPackets,
    Map<Drop, Long> drops) {

  /** Copies. */
  public PeerStatus {
    allowedIps = List.copyOf(allowedIps);
    drops = Map.copyOf(drops);
  }
}
