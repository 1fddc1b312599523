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

  /** Its channel. Reads nothing, whatever auto-read says, before {@link #begin}. */
  Channel channel();

  /**
   * Lets what the edge sends be read before it is answered: the body of a request whose response is
   * not known yet. {@code initializer} is added to the pipeline; its first event is {@code
   * channelActive}. Nothing may be written to the channel before {@link #answer}. Called at most
   * once.
   */
  void begin(ChannelHandler initializer);

  /**
   * Says yes; what is written to the channel follows it. Called at most once, and before or after
   * {@link #begin}, without which nothing is read.
   *
   * @param response without an error
   * @return when the response has left
   */
  Future<Void> answer(ConnectResponse response);

  /** {@link #answer}, and then {@link #begin}. */
  default Future<Void> accept(ConnectResponse response, ChannelHandler initializer) {
    var left = answer(response);
    begin(initializer);
    return left;
  }

  /**
   * Says no, and ends the stream.
   *
   * @param response with an error; over HTTP/2 it becomes a 502 without the text ([T] 3.4)
   */
  void refuse(ConnectResponse response);

  /** Ends the stream with a reset: what was accepted came to a bad end. */
  void reset();
}
