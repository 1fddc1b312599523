package io.vpc4j.tunnel.carrier.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentationTest {

  private static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 7844);
  private static final int SEGMENT_OCTETS = 1_000;

  private final List<Throwable> refusals = new ArrayList<>();
  private final Segmentation.OfConnection connection = new Segmentation.OfConnection(refusals::add);

  @BeforeEach
  void needsEpoll() {
    assumeTrue(
        Epoll.isAvailable(), "segmentation offload is Linux's, and epoll is not to be had here");
  }

  private DatagramPacket piece(int octets) {
    var content = Unpooled.directBuffer(octets);
    for (var i = 0; i < octets; i++) {
      content.writeByte(i * 31 + i / 256);
    }
    return connection.newPacket(content, SEGMENT_OCTETS, PEER);
  }

  @Test
  void aPieceThatTheSystemTakesLeavesWhole() {
    var socket = new EmbeddedChannel(new Segmentation());
    var piece = piece(2_500);

    var written = socket.writeOneOutbound(piece);
    socket.flushOutbound();

    assertThat(written.isSuccess()).isTrue();
    SegmentedDatagramPacket left = socket.readOutbound();
    assertThat(left.segmentSize()).isEqualTo(SEGMENT_OCTETS);
    assertThat(left.content().readableBytes()).isEqualTo(2_500);
    assertThat(left.refCnt()).isEqualTo(1);
    left.release();
    assertThat(refusals).isEmpty();
    assertThat(socket.finish()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 22, 90}) // EIO, EINVAL, EMSGSIZE
  void thePacketsOfAPieceThatIsRefusedLeaveOneByOne(int errno) {
    var socket = new EmbeddedChannel(new Refusing(errno), new Segmentation());
    var piece = piece(2_500);
    var expected = piece.content().copy();

    var written = socket.writeOneOutbound(piece);
    socket.flushOutbound();

    assertThat(written.isSuccess()).isTrue();
    assertThat(piece.refCnt()).isPositive(); // its packets are parts of it
    var octets = Unpooled.buffer();
    for (var length : new int[] {1_000, 1_000, 500}) {
      DatagramPacket packet = socket.readOutbound();
      assertThat(packet).isNotInstanceOf(SegmentedDatagramPacket.class);
      assertThat(packet.recipient()).isEqualTo(PEER);
      assertThat(packet.content().readableBytes()).isEqualTo(length);
      octets.writeBytes(packet.content());
      packet.release();
    }
    assertThat(octets).isEqualTo(expected);
    assertThat(piece.refCnt()).isZero();
    assertThat(refusals).hasSize(1);
    expected.release();
    octets.release();
    assertThat(socket.finish()).isFalse();
  }

  @Test
  void aConnectionHearsOfOneRefusalAlone() {
    var socket = new EmbeddedChannel(new Refusing(5), new Segmentation());

    socket.writeOutbound(piece(2_000), piece(3_000));

    assertThat(refusals).hasSize(1);
    assertThat(socket.outboundMessages()).hasSize(5);
    socket.releaseOutbound();
    assertThat(socket.finish()).isFalse();
  }

  @Test
  void anyOtherFailureIsTheWritersToHear() {
    var socket = new EmbeddedChannel(new Refusing(1), new Segmentation()); // EPERM: a firewall
    var piece = piece(2_000);

    var written = socket.writeOneOutbound(piece);
    socket.flushOutbound();

    assertThat(written.cause()).isInstanceOf(NativeIoException.class);
    assertThat(piece.refCnt()).isZero();
    assertThat(refusals).isEmpty();
    assertThat(socket.finish()).isFalse();
  }

  @Test
  void aPacketOnItsOwnPassesUntouched() {
    var socket = new EmbeddedChannel(new Refusing(5), new Segmentation());
    var packet = new DatagramPacket(Unpooled.directBuffer().writeZero(1_200), PEER);

    socket.writeOutbound(packet);

    assertThat(socket.<DatagramPacket>readOutbound()).isSameAs(packet);
    packet.release();
    assertThat(socket.finish()).isFalse();
  }

  @Test
  void theLargestPieceFitsADatagram() {
    var octets = Segmentation.MAX_SEGMENTS * QuicParameters.MAX_SEND_OCTETS;

    assertThat(octets).isLessThan(65_535 - 40 - 8); // RFC 8200 4.5 and RFC 768: with their heads
    assertThat(connection.maxNumSegments()).isEqualTo(Segmentation.MAX_SEGMENTS);
  }

  /** A socket whose way takes no pieces. */
  private static final class Refusing extends ChannelOutboundHandlerAdapter {
    private final int errno;

    Refusing(int errno) {
      this.errno = errno;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      if (message instanceof SegmentedDatagramPacket) {
        ReferenceCountUtil.release(message);
        promise.setFailure(new NativeIoException("sendmmsg", -errno));
      } else {
        context.write(message, promise);
      }
    }
  }
}
