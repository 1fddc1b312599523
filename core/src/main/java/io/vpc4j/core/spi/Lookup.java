package io.vpc4j.core.spi;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * One name to resolve.
 *
 * @param hop the network that owns it
 * @param name in lower case, without a final dot
 * @param resolverIps the resolvers to ask, behind the hop; empty for the hop's own
 * @param deadlineNs when the answer must be there, on {@link TransportContext#ticker}'s clock
 */
public record Lookup(
    NextHop hop, String name, List<InetSocketAddress> resolverIps, long deadlineNs) {

  /** Copies the list. */
  public Lookup {
    resolverIps = List.copyOf(resolverIps);
  }
}
