package io.vpc4j.mesh.node;

import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.directory.Policy;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress;
import io.vpc4j.core.net.Secret;
import io.vpc4j.mesh.netstack.NetstackSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a node is told of itself.
 *
 * @param network the name of its network, for logs; empty for the directory's own
 * @param privateKey 32 octets
 * @param listenPort the UDP port that peers call; 0 for any
 * @param addresses our own in the mesh
 * @param announced prefixes that end in this node's stack and go on as ordinary sockets
 * @param translations what announced prefixes are in the network behind, where they are not the
 *     same
 * @param onward what flows to those may reach
 * @param hub what packets from one peer to another may reach; empty: none are forwarded
 * @param netstack bounds and habits
 * @param pcap where packets inside are recorded; empty if they are not
 * @param keyLog the file that the keys of handshakes are recorded in; empty if they are not
 * @param memory the file in which it is kept where peers were last; empty if it is not kept
 */
public record MeshConfig(
    String network,
    Secret privateKey,
    int listenPort,
    List<IpAddress> addresses,
    List<Cidr> announced,
    List<Translation> translations,
    Policy onward,
    Optional<Policy> hub,
    NetstackSettings netstack,
    Optional<Path> pcap,
    Optional<Path> keyLog,
    Optional<Path> memory) {

  /**
   * A prefix, and what it is in the network behind: so that two networks of the same addresses can
   * both be announced.
   *
   * @param announced as peers know it
   * @param onward of the same family and length
   */
  public record Translation(Cidr announced, Cidr onward) {
    /** Checks that one stands for the other. */
    public Translation {
      if (announced.prefixLength() != onward.prefixLength()
          || announced.network().family() != onward.network().family()) {
        throw new IllegalArgumentException(announced + " cannot stand for " + onward);
      }
    }
  }

  /** Copies. */
  public MeshConfig {
    addresses = List.copyOf(addresses);
    announced = List.copyOf(announced);
    translations = List.copyOf(translations);
  }

  /** A node that announces nothing and forwards between peers. */
  public static MeshConfig of(
      Secret privateKey, int listenPort, List<IpAddress> addresses, Optional<Path> memory) {
    return new MeshConfig(
        MeshNetwork.OWN,
        privateKey,
        listenPort,
        addresses,
        List.of(),
        List.of(),
        Policy.BUILT_IN,
        Optional.of(Policy.BUILT_IN),
        NetstackSettings.defaults(),
        Optional.empty(),
        Optional.empty(),
        memory);
  }

  /**
   * A node that announces nothing, as the directory describes it.
   *
   * @throws IllegalArgumentException if it has no key of ours
   */
  public static MeshConfig of(MeshNetwork network) {
    return new MeshConfig(
        network.name(),
        network
            .privateKey()
            .orElseThrow(() -> new IllegalArgumentException("a network without a key of ours")),
        network.listenPort(),
        network.addresses(),
        List.of(),
        List.of(),
        Policy.BUILT_IN,
        network.hub(),
        NetstackSettings.defaults().withMtu(network.mtuOctets()),
        network.recordings().pcap(),
        network.recordings().keyLog(),
        network.memory());
  }
}
