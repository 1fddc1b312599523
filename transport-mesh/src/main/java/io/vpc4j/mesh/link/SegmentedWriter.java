package io.vpc4j.mesh.link;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.net.DatagramPieces;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gathers datagrams for one address that are equally long, the last perhaps shorter, to a piece
 * that the kernel takes through its layers once and cuts at the end: UDP_SEGMENT, udp(7), Linux
 * 4.18.
 *
 * <p>A kernel may refuse a piece whose datagrams it would send one by one: those that are longer
 * than the way's MTU, for one, it cuts to fragments, and a piece it does not (EINVAL). Then these
 * are sent one by one, and so is all that follows: {@link #refused}. Nothing is lost by that.
 *
 * <p>Confined to the channel's loop.
 */
final class SegmentedWriter {

  private static final Logger LOG = LoggerFactory.getLogger(SegmentedWriter.class);

  /** Datagrams of a piece: UDP_MAX_SEGMENTS of every Linux that has it. */
  static final int MAX_SEGMENTS = 64;

  /** Octets of a piece: what an IP packet holds, less the headers. */
  private static final int MAX_OCTETS = 65_000;

  private final Channel channel;
  private final ByteBufAllocator allocator;
  private final int maxSegments;
  private final byte[] gathered = new byte[MAX_OCTETS];
  private @Nullable InetSocketAddress to;
  private int length;
  private int segmentOctets;
  private int segments;
  private long pieces;
  private boolean refused;

  /**
   * For a channel of epoll.
   *
   * @param maxSegments {@link #MAX_SEGMENTS}; a test gives more than kernels take
   */
  SegmentedWriter(Channel channel, ByteBufAllocator allocator, int maxSegments) {
    this.channel = channel;
    this.allocator = allocator;
    this.maxSegments = maxSegments;
  }

  /** Writes a datagram, from position to limit, which are left; its octets are copied. */
  void write(ByteBuffer datagram, InetSocketAddress address) {
    var octets = datagram.remaining();
    if (length > 0 && !joins(octets, address)) {
      end();
    }
    if (refused || octets > MAX_OCTETS) {
      writeAlone(datagram.array(), datagram.arrayOffset() + datagram.position(), octets, address);
      return;
    }
    if (length == 0) {
      to = address;
      segmentOctets = octets;
    }
    datagram.get(datagram.position(), gathered, length, octets);
    length += octets;
    segments++;
    if (octets < segmentOctets || segments == maxSegments) {
      end();
    }
  }

  private boolean joins(int octets, InetSocketAddress address) {
    return octets <= segmentOctets && length + octets <= MAX_OCTETS && address.equals(to);
  }

  /** What is gathered goes to the channel; to be called before it is flushed. */
  void end() {
    var address = to;
    if (length == 0 || address == null) {
      return;
    }
    if (segments == 1) {
      writeAlone(gathered, 0, length, address);
    } else {
      var content = allocator.directBuffer(length).writeBytes(gathered, 0, length);
      var piece = new SegmentedDatagramPacket(content, segmentOctets, address);
      pieces++;
      channel.write(piece.retain()).addListener(written -> onWritten(written, piece));
    }
    length = 0;
    segments = 0;
  }

  private void writeAlone(byte[] octets, int offset, int count, InetSocketAddress address) {
    var copy = allocator.directBuffer(count).writeBytes(octets, offset, count);
    channel.write(new DatagramPacket(copy, address), channel.voidPromise());
  }

  private void onWritten(Future<?> written, SegmentedDatagramPacket piece) {
    try {
      var cause = written.cause();
      if (DatagramPieces.isRefusal(cause)) {
        if (!refused) {
          refused = true;
          LOG.info("Datagrams are sent one by one from here on: {}", cause.getMessage());
        }
        DatagramPieces.part(
            piece.content(),
            piece.segmentSize(),
            one ->
                channel.write(new DatagramPacket(one, piece.recipient()), channel.voidPromise()));
        channel.flush();
      }
    } finally {
      piece.release();
    }
  }

  /** How many pieces of more than one datagram were written. */
  long pieces() {
    return pieces;
  }

  /** Whether the kernel has refused one. */
  boolean refused() {
    return refused;
  }
}
