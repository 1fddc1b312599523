package io.vpc4j.tunnel.carrier.quic;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.net.DatagramPieces;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Segmentation offload: many packets of one size and destination are handed to the system as one
 * piece, which parts them as late as it can. Linux, {@code UDP_SEGMENT} of udp(7).
 *
 * <p>That the system knows the option does not say that every way takes it: an interface without
 * checksum offload answers {@code EIO}, one whose packets are smaller {@code EINVAL} or {@code
 * EMSGSIZE} ({@link DatagramPieces}). Then the same packets leave one by one, at once, and so do
 * all later ones of that connection; nothing is lost. {@link #PROPERTY} switches it off for the
 * process.
 *
 * <p>What comes in is not put together ({@code UDP_GRO}): the library reads many packets at a time,
 * and then does not learn where one in a piece ends.
 *
 * <p>The first handler of a UDP socket, where {@link #isAvailable}; nowhere else is this class
 * linked, since it needs epoll's. On the socket's loop.
 */
final class Segmentation extends ChannelOutboundHandlerAdapter {

  /** A system property: {@code false} switches segmentation offload off. Default: {@code true}. */
  static final String PROPERTY = "io.vpc4j.tunnel.quic.segmentation";

  /** Its name in the pipeline. */
  static final String NAME = "segmentation";

  /** Packets in one piece: of {@link QuicParameters#MAX_SEND_OCTETS}, less than 64 KiB together. */
  static final int MAX_SEGMENTS = 32;

  private static final Logger LOG = LoggerFactory.getLogger(Segmentation.class);

  /** Whether this system has it, and nobody has switched it off. Needs epoll. */
  static boolean isAvailable() {
    return EpollDatagramChannel.isSegmentedDatagramPacketSupported()
        && Boolean.parseBoolean(System.getProperty(PROPERTY, "true"));
  }

  /** Has the packets of {@code quic} put together, from now on. */
  static void begin(QuicChannel quic) {
    use(quic, new OfConnection(cause -> end(quic, cause)));
  }

  private static void end(QuicChannel quic, Throwable cause) {
    LOG.info("{}: packets leave one by one: {}", quic.remoteSocketAddress(), cause.toString());
    use(quic, SegmentedDatagramPacketAllocator.NONE);
  }

  private static void use(QuicChannel quic, SegmentedDatagramPacketAllocator allocator) {
    quic.config().setOption(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, allocator);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (!(message instanceof Packets packets)) {
      context.write(message, promise);
      return;
    }
    packets.retain(); // in case it comes back
    context.write(packets).addListener(written -> written(context, packets, written, promise));
  }

  private static void written(
      ChannelHandlerContext context, Packets packets, Future<?> written, ChannelPromise promise) {
    try {
      if (written.isSuccess()) {
        promise.trySuccess();
      } else if (DatagramPieces.isRefusal(written.cause())) {
        packets.owner.refused(written.cause());
        DatagramPieces.part(
            packets.content(),
            packets.segmentSize(),
            one -> context.write(new DatagramPacket(one, packets.recipient())));
        context.flush();
        promise.trySuccess();
      } else {
        promise.tryFailure(written.cause());
      }
    } finally {
      packets.release();
    }
  }

  /** Puts the packets of one connection together. */
  static final class OfConnection implements SegmentedDatagramPacketAllocator {
    private final Consumer<Throwable> onRefused;
    private boolean refused;

    /**
     * For one connection.
     *
     * @param onRefused called once, when the system has refused a piece, with its reason; may come
     *     from within a write
     */
    OfConnection(Consumer<Throwable> onRefused) {
      this.onRefused = onRefused;
    }

    @Override
    public int maxNumSegments() {
      return MAX_SEGMENTS; // never another: the library compares with it while it collects
    }

    @Override
    public DatagramPacket newPacket(ByteBuf content, int segmentSize, InetSocketAddress remote) {
      return new Packets(content, segmentSize, remote, this);
    }

    private void refused(Throwable cause) {
      if (!refused) {
        refused = true;
        onRefused.accept(cause);
      }
    }
  }

  /** Packets in one piece, which know whose they are. */
  private static final class Packets extends SegmentedDatagramPacket {
    private final OfConnection owner;

    Packets(ByteBuf content, int segmentSize, InetSocketAddress remote, OfConnection owner) {
      super(content, segmentSize, remote);
      this.owner = owner;
    }
  }
}
