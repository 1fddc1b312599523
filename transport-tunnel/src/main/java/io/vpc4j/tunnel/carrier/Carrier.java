package io.vpc4j.tunnel.carrier;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.directory.EdgeSettings.Protocol;
import java.net.InetSocketAddress;
import java.util.OptionalLong;

/**
 * One connection between a connector and the edge, after its handshake.
 *
 * <p>All methods may be called from any thread and never block. Every event of a carrier, its
 * listener's calls and its streams' events included, comes on {@link #eventLoop}.
 */
public interface Carrier {

  /** What it speaks. */
  Protocol protocol();

  /** Our end. */
  InetSocketAddress localAddress();

  /** The other end. */
  InetSocketAddress remoteAddress();

  /** Where all its events come. */
  EventLoop eventLoop();

  /** Whether datagrams travel: both ends offer them. Never over HTTP/2. */
  boolean carriesDatagrams();

  /**
   * The largest datagram that travels now, in octets; 0 where none do. On the loop. It grows in the
   * first moments of a connection, as the path is found to carry larger packets, and may shrink.
   */
  int maxDatagramOctets();

  /** Streams of requests that are open now. */
  int openStreams();

  /** Octets of stream content and of datagrams received, since the start. */
  long octetsIn();

  /** Octets of stream content and of datagrams sent, since the start. */
  long octetsOut();

  /** The round-trip time last measured, in nanoseconds; empty before the first. */
  OptionalLong rttNs();

  /** Whether it is neither closed nor closing. */
  boolean isOpen();

  /** Succeeds when the connection is closed, for whatever reason; never fails. */
  Future<Void> closeFuture();

  /**
   * Closes the connection: QUIC with application code 0 and {@code reason}, HTTP/2 with GOAWAY and
   * the end of the TCP connection. Streams that are open end with an exception, then {@code
   * channelInactive}. Closing a closed one does nothing.
   *
   * @param reason a few words for the peer and the log
   */
  void close(String reason);
}
