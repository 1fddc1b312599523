package io.vpc4j.tunnel.dns;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;

/**
 * Opens what questions travel on. Called on the resolver's loop; must not block.
 *
 * <p>A stream's channel reads and writes octets; a datagram channel reads and writes a {@code
 * ByteBuf} per datagram, or reads a {@code DatagramPacket}. Both read by themselves.
 */
public interface DnsLinks {

  /**
   * Opens a stream or a UDP session.
   *
   * @param path which of the two; one that cannot be fails, and the other is tried
   * @param tunnelId through which tunnel
   * @param dest {@code ip:port}; for {@link VirtualDns#DESTINATION} only a connector will do that
   *     {@link VirtualDns#isServedBy} says yes of
   * @param initializer added before the first event
   * @param deadlineNs when it must be open
   * @return fails if it cannot be; cancelled if it is not wanted any more, after which the channel,
   *     if there is one all the same, is closed
   */
  Future<Channel> open(
      DnsEffect.Path path,
      String tunnelId,
      String dest,
      ChannelHandler initializer,
      long deadlineNs);
}
