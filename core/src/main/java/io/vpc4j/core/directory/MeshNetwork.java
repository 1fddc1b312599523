package io.vpc4j.core.directory;

import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A WireGuard network, and who this process is in it.
 *
 * @param name one label; empty for the directory's own network, which is {@code mesh} itself
 * @param privateKey the 32 octets of our Curve25519 key; empty where the network is not joined
 * @param listenPort the UDP port that its peers call, 0 to 65,535; 0 for any free one
 * @param addresses our own in it; its other participants have none of them
 * @param mtuOctets the longest packet inside, 1,280 to 65,000 octets
 * @param resolverIps who is asked for the names of hostname routes that lead to a node of it and
 *     name no resolver of their own, in that order
 * @param virtualNetworkId where the addresses of its participants hold, and the prefixes that name
 *     no virtual network; those of the directory's own network are known in all of them
 * @param hub what packets from one of its peers to another may reach; empty: none are forwarded
 * @param recordings what is written down for Wireshark
 * @param memory the file in which it is kept where peers were last, so that the next process can
 *     call those that have no endpoint of their own; empty if that is not kept. No file where its
 *     folder is not there
 */
public record MeshNetwork(
    String name,
    Optional<Secret> privateKey,
    int listenPort,
    List<IpAddress> addresses,
    int mtuOctets,
    List<InetSocketAddress> resolverIps,
    String virtualNetworkId,
    Optional<Policy> hub,
    Recordings recordings,
    Optional<Path> memory) {

  /** The directory's own network. */
  public static final String OWN = "";

  /** WireGuard's customary port: that of the directory's own network. */
  public static final int DEFAULT_LISTEN_PORT = 51_820;

  /** What {@code wg-quick} sets where nothing is known of the way. */
  public static final int DEFAULT_MTU_OCTETS = 1_420;

  /** IPv6 cannot do with less. RFC 8200 5 */
  public static final int MIN_MTU_OCTETS = 1_280;

  /** What a UDP datagram holds, less WireGuard's own octets. */
  public static final int MAX_MTU_OCTETS = 65_000;

  /** Copies and checks. */
  public MeshNetwork {
    addresses = List.copyOf(addresses);
    resolverIps = List.copyOf(resolverIps);
    if (listenPort < 0 || listenPort > 65_535) {
      throw new IllegalArgumentException("not a port: " + listenPort);
    }
    if (mtuOctets < MIN_MTU_OCTETS || mtuOctets > MAX_MTU_OCTETS) {
      throw new IllegalArgumentException("not an MTU: " + mtuOctets);
    }
  }

  /**
   * One that says no more than who we are: in the default virtual network, without resolvers,
   * recordings and memory. It forwards between its peers.
   */
  public MeshNetwork(
      String name, Optional<Secret> privateKey, int listenPort, List<IpAddress> addresses) {
    this(
        name,
        privateKey,
        listenPort,
        addresses,
        DEFAULT_MTU_OCTETS,
        List.of(),
        VirtualNetwork.DEFAULT.virtualNetworkId(),
        Optional.of(Policy.BUILT_IN),
        Recordings.NONE,
        Optional.empty());
  }

  /**
   * Files for Wireshark. Both are secrets.
   *
   * @param pcap every packet inside; empty if none is recorded
   * @param keyLog the keys of every handshake; empty if they are not written down
   */
  public record Recordings(Optional<Path> pcap, Optional<Path> keyLog) {
    /** Nothing is written down. */
    public static final Recordings NONE = new Recordings(Optional.empty(), Optional.empty());
  }

  /** Whether it is the directory's own. */
  public boolean isOwn() {
    return name.equals(OWN);
  }

  /** Whether this process takes part in it: with a key and an address. */
  public boolean isJoined() {
    return privateKey.isPresent() && !addresses.isEmpty();
  }

  /** For people: {@code network office}, or {@code the mesh}. */
  public String described() {
    return isOwn() ? "the mesh" : "network " + name;
  }

  /** The same with the hub, the resolvers and the virtual network of another. */
  public MeshNetwork retunedAs(MeshNetwork other) {
    return new MeshNetwork(
        name,
        privateKey,
        listenPort,
        addresses,
        mtuOctets,
        other.resolverIps,
        other.virtualNetworkId,
        other.hub,
        recordings,
        memory);
  }

  /** The same with a memory. */
  public MeshNetwork withMemory(Path file) {
    return new MeshNetwork(
        name,
        privateKey,
        listenPort,
        addresses,
        mtuOctets,
        resolverIps,
        virtualNetworkId,
        hub,
        recordings,
        Optional.of(file));
  }
}
