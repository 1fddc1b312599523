package io.vpc4j.cli;

import io.vpc4j.core.directory.MeshNetwork;
import io.vpc4j.core.directory.NodeRecord;
import io.vpc4j.core.directory.NodeRecord.Kind;
import io.vpc4j.core.net.Cidr;
import io.vpc4j.core.net.IpAddress.Family;
import io.vpc4j.core.net.Secret;
import io.vpc4j.mesh.WgQuickFile;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a participant is configured with at its own end: a file for wg-quick, the Java node, or a
 * phone.
 *
 * @param node the participant
 * @param privateKey its own; empty where it was made elsewhere
 * @param presharedKey empty for none
 */
record FarSide(NodeRecord node, Optional<Secret> privateKey, Optional<Secret> presharedKey) {

  /** How often a peer that calls us lets us know that it is there, so that we can call back. */
  private static final Duration KEEPALIVE = Duration.ofSeconds(25);

  /** Whether packets for a node's routes leave the node as its own. */
  enum Nat {
    /** So that the network behind needs no route back. */
    MASQUERADE,
    /** The network behind has a route to the mesh. */
    NONE
  }

  /**
   * The file. A private key that is not here is one of zeros.
   *
   * @param ownEndpoint where the participant calls us, {@code host:port}; null to guess
   */
  WgQuickFile file(
      MeshState state, MeshNetwork ours, Secret ownKey, @Nullable String ownEndpoint, Nat nat) {
    var calls = node.peer().flatMap(NodeRecord.Peer::endpoint).isEmpty();
    var listenPort =
        node.peer()
            .flatMap(NodeRecord.Peer::endpoint)
            .map(endpoint -> endpoint.substring(endpoint.lastIndexOf(':') + 1))
            .map(port -> OptionalInt.of(Integer.parseInt(port)))
            .orElse(OptionalInt.empty());
    return new WgQuickFile(
        new WgQuickFile.Self(
            privateKey.orElseGet(() -> Secret.of(new byte[32])),
            listenPort,
            node.addresses().stream()
                .map(address -> new WgQuickFile.LinkAddress(address, address.family().bits()))
                .toList(),
            List.of(),
            List.of(),
            OptionalInt.empty(),
            hooks(ours, nat)),
        List.of(
            new WgQuickFile.Peer(
                MeshState.publicKey(ownKey),
                presharedKey,
                allowed(state, ours),
                calls
                    ? Optional.of(ownEndpoint == null ? guess(ours.listenPort()) : ownEndpoint)
                    : Optional.empty(),
                calls ? Optional.of(KEEPALIVE) : Optional.empty(),
                List.of())));
  }

  /** The mesh; for a device, what nodes announce as well: it reaches them through us. */
  private List<Cidr> allowed(MeshState state, MeshNetwork ours) {
    var allowed = new LinkedHashSet<Cidr>(MeshState.ranges(ours));
    if (node.kind() == Kind.DEVICE) {
      state
          .participants(ours.name())
          .forEach(other -> other.routes().forEach(route -> allowed.add(route.network())));
    }
    return List.copyOf(allowed);
  }

  /** A node that announces a network passes packets on to it; the kernel does so when told. */
  private List<WgQuickFile.Other> hooks(MeshNetwork ours, Nat nat) {
    if (node.routes().isEmpty()) {
      return List.of();
    }
    var up = new ArrayList<String>();
    var down = new ArrayList<String>();
    for (var family : Family.values()) {
      var routes =
          node.routes().stream()
              .map(NodeRecord.Announcement::network)
              .filter(network -> network.network().family() == family)
              .toList();
      var from =
          MeshState.ranges(ours).stream()
              .filter(range -> range.network().family() == family)
              .toList();
      if (routes.isEmpty() || from.isEmpty()) {
        continue;
      }
      up.add(
          family == Family.V4
              ? "sysctl -q -w net.ipv4.ip_forward=1"
              : "sysctl -q -w net.ipv6.conf.all.forwarding=1");
      if (nat == Nat.MASQUERADE) {
        masquerade(family, from.get(0), routes, up, down);
      }
    }
    var hooks = new ArrayList<WgQuickFile.Other>();
    up.forEach(command -> hooks.add(new WgQuickFile.Other("PostUp", command)));
    down.forEach(command -> hooks.add(new WgQuickFile.Other("PostDown", command)));
    return hooks;
  }

  private static void masquerade(
      Family family, Cidr from, List<Cidr> routes, List<String> up, List<String> down) {
    var protocol = family == Family.V4 ? "ip" : "ip6";
    var table = protocol + " vpc4j_%i";
    var rules = new StringBuilder("nft 'add table " + table + "; add chain " + table);
    rules.append(" post { type nat hook postrouting priority 100; }");
    for (var route : routes) {
      rules.append("; add rule " + table + " post " + protocol + " saddr " + from);
      rules.append(" " + protocol + " daddr " + route + " masquerade");
    }
    up.add(rules.append("'").toString());
    down.add("nft delete table " + table);
  }

  /** Our address as this machine knows it: right on one network, and a start elsewhere. */
  static String guess(int listenPort) {
    try {
      var address =
          NetworkInterface.networkInterfaces()
              .flatMap(NetworkInterface::inetAddresses)
              .filter(Inet4Address.class::isInstance)
              .filter(each -> !each.isLoopbackAddress() && !each.isLinkLocalAddress())
              .map(each -> each.getHostAddress())
              .sorted()
              .findFirst()
              .orElse("127.0.0.1");
      return address + ":" + (listenPort == 0 ? MeshNetwork.DEFAULT_LISTEN_PORT : listenPort);
    } catch (SocketException e) {
      return "127.0.0.1:" + listenPort;
    }
  }
}
