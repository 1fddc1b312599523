package io.vpc4j.tunnel.carrier;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;

/**
 * A request of the edge, at the connector.
 *
 * <p>Its channel's octets are {@link io.netty.buffer.ByteBuf}s. The edge's end of output is the
 * user event {@link io.netty.channel.socket.ChannelInputShutdownEvent}, after which our output goes
 * on; its reset is {@code exceptionCaught}, then {@code channelInactive}. {@link LastOctets} ends
 * our output; {@link Trailers} end that of an HTTP response over HTTP/2 and count as {@link
 * LastOctets} over QUIC. {@code close} is as on {@link EdgeCarrier}'s channels.
 */
public interface IncomingStream {

  /** What is asked; headers are metadata in the form they have over QUIC, whatever the carrier. */
  ConnectRequest request();

  /** Its channel. Reads nothing, whatever auto-read says, before {@link #accept}. */
  Channel channel();

  /**
   * Says yes. {@code initializer} is added to the pipeline; its first event is {@code
   * channelActive}.
   *
   * @param response without an error
   * @return when the response has left
   */
  Future<Void> accept(ConnectResponse response, ChannelHandler initializer);

  /**
   * Says no, and ends the stream.
   *
   * @param response with an error; over HTTP/2 it becomes a 502 without the text ([T] 3.4)
   */
  void refuse(ConnectResponse response);

  /** Ends the stream with a reset: what was accepted came to a bad end. */
  void reset();
}
