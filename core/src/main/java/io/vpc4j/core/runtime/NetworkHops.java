package io.vpc4j.core.runtime;

import io.vpc4j.NetworkTarget;
import io.vpc4j.core.spi.NextHop;
import java.util.Optional;

/** Which single hop a {@code network_id} names, if it names one. */
final class NetworkHops {

  /** The mesh: every tunnel and every node. Documented as the only network there is. */
  static final String MESH = "cf1:network";

  private NetworkHops() {}

  /** Empty for the mesh, which is many hops; else the hop of a transport from elsewhere. */
  static Optional<NextHop> of(NetworkTarget.Network network) {
    if (network.id().equals(MESH)) {
      return Optional.empty();
    }
    var colon = network.id().indexOf(':');
    return Optional.of(
        colon < 0
            ? new NextHop.CustomHop(network.id(), "")
            : new NextHop.CustomHop(
                network.id().substring(0, colon), network.id().substring(colon + 1)));
  }
}
