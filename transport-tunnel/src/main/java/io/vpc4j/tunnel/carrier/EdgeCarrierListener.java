package io.vpc4j.tunnel.carrier;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/** What a carrier tells the edge. Called on the carrier's loop; must not block. */
public interface EdgeCarrierListener {

  /**
   * The control stream is there; called once. Over QUIC the connector has opened it, over HTTP/2
   * the carrier has.
   *
   * @param control its octets are calls from the first on. Handlers added to its pipeline during
   *     this call see every event, {@code channelActive} included
   */
  void onControlStream(Channel control);

  /**
   * The connector has opened a stream for calls to the edge (QUIC alone, [T] 4.9).
   *
   * @param stream its octets are calls; the signature has been read. As with the control stream,
   *     handlers added during this call miss nothing
   */
  void onRpcStream(Channel stream);

  /**
   * A datagram has come.
   *
   * @param datagram valid during this call; whoever keeps it retains it
   */
  void onDatagram(ByteBuf datagram);

  /**
   * The connection is closed; the last call.
   *
   * @param reason a few words for the log
   */
  void onClosed(String reason);
}
