package io.vpc4j.core.directory;

/**
 * A space of addresses of its own, so that prefixes may overlap.
 *
 * @param virtualNetworkId a UUID, or {@code default}
 * @param name for people; unique
 */
public record VirtualNetwork(String virtualNetworkId, String name) {

  /** The one that is there without being declared. */
  public static final VirtualNetwork DEFAULT = new VirtualNetwork("default", "default");
}
