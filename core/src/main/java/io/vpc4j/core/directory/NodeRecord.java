package io.vpc4j.core.directory;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A WireGuard peer of the mesh.
 *
 * @param nodeId unique
 * @param name for people, and {@code NAME.mesh}; unique
 * @param kind what it may announce
 * @param addresses its own
 * @param peer how it is reached with WireGuard; empty where only the name is wanted yet
 */
public record NodeRecord(
    String nodeId, String name, Kind kind, List<IpAddress> addresses, Optional<Peer> peer) {

  /** Copies. */
  public NodeRecord {
    addresses = List.copyOf(addresses);
  }

  /** What a peer may announce. */
  public enum Kind {
    /** Its own addresses, and routes. */
    NODE,
    /** Its own addresses alone. */
    DEVICE
  }

  /**
   * WireGuard's own facts.
   *
   * @param publicKey 32 octets in base64
   * @param endpoint {@code host:port}; empty if it calls us
   * @param presharedKey empty for none
   * @param persistentKeepalive empty for none; 1 s to 65,535 s
   */
  public record Peer(
      String publicKey,
      Optional<String> endpoint,
      Optional<Secret> presharedKey,
      Optional<Duration> persistentKeepalive) {}
}
