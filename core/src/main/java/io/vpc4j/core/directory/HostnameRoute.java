package io.vpc4j.core.directory;

import io.vpc4j.core.spi.NextHop;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * A name and who resolves and carries it. Not confined to a virtual network.
 *
 * @param hostname in lower case without a final dot: exact, or {@code *.} and a suffix for exactly
 *     one more label
 * @param hop a tunnel, a node, or a hop of a transport from elsewhere
 * @param resolverIps who is asked, behind the hop; empty for the hop's own resolver
 * @param comment for people; may be empty
 */
public record HostnameRoute(
    String hostname, NextHop hop, List<InetSocketAddress> resolverIps, String comment) {

  /** Copies the list. */
  public HostnameRoute {
    resolverIps = List.copyOf(resolverIps);
  }
}
