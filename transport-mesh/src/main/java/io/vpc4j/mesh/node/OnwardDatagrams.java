package io.vpc4j.mesh.node;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.vpc4j.core.net.EventLoops;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What ordinary UDP sockets of Netty's must be told to carry every datagram, the longest and the
 * empty one.
 *
 * <p>Unless told otherwise they cut what is longer than 2,048 octets, and drop empty ones both
 * ways. With NIO an empty one is received and not sent: the JDK sends none from a connected
 * channel.
 */
final class OnwardDatagrams {

  private static final Logger LOG = LoggerFactory.getLogger(OnwardDatagrams.class);

  private static final int MAX_DATAGRAM_OCTETS = 65_535;

  /** That one call receives: with fewer than 2, Netty takes an empty one for nothing. */
  private static final int BATCH = 4;

  private OnwardDatagrams() {}

  /** Sets what is needed to receive every datagram. */
  static Bootstrap receivingAll(Bootstrap bootstrap, EventLoops loops) {
    return loops.io() == EventLoops.Io.EPOLL
        ? Epolls.receivingAll(bootstrap)
        : bootstrap.option(
            ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM_OCTETS));
  }

  /** Sends an empty datagram from a connected channel, as UDP does: or loses it. */
  static void sendEmpty(Channel onward, EventLoops loops) {
    if (loops.io() != EventLoops.Io.EPOLL || !onward.isActive()) {
      return;
    }
    try {
      Epolls.sendEmpty(onward);
    } catch (IOException e) {
      LOG.debug("An empty datagram to {}: {}", onward.remoteAddress(), e.toString());
    }
  }

  /** Apart, so that nothing of epoll is linked where it is absent. */
  private static final class Epolls {
    private static final ByteBuffer EMPTY = ByteBuffer.allocateDirect(1);

    static Bootstrap receivingAll(Bootstrap bootstrap) {
      return bootstrap
          .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MAX_DATAGRAM_OCTETS)
          .option(
              ChannelOption.RECVBUF_ALLOCATOR,
              new FixedRecvByteBufAllocator(BATCH * MAX_DATAGRAM_OCTETS));
    }

    static void sendEmpty(Channel onward) throws IOException {
      if (onward instanceof UnixChannel channel && channel.fd() instanceof Socket socket) {
        socket.send(EMPTY, 0, 0);
      }
    }
  }
}
