package io.vpc4j.mesh.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.vpc4j.core.net.EventLoops;
import io.vpc4j.testkit.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SegmentedWriterTest {

  private static final int PATIENCE_SECONDS = 60;
  private static final int EIO = -5;
  private static final int ENETUNREACH = -101;
  private static final ByteBufAllocator ALLOCATOR = ByteBufAllocator.DEFAULT;
  private static final InetSocketAddress ONE = at(1);
  private static final InetSocketAddress TWO = at(2);

  private static InetSocketAddress at(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** Octets that say which datagram they are. */
  private static byte[] datagram(int number, int length) {
    var octets = new byte[length];
    for (var i = 0; i < length; i++) {
      octets[i] = (byte) (number * 31 + i);
    }
    return octets;
  }

  /**
   * An error of the system has the system's words: the library of epoll is loaded before one is
   * made.
   */
  @BeforeEach
  void needsEpoll() {
    assumeThat(Epoll.isAvailable()).as("pieces need epoll, and it is not to be had here").isTrue();
  }

  // ---- what is gathered

  /** Every piece, cut as the kernel would: the datagrams that were written, in order, per peer. */
  @Test
  void piecesHoldWhatWasWrittenInOrder() {
    Seeds.forEach(
        5,
        200,
        random -> {
          var kernel = new Kernel();
          var channel = new EmbeddedChannel(kernel);
          var writer = new SegmentedWriter(channel, ALLOCATOR, 8);
          var expected = new ArrayList<String>();
          for (var number = 0; number < 100; number++) {
            var to = random.nextInt(6) == 0 ? TWO : ONE;
            var octets = datagram(number, length(random));
            writer.write(ByteBuffer.wrap(octets), to);
            expected.add(Kernel.line(to, octets));
            if (random.nextInt(20) == 0) {
              writer.end();
              channel.flush();
            }
          }
          writer.end();
          channel.flush();

          assertThat(kernel.sent).isEqualTo(expected);
          assertThat(writer.pieces()).isPositive();
          assertThat(kernel.longestPiece).isBetween(2, 8);
          channel.finishAndReleaseAll();
        });
  }

  private static int length(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> 1 + random.nextInt(100);
      case 1 -> 30_000 + random.nextInt(10_000);
      case 2 -> 65_001 + random.nextInt(100);
      default -> 1_452;
    };
  }

  /** Cuts pieces as udp(7) says, or refuses them. */
  private static final class Kernel extends ChannelOutboundHandlerAdapter {
    private final List<String> sent = new ArrayList<>();
    private int longestPiece;
    private int refusal;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      var packet = (DatagramPacket) message;
      try {
        var octets = ByteBufUtil.getBytes(packet.content());
        var segment = octets.length;
        if (packet instanceof SegmentedDatagramPacket piece) {
          if (refusal != 0) {
            promise.setFailure(new NativeIoException("sendmmsg", refusal));
            return;
          }
          segment = piece.segmentSize();
          longestPiece = Math.max(longestPiece, (octets.length + segment - 1) / segment);
        }
        for (var from = 0; from < octets.length; from += segment) {
          var length = Math.min(segment, octets.length - from);
          var one = new byte[length];
          System.arraycopy(octets, from, one, 0, length);
          sent.add(line(packet.recipient(), one));
        }
        promise.trySuccess();
      } finally {
        ReferenceCountUtil.release(message);
      }
    }

    static String line(InetSocketAddress to, byte[] octets) {
      return to.getPort() + " " + octets.length + " " + Arrays.hashCode(octets);
    }
  }

  // ---- what is refused

  @Test
  void whatAKernelRefusesInAPieceGoesOneByOneAndSoDoesWhatFollows() {
    var kernel = new Kernel();
    kernel.refusal = EIO;
    var channel = new EmbeddedChannel(kernel);
    var writer = new SegmentedWriter(channel, ALLOCATOR, SegmentedWriter.MAX_SEGMENTS);
    var expected = new ArrayList<String>();
    for (var number = 0; number < 100; number++) {
      var octets = datagram(number, number % 10 == 9 ? 40 : 1_452);
      writer.write(ByteBuffer.wrap(octets), ONE);
      expected.add(Kernel.line(ONE, octets));
      if (number == 49) {
        assertThat(writer.refused()).isTrue();
      }
    }
    writer.end();
    channel.flush();

    assertThat(kernel.sent).isEqualTo(expected);
    assertThat(writer.pieces()).as("tried").isEqualTo(1);
    channel.finishAndReleaseAll();
  }

  /** As with a datagram that is sent alone: it is lost, and others may not be. */
  @Test
  void aPeerThatCannotBeReachedIsNoRefusal() {
    var kernel = new Kernel();
    kernel.refusal = ENETUNREACH;
    var channel = new EmbeddedChannel(kernel);
    var writer = new SegmentedWriter(channel, ALLOCATOR, SegmentedWriter.MAX_SEGMENTS);
    IntStream.range(0, 3).forEach(i -> writer.write(ByteBuffer.wrap(datagram(i, 100)), ONE));
    writer.end();

    assertThat(writer.refused()).isFalse();
    assertThat(kernel.sent).isEmpty();

    kernel.refusal = 0;
    IntStream.range(0, 3).forEach(i -> writer.write(ByteBuffer.wrap(datagram(i, 100)), ONE));
    writer.end();
    assertThat(kernel.sent).hasSize(3);
    channel.finishAndReleaseAll();
  }

  // ---- a real kernel

  /** No kernel takes that many in a piece, whatever its interfaces do. */
  @Test
  void aRealKernelThatRefusesLosesNothing() throws Exception {
    var writer = overLoopback(200, 4_096);

    assertThat(writer.refused()).isTrue();
    assertThat(writer.pieces()).isEqualTo(1);
  }

  @Test
  void aRealKernelCutsPieces() throws Exception {
    var writer = overLoopback(200, SegmentedWriter.MAX_SEGMENTS);

    assertThat(writer.refused()).isFalse();
    assertThat(writer.pieces()).isEqualTo(4);
  }

  /** Sends so many small datagrams to a socket, asserts that each came, and one more after them. */
  private static SegmentedWriter overLoopback(int count, int maxSegments) throws Exception {
    assumeThat(
            EventLoops.best() == EventLoops.Io.EPOLL
                && EpollDatagramChannel.isSegmentedDatagramPacketSupported())
        .as("NOT RUN: pieces of datagrams need epoll, and a Linux that cuts them")
        .isTrue();
    try (var loops = EventLoops.open(EventLoops.Io.EPOLL, 1)) {
      var came = new LinkedBlockingQueue<String>();
      var taking = bind(loops, new Taking(came));
      var to = at(((InetSocketAddress) taking.localAddress()).getPort());
      var sending = bind(loops, new ChannelInboundHandlerAdapter());
      var writer = new SegmentedWriter(sending, ALLOCATOR, maxSegments);
      var expected = new ArrayList<String>();
      for (var number = 0; number < count; number++) {
        expected.add(Kernel.line(to, datagram(number, 10)));
      }
      sending
          .eventLoop()
          .submit(
              () -> {
                for (var number = 0; number < count; number++) {
                  writer.write(ByteBuffer.wrap(datagram(number, 10)), to);
                }
                writer.end();
                sending.flush();
              })
          .sync();
      for (var line : expected) {
        assertThat(came.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(line);
      }
      sending.close().sync();
      taking.close().sync();
      return writer;
    }
  }

  private static Channel bind(EventLoops loops, ChannelInboundHandlerAdapter handler)
      throws InterruptedException {
    return new Bootstrap()
        .group(loops.group())
        .channelFactory(loops.datagramChannels())
        .handler(handler)
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .sync()
        .channel();
  }

  private static final class Taking extends ChannelInboundHandlerAdapter {
    private final LinkedBlockingQueue<String> came;

    Taking(LinkedBlockingQueue<String> came) {
      this.came = came;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var packet = (DatagramPacket) message;
      var local = (InetSocketAddress) context.channel().localAddress();
      came.add(Kernel.line(at(local.getPort()), ByteBufUtil.getBytes(packet.content())));
      packet.release();
    }
  }
}
