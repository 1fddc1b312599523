package io.vpc4j.core.spi;

import io.netty.channel.ChannelHandler;
import io.vpc4j.core.directory.VirtualNetwork;

/**
 * Connections that are to be accepted.
 *
 * @param hop where: what the binding points at; {@link NextHop.NodeHop#SELF} for the mesh
 * @param virtualNetworkId the binding's: which of several networks is meant, where a transport has
 *     such; {@code default} unless the directory says another
 * @param port on every address of ours there, 1 to 65,535; 0 for any free one
 * @param backlog how many connections may be established and not yet accepted, 1 to 65,535; who
 *     comes then waits, as with an operating system
 * @param initializer what to add to the pipeline of each accepted channel, before its first event;
 *     sharable
 * @param deadlineNs when it must listen, on {@link TransportContext#ticker}'s clock
 */
public record Listen(
    NextHop hop,
    String virtualNetworkId,
    int port,
    int backlog,
    ChannelHandler initializer,
    long deadlineNs) {

  /** In the default virtual network. */
  public Listen(NextHop hop, int port, int backlog, ChannelHandler initializer, long deadlineNs) {
    this(hop, VirtualNetwork.DEFAULT.virtualNetworkId(), port, backlog, initializer, deadlineNs);
  }

  /** Checks the figures. */
  public Listen {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
    }
    if (backlog < 1 || backlog > 65_535) {
      throw new IllegalArgumentException("backlog must be 1 to 65535, not " + backlog);
    }
  }
}
