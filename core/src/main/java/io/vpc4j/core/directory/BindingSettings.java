package io.vpc4j.core.directory;

import io.vpc4j.Limits;
import java.util.Optional;

/**
 * What the directory sets for one binding.
 *
 * @param virtualNetworkId where a mesh binding looks prefixes up
 * @param policy what may be reached
 * @param limits its bounds; empty for those of the builder
 * @param tlsSettings for https through a network binding; a service has its own
 */
public record BindingSettings(
    String virtualNetworkId, Policy policy, Optional<Limits> limits, TlsSettings tlsSettings) {

  /** The default virtual network, the built-in policy, the builder's limits, the system's roots. */
  public static final BindingSettings DEFAULTS =
      new BindingSettings(
          VirtualNetwork.DEFAULT.virtualNetworkId(),
          Policy.BUILT_IN,
          Optional.empty(),
          TlsSettings.DEFAULT);

  /** The same with other bounds. */
  public BindingSettings withLimits(Optional<Limits> limits) {
    return new BindingSettings(virtualNetworkId, policy, limits, tlsSettings);
  }
}
