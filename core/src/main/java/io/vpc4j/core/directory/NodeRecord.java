package io.vpc4j.core.directory;

import io.vpc4j.core.net.Cidr;
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
 * @param routes the prefixes it announces; nodes that announce the same one stand in for each other
 * @param priority which of such nodes is asked first: the lowest, 0 to 65,535; equals share new
 *     flows
 * @param peer how it is reached with WireGuard; empty where only the name is wanted yet
 * @param network the name of the {@link MeshNetwork} that it takes part in; empty for the
 *     directory's own
 */
public record NodeRecord(
    String nodeId,
    String name,
    Kind kind,
    List<IpAddress> addresses,
    List<Announcement> routes,
    int priority,
    Optional<Peer> peer,
    String network) {

  /** What a node has that says nothing of its priority. */
  public static final int DEFAULT_PRIORITY = 100;

  /** Copies and checks. */
  public NodeRecord {
    addresses = List.copyOf(addresses);
    routes = List.copyOf(routes);
    if (kind == Kind.DEVICE && !routes.isEmpty()) {
      throw new IllegalArgumentException("a device announces its own addresses alone");
    }
    if (priority < 0 || priority > 65_535) {
      throw new IllegalArgumentException("priority must be 0 to 65535, not " + priority);
    }
  }

  /** A participant of the directory's own network. */
  public NodeRecord(
      String nodeId,
      String name,
      Kind kind,
      List<IpAddress> addresses,
      List<Announcement> routes,
      int priority,
      Optional<Peer> peer) {
    this(nodeId, name, kind, addresses, routes, priority, peer, MeshNetwork.OWN);
  }

  /** A participant of the directory's own network that announces no prefix. */
  public NodeRecord(
      String nodeId, String name, Kind kind, List<IpAddress> addresses, Optional<Peer> peer) {
    this(nodeId, name, kind, addresses, List.of(), DEFAULT_PRIORITY, peer);
  }

  /**
   * A prefix that a node announces.
   *
   * @param network the prefix
   * @param virtualNetworkId where it holds
   * @param comment for people; may be empty
   */
  public record Announcement(Cidr network, String virtualNetworkId, String comment) {}

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
   * @param presharedKey 32 octets; empty for none
   * @param persistentKeepalive empty for none; 1 s to 65,535 s
   */
  public record Peer(
      String publicKey,
      Optional<String> endpoint,
      Optional<Secret> presharedKey,
      Optional<Duration> persistentKeepalive) {}
}
