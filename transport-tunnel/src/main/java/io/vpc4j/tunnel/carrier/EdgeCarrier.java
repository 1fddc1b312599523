package io.vpc4j.tunnel.carrier;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.Future;
import io.vpc4j.tunnel.stream.ConnectRequest;

/**
 * A carrier as the edge has it: it opens streams, the connector answers.
 *
 * <p><b>Stream channels.</b> Their octets are {@link ByteBuf}s, both ways. Writability and
 * auto-read carry back-pressure to the connector's origin; a reader that stands still holds at most
 * its window ({@link Windows}). The connector's end of stream is {@code channelInactive}, after all
 * that came before it has been read; its reset is {@code exceptionCaught}, then {@code
 * channelInactive}. {@link Trailers} come as a user event before the end. To end the output alone,
 * which is right for the body of a request of type HTTP and for nothing else ([T] 4.5), write
 * {@link LastOctets}. {@code close} ends the output behind what was written, which goes on its way
 * while the channel is closed at once, as with a socket ({@link Windows#STALLED_NS}).
 */
public interface EdgeCarrier extends Carrier {

  /**
   * Opens a stream and waits for the connector's answer.
   *
   * <p>On success {@code initializer} has been added to the channel's pipeline, and the channel's
   * first event was {@code channelActive}, on the carrier's loop. Cancelling the future gives the
   * request up and leaves nothing behind.
   *
   * @param initializer used for one channel only; not added if the future fails
   * @param deadlineNs when the answer must be there, on the carrier's ticker
   * @return fails with {@link StreamFailure}, which says whether another carrier may be tried
   */
  Future<OpenStream> open(ConnectRequest request, ChannelHandler initializer, long deadlineNs);

  /**
   * Opens a stream whose content may go out before the answer is there: a request of type HTTP with
   * a body.
   *
   * <p>On success the request has left and the channel is active, as after {@link #open}. The first
   * message that is read from it is the {@link io.vpc4j.tunnel.stream.ConnectResponse}, with or
   * without an error; then come octets. If there is no answer, {@code exceptionCaught} has a {@link
   * StreamFailure}. Whoever wants an answer by a deadline closes the channel at it.
   *
   * @param initializer used for one channel only; not added if the future fails
   * @return fails with {@link StreamFailure}
   */
  Future<Channel> exchange(ConnectRequest request, ChannelHandler initializer);

  /**
   * Opens a stream for calls to the connector, its signature already written. The connector closes
   * it 5 s later, whatever happens ([T] 4.6).
   *
   * @param initializer added before the first event
   * @return fails with {@link StreamFailure}; always so over HTTP/2, which has no such streams
   */
  Future<Channel> openRpc(ChannelHandler initializer);

  /**
   * Pushes a configuration: a call over QUIC ([T] 4.8), a request over HTTP/2 ([T] 3.6).
   *
   * @param version what the connector compares with the one it has
   * @param json UTF-8; durations within are whole seconds
   * @return fails with {@link StreamFailure} if there was no answer in time
   */
  Future<ConfigurationOutcome> updateConfiguration(int version, byte[] json, long deadlineNs);

  /**
   * Sends a datagram, or drops it: where they do not travel, where it is too long, or where the
   * queue, which is bounded, is full.
   *
   * @param datagram the carrier's to release
   * @return whether it was taken
   */
  boolean sendDatagram(ByteBuf datagram);
}
