package io.vpc4j.mesh.link;

import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.vpc4j.core.net.SocketReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a socket of epoll without an object for a datagram: {@link DatagramBatch}. Where it cannot,
 * the channel reads, as it would without this.
 *
 * <p>A call is one turn: what one call receives, which is bounded, is given to the link; epoll says
 * it again if there is more.
 *
 * <p>On the channel's loop; so the socket is closed before a call or after it, but for what the
 * link does with a datagram, and then the rest is dropped.
 */
final class BatchReader implements SocketReader {

  private static final Logger LOG = LoggerFactory.getLogger(BatchReader.class);

  /** Datagrams that one call receives where each has a place of its own. */
  static final int BATCH = 64;

  /** What a piece may hold: what an IP packet may. */
  private static final int MAX_PIECE_OCTETS = 65_535;

  // errno(3), on both architectures
  private static final int EPERM = 1;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final int EFAULT = 14;
  private static final int EINVAL = 22;
  private static final int ENOSYS = 38;

  /** What the call itself says, and will say again: a filter of system calls, for one. */
  private static final Set<Integer> REFUSALS = Set.of(EPERM, EFAULT, EINVAL, ENOSYS);

  private final EpollDatagramChannel channel;
  private final UdpLink link;
  private final int maxDatagramOctets;
  private final boolean pieces;
  private @Nullable DatagramBatch batch;
  private int most = BATCH;
  private boolean refused;
  private boolean reading;

  /** Reads for {@code link}, as that has it; made before the channel is registered. */
  BatchReader(EpollDatagramChannel channel, UdpLink link, int maxDatagramOctets) {
    this.channel = channel;
    this.link = link;
    this.maxDatagramOctets = maxDatagramOctets;
    pieces = link.datagramReader() == DatagramReader.PIECES && receivesPieces(channel, true);
    channel.closeFuture().addListener(closed -> onClosed());
  }

  private static boolean receivesPieces(EpollDatagramChannel channel, boolean whole) {
    try {
      channel.config().setUdpGro(whole);
      return true;
    } catch (ChannelException e) {
      LOG.debug("Datagrams come one by one: {}", e.toString());
      return false;
    }
  }

  @Override
  public boolean onReadable() {
    var room = room();
    if (room == null) {
      return false;
    }
    var received = room.receive(channel.fd().intValue(), most);
    if (received <= 0) {
      return onError(-received);
    }
    reading = true;
    var datagrams = 0;
    for (var message = 0; message < received && channel.isOpen(); message++) {
      datagrams += take(room, message);
    }
    reading = false;
    if (channel.isOpen()) {
      // As many datagrams as without pieces, more or less: others have their turn.
      most = Math.max(1, Math.min(BATCH, BATCH * received / Math.max(1, datagrams)));
      end();
    } else {
      onClosed();
    }
    return true;
  }

  private void end() {
    try {
      link.onBatchEnd();
    } catch (RuntimeException | Error e) {
      channel.pipeline().fireExceptionCaught(e);
    }
  }

  private @Nullable DatagramBatch room() {
    if (batch == null && !refused) {
      try {
        batch = new DatagramBatch(BATCH, pieces ? MAX_PIECE_OCTETS : maxDatagramOctets);
      } catch (UnsupportedOperationException | OutOfMemoryError e) {
        refuse(e.toString());
      }
    }
    return batch;
  }

  /** Gives the link what came in one place; how many datagrams. */
  private int take(DatagramBatch room, int message) {
    var sender = room.sender(message);
    var at = room.startOf(message);
    var end = at + room.lengthOf(message);
    var each = room.datagramOctets(message);
    if (room.isCut(message) || sender == null) {
      link.onCut();
      return 1;
    }
    if (end - at > each) {
      link.onPiece();
    }
    var datagrams = 0;
    do {
      var octets = Math.min(each, end - at);
      give(room, at, octets, sender);
      at += octets;
      datagrams++;
    } while (at < end && channel.isOpen());
    return datagrams;
  }

  /** What fails is told as when the channel reads, and the next datagram is given all the same. */
  private void give(DatagramBatch room, int at, int octets, InetSocketAddress sender) {
    try {
      link.onDatagram(room.octets(), at, octets, sender);
    } catch (RuntimeException | Error e) {
      channel.pipeline().fireExceptionCaught(e);
    }
  }

  /** An error that a socket tells once, as ICMP brings it, is told and goes. */
  private boolean onError(int errno) {
    if (REFUSALS.contains(errno)) {
      refuse("recvmmsg: error " + errno);
      return false;
    }
    if (errno != EAGAIN && errno != EINTR && errno != 0) {
      channel.pipeline().fireExceptionCaught(new IOException("recvmmsg: error " + errno));
    }
    return true;
  }

  private void refuse(String why) {
    refused = true;
    LOG.info("Datagrams are read by Netty from here on: {}", why);
    if (pieces) {
      receivesPieces(channel, false);
    }
    onClosed();
  }

  /** While datagrams are being given to the link, their memory stays. */
  private void onClosed() {
    if (batch != null && !reading) {
      batch.close();
      batch = null;
    }
  }
}
