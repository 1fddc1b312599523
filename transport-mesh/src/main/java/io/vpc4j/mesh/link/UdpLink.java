package io.vpc4j.mesh.link;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.vpc4j.core.net.EventLoops;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A UDP socket of the operating system. With epoll, many datagrams are received by one call and
 * sent by one call (recvmmsg, sendmmsg), and where the kernel cuts pieces to datagrams, those for
 * one peer are given to it in pieces ({@link SegmentedWriter}); with NIO, one at a time.
 */
public final class UdpLink extends ChannelInboundHandlerAdapter implements DatagramLink {

  private static final Logger LOG = LoggerFactory.getLogger(UdpLink.class);

  /** Datagrams that one call receives. */
  private static final int BATCH = 64;

  private static final int SOCKET_BUFFER_OCTETS = 4 << 20; // as much of it as the system grants
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(256 << 10, 1 << 20);

  private final ByteBufAllocator allocator;
  private final DatagramReader datagramReader;
  private final ByteBuffer datagram;
  private @Nullable Channel channel;
  private @Nullable SegmentedWriter segments;
  private @Nullable Receiver receiver;
  private long truncated;
  private long pieces;

  private UdpLink(
      ByteBufAllocator allocator, int maxDatagramOctets, DatagramReader datagramReader) {
    this.allocator = allocator;
    this.datagramReader = datagramReader;
    datagram = ByteBuffer.allocate(maxDatagramOctets);
  }

  /** A link, and when it is bound. */
  public record Binding(UdpLink link, ChannelFuture bound) {}

  /**
   * Binds a socket on every address.
   *
   * @param loop one of {@code loops}; everything happens on it
   * @param port 0 for any
   * @param maxDatagramOctets longer ones are dropped
   */
  public static Binding bind(
      EventLoops loops,
      EventLoop loop,
      int port,
      int maxDatagramOctets,
      ByteBufAllocator allocator) {
    var reader = DatagramReader.best(loops.io());
    return bind(loops, loop, port, maxDatagramOctets, allocator, reader);
  }

  /**
   * As above, with that reader.
   *
   * @param reader one that there is with these loops
   */
  static Binding bind(
      EventLoops loops,
      EventLoop loop,
      int port,
      int maxDatagramOctets,
      ByteBufAllocator allocator,
      DatagramReader reader) {
    var link = new UdpLink(allocator, maxDatagramOctets, reader);
    var bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(
                reader == DatagramReader.NETTY
                    ? loops.datagramChannels()
                    : Epolls.readBy(loops, link, maxDatagramOctets))
            .option(ChannelOption.ALLOCATOR, allocator)
            .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_OCTETS)
            .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_OCTETS)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .option(ChannelOption.MAX_MESSAGES_PER_WRITE, Integer.MAX_VALUE)
            .handler(link);
    if (loops.io() == EventLoops.Io.EPOLL) {
      Epolls.batches(bootstrap, maxDatagramOctets);
    } else {
      bootstrap.option(
          ChannelOption.RECVBUF_ALLOCATOR,
          new FixedRecvByteBufAllocator(maxDatagramOctets + 1).maxMessagesPerRead(BATCH));
    }
    var bound = bootstrap.bind(port);
    link.channel = bound.channel();
    if (loops.io() == EventLoops.Io.EPOLL) {
      link.segments = Epolls.segments(bound.channel(), allocator);
    }
    return new Binding(link, bound);
  }

  /** Apart, so that nothing of epoll is linked where it is absent. */
  private static final class Epolls {
    static void batches(Bootstrap bootstrap, int maxDatagramOctets) {
      // A buffer for a batch: Netty cuts it into places of the size of a datagram, for recvmmsg.
      // An octet more, to tell one that is too long.
      var octets = maxDatagramOctets + 1;
      bootstrap
          .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, octets)
          .option(
              ChannelOption.RECVBUF_ALLOCATOR,
              new FixedRecvByteBufAllocator(octets * BATCH).maxMessagesPerRead(BATCH));
    }

    static ChannelFactory<? extends Channel> readBy(
        EventLoops loops, UdpLink link, int maxDatagramOctets) {
      return loops.datagramChannels(
          made -> new BatchReader((EpollDatagramChannel) made, link, maxDatagramOctets));
    }

    static @Nullable SegmentedWriter segments(Channel channel, ByteBufAllocator allocator) {
      return EpollDatagramChannel.isSegmentedDatagramPacketSupported()
          ? new SegmentedWriter(channel, allocator, SegmentedWriter.MAX_SEGMENTS)
          : null;
    }
  }

  // ---- as a link -------------------------------------------------------------------------------

  @Override
  public void receiver(Receiver newReceiver) {
    receiver = newReceiver;
  }

  @Override
  public void write(ByteBuffer octets, InetSocketAddress to) {
    var open = channel;
    if (open == null) {
      return;
    }
    var gathering = segments;
    if (gathering != null) {
      gathering.write(octets, to);
      return;
    }
    var copy = allocator.directBuffer(octets.remaining());
    copy.writeBytes(octets.array(), octets.arrayOffset() + octets.position(), octets.remaining());
    open.write(new DatagramPacket(copy, to), open.voidPromise());
  }

  @Override
  public void flush() {
    if (segments != null) {
      segments.end();
    }
    if (channel != null) {
      channel.flush();
    }
  }

  @Override
  public boolean writable() {
    return channel == null || channel.isWritable();
  }

  @Override
  public int localPort() {
    return channel != null && channel.localAddress() instanceof InetSocketAddress local
        ? local.getPort()
        : 0;
  }

  @Override
  public void close() {
    if (channel != null) {
      channel.close();
    }
  }

  /** Datagrams that were too long. */
  public long truncated() {
    return truncated;
  }

  /** Pieces of several datagrams that came whole. */
  public long pieces() {
    return pieces;
  }

  /** Who reads the socket. */
  public DatagramReader datagramReader() {
    return datagramReader;
  }

  // ---- what a reader of the socket has for us ---------------------------------------------------

  /**
   * A datagram.
   *
   * @param memory holds it from {@code at} on, and is left as it is
   */
  void onDatagram(ByteBuffer memory, int at, int octets, InetSocketAddress from) {
    if (octets > datagram.capacity()) {
      truncated++;
      return;
    }
    datagram.clear().limit(octets);
    memory.get(at, datagram.array(), 0, octets);
    if (receiver != null) {
      receiver.onDatagram(datagram, from);
    }
  }

  /** Several datagrams that came in one piece, each of which is given. */
  void onPiece() {
    pieces++;
  }

  /** A datagram that was too long. */
  void onCut() {
    truncated++;
  }

  /** All that was read is given. */
  void onBatchEnd() {
    if (receiver != null) {
      receiver.onBatchEnd();
    }
  }

  // ---- as a handler ----------------------------------------------------------------------------

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    var packet = (DatagramPacket) message;
    try {
      var content = packet.content();
      if (content.readableBytes() > datagram.capacity()) {
        truncated++;
        return;
      }
      datagram.clear().limit(content.readableBytes());
      content.getBytes(content.readerIndex(), datagram.array(), 0, content.readableBytes());
      if (receiver != null) {
        receiver.onDatagram(datagram, packet.sender());
      }
    } finally {
      packet.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    onBatchEnd();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (receiver != null && context.channel().isWritable()) {
      receiver.onWritable();
    }
  }

  /** An address that cannot be reached from here is no reason to stop: peers come and go. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("UDP port {}: {}", localPort(), cause.toString());
    } else {
      LOG.error("A datagram made the mesh's loop fail. This is a bug of vpc4j.", cause);
    }
  }
}
