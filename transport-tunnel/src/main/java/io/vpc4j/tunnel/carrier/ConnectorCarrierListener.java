package io.vpc4j.tunnel.carrier;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.function.Consumer;

/** What a carrier tells the connector. Called on the carrier's loop; must not block. */
public interface ConnectorCarrierListener {

  /**
   * The control stream is there; called once, first. Over QUIC the carrier has opened it, over
   * HTTP/2 the edge has.
   *
   * @param carrier the carrier, whose dial may not have been reported yet
   * @param control its octets are calls. Handlers added during this call see every event
   */
  void onControlStream(ConnectorCarrier carrier, Channel control);

  /** The edge asks for a stream. Nothing of its content is read before it is answered. */
  void onRequest(IncomingStream stream);

  /**
   * The edge has opened a stream for calls to the connector (QUIC alone).
   *
   * @param stream its octets are calls; the signature has been read. Handlers added during this
   *     call miss nothing
   */
  void onRpcStream(Channel stream);

  /**
   * The edge pushes a configuration with a request (HTTP/2 alone, [T] 3.6; over QUIC it is a call).
   *
   * @param answer to be called once, on any thread
   */
  void onConfiguration(int version, byte[] json, Consumer<ConfigurationOutcome> answer);

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
