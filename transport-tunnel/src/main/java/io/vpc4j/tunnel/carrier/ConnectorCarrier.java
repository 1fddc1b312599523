package io.vpc4j.tunnel.carrier;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;

/**
 * A carrier as the connector has it: the edge opens streams, it answers. What happens on it is told
 * to its {@link ConnectorCarrierListener}.
 */
public interface ConnectorCarrier extends Carrier {

  /**
   * Opens a stream for calls to the edge, its signature already written (QUIC alone, [T] 4.9).
   *
   * @param initializer added before the first event
   * @return fails with {@link StreamFailure}; always so over HTTP/2
   */
  Future<Channel> openRpc(ChannelHandler initializer);

  /** As {@link EdgeCarrier#sendDatagram}. */
  boolean sendDatagram(ByteBuf datagram);
}
