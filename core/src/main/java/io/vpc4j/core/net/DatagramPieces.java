package io.vpc4j.core.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.unix.Errors.NativeIoException;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Many datagrams in one piece that the system parts ({@code UDP_SEGMENT} of udp(7), Linux 4.18),
 * and what becomes of a piece that it refuses: the same datagrams, one by one.
 *
 * <p>Needs Netty's epoll; nothing else links this class.
 */
public final class DatagramPieces {

  /** EIO, EINVAL, EMSGSIZE, EOPNOTSUPP, negative as Netty has them. */
  private static final Set<Integer> REFUSALS = Set.of(-5, -22, -90, -95);

  private DatagramPieces() {}

  /**
   * Whether it is the piece that the system has refused, as an interface without checksum offload
   * or one with a smaller MTU does, and not the datagrams in it.
   *
   * @param cause why a write failed; null if it did not
   */
  public static boolean isRefusal(@Nullable Throwable cause) {
    return cause instanceof NativeIoException fault && REFUSALS.contains(fault.expectedErr());
  }

  /**
   * Parts a piece.
   *
   * @param content the datagrams, one behind the other; not released, and its indices stay
   * @param segmentOctets how long each is but the last, which may be shorter; at least 1
   * @param datagram takes each over, in order
   */
  public static void part(ByteBuf content, int segmentOctets, Consumer<ByteBuf> datagram) {
    var end = content.writerIndex();
    for (var at = content.readerIndex(); at < end; at += segmentOctets) {
      datagram.accept(content.retainedSlice(at, Math.min(segmentOctets, end - at)));
    }
  }
}
