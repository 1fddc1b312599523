package io.vpc4j.tunnel.carrier.quic;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicCongestionControlAlgorithm;
import io.vpc4j.tunnel.carrier.Windows;
import java.util.concurrent.TimeUnit;

/**
 * The transport parameters, the same at both ends, and the options of the UDP socket.
 *
 * <p><b>Windows.</b> A stream begins with {@link Windows#STREAM_INITIAL_OCTETS}. The library
 * doubles a window whenever two updates of it come within two round trips, so the window of a
 * stream that is read as fast as it comes settles at four to eight times what the stream moves in a
 * round trip, at most 16 MiB; neither the rule nor the limit can be set. A stream whose reader has
 * stood still from the start holds its initial window and no more. The connection's own limit is
 * {@link #CONNECTION_OCTETS}, which is none: the library returns its credit only when octets are
 * read, so any limit would let readers that stand still starve the others.
 */
final class QuicParameters {

  /** The one protocol there is. [C] 1.2 */
  static final String ALPN = "argotunnel";

  /** A packet at most, which every path carries that carries cloudflared's own. [C] 4.1 */
  static final int MAX_SEND_OCTETS = 1452;

  /** The same for what is received. */
  static final int MAX_RECEIVE_OCTETS = 1452;

  /** No limit, see above. RFC 9000 16: at most 2^62 - 1. */
  static final long CONNECTION_OCTETS = 1L << 60;

  /** Streams that a connector may have open towards the edge. [C] 4.1 wants 100 or more. */
  static final int STREAMS_OF_CONNECTOR = 128;

  /** Streams that an edge may have open towards the connector. */
  static final int STREAMS_OF_EDGE = QuicCarrier.MAX_STREAMS;

  /** RFC 9000 10.1; with the smaller of both ends. [C] 4.1 */
  static final long IDLE_MS = 5_000;

  /** Datagrams in the library's queues, each way. */
  static final int DATAGRAMS = 1024;

  /** How long a stream that the peer has opened may take to say what it is. */
  static final long OPENING_NS = TimeUnit.SECONDS.toNanos(5);

  /**
   * What the socket's buffers are asked to hold: 6 ms at 1.3 Gbit/s. A sender fills what there is,
   * and whatever comes behind waits: with four times as much a round trip under load took five
   * times as long and moved no more. The system may give less ({@code net.core.rmem_max}).
   */
  static final int SOCKET_BUFFER_OCTETS = 1 << 20;

  /**
   * Packets of a batch ({@link BatchHandler}), which one system call reads where it can read
   * several. What a batch brings a stream goes to its origin in one write, and that write is what a
   * connector that takes in uploads does most: of 16 packets shared by four streams it is as much
   * work as of 64.
   */
  private static final int PACKETS_A_BATCH = 64;

  private static final int PACKET_BUFFER_OCTETS = 2048;

  private QuicParameters() {}

  /** Sets the parameters of {@code codec}. */
  static <B extends QuicCodecBuilder<B>> B apply(B codec, int streamsOfPeer) {
    return codec
        .maxIdleTimeout(IDLE_MS, TimeUnit.MILLISECONDS)
        .maxSendUdpPayloadSize(MAX_SEND_OCTETS)
        .maxRecvUdpPayloadSize(MAX_RECEIVE_OCTETS)
        .discoverPmtu(true)
        .initialMaxData(CONNECTION_OCTETS)
        .initialMaxStreamDataBidirectionalLocal(Windows.STREAM_INITIAL_OCTETS)
        .initialMaxStreamDataBidirectionalRemote(Windows.STREAM_INITIAL_OCTETS)
        .initialMaxStreamsBidirectional(streamsOfPeer)
        .initialMaxStreamsUnidirectional(0)
        .activeMigration(false)
        .congestionControlAlgorithm(QuicCongestionControlAlgorithm.CUBIC)
        .datagram(DATAGRAMS, DATAGRAMS);
  }

  /** Adds what stands before all else in the pipeline of a UDP socket. */
  static void initSocket(Channel socket, boolean epoll) {
    if (epoll) {
      EpollSocket.init(socket);
    }
  }

  /** Sets the options of a UDP socket. */
  static void applySocket(Bootstrap socket, boolean epoll) {
    socket
        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_OCTETS)
        .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_OCTETS)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1 << 20, 2 << 20));
    if (epoll) {
      EpollSocket.apply(socket);
    } else {
      socket.option(
          ChannelOption.RECVBUF_ALLOCATOR,
          new FixedRecvByteBufAllocator(PACKET_BUFFER_OCTETS).maxMessagesPerRead(PACKETS_A_BATCH));
    }
  }

  /** Apart, so that nothing of epoll is linked where it is absent. */
  private static final class EpollSocket {
    static void apply(Bootstrap socket) {
      socket
          .option(
              ChannelOption.RECVBUF_ALLOCATOR,
              new FixedRecvByteBufAllocator(PACKETS_A_BATCH * PACKET_BUFFER_OCTETS)
                  .maxMessagesPerRead(PACKETS_A_BATCH))
          .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, PACKET_BUFFER_OCTETS);
    }

    static void init(Channel socket) {
      if (Segmentation.isAvailable()) {
        socket.pipeline().addFirst(Segmentation.NAME, new Segmentation());
      }
    }
  }
}
