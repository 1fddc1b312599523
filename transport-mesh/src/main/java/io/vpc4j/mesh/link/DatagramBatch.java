package io.vpc4j.mesh.link;

import io.vpc4j.mesh.link.NativeCalls.Memory;
import java.lang.invoke.MethodHandle;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Room for datagrams that one call receives, recvmmsg(2), laid out as the C library has it, and
 * used for ever: no object for a datagram, and none for a call.
 *
 * <pre>
 *  a message, struct mmsghdr         its place, struct iovec    its control message, cmsg(3)
 *     0  name, address       8          0  address      8          0  octets = 20   8
 *     8  name, octets        4 + 4      8  octets       8          8  level = 17    4
 *    16  places, address     8                                    12  type = 104    4
 *    24  places              8                                    16  octets of a datagram, 4 + 4
 *    32  control, address    8
 *    40  control, octets     8
 *    48  flags               4 + 4
 *    56  octets received     4 + 4
 * </pre>
 *
 * <p>64 bits and little-endian, glibc and musl alike: where the latter has 4 octets and 4 of
 * padding, the former has 8.
 *
 * <p>What came may be several datagrams of one sender, equally long but the last, in one piece
 * (UDP_GRO, udp(7)): the control message then says how long each is, and is absent else.
 *
 * <p>Belongs to the thread that made it.
 */
final class DatagramBatch implements AutoCloseable {

  private static final int MESSAGE = 64;
  private static final int NAME = 32;
  private static final int PLACE = 16;
  private static final int CONTROL = 32;
  private static final int HEADERS = MESSAGE + PLACE + NAME + CONTROL;

  private static final int CACHE_LINE = 64;

  /** Places of 64 KiB would share the same few lines of a cache, where most hold 1.5 KB. */
  private static final int SHIFT = 25 * CACHE_LINE;

  private static final int NAME_LENGTH = 8;
  private static final int PLACES = 16;
  private static final int PLACE_COUNT = 24;
  private static final int CONTROL_ADDRESS = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int FLAGS = 48;
  private static final int RECEIVED = 56;

  private static final int CMSG_SPACE = 24;
  private static final int SOL_UDP = 17;
  private static final int UDP_GRO = 104;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;

  private final int messages;
  private final int stride; // from one place to the next
  private final Memory errno;
  private final Memory memory;
  private final ByteBuffer octets;
  private final Senders senders = new Senders();
  private final MethodHandle recvmmsg;
  private int used; // messages whose headers the system has written to

  /**
   * Allocates.
   *
   * @param messages the most that a call receives
   * @param octetsOfPlace the longest that is received whole
   * @throws UnsupportedOperationException where there is no such call
   */
  DatagramBatch(int messages, int octetsOfPlace) {
    this.messages = messages;
    stride = (octetsOfPlace / CACHE_LINE + 1) * CACHE_LINE + SHIFT;
    errno = new Memory(Long.BYTES);
    try {
      recvmmsg =
          NativeCalls.function(
              "recvmmsg", errno, int.class, long.class, int.class, int.class, long.class);
      memory = new Memory(messages * (HEADERS + stride));
    } catch (UnsupportedOperationException | OutOfMemoryError e) {
      errno.close();
      throw e;
    }
    octets = memory.octets;
    for (var i = 0; i < messages; i++) {
      var message = i * MESSAGE;
      octets.putLong(message, memory.address + name(i));
      octets.putLong(message + PLACES, memory.address + place(i));
      octets.putLong(message + PLACE_COUNT, 1);
      octets.putLong(message + CONTROL_ADDRESS, memory.address + control(i));
      octets.putLong(place(i), memory.address + start(i));
      octets.putLong(place(i) + Long.BYTES, octetsOfPlace);
    }
    used = messages;
  }

  private int place(int message) {
    return messages * MESSAGE + message * PLACE;
  }

  private int name(int message) {
    return messages * (MESSAGE + PLACE) + message * NAME;
  }

  private int control(int message) {
    return messages * (MESSAGE + PLACE + NAME) + message * CONTROL;
  }

  private int start(int message) {
    return messages * HEADERS + message * stride;
  }

  /**
   * Receives what is there, and does not wait.
   *
   * @param descriptor an open socket
   * @param most messages; no more than there is room for
   * @return how many messages, 1 or more; or why none, as the negative number of the error
   */
  int receive(int descriptor, int most) {
    for (var i = 0; i < used; i++) {
      var message = i * MESSAGE;
      octets.putInt(message + NAME_LENGTH, Senders.MAX_OCTETS);
      octets.putLong(message + CONTROL_LENGTH, CMSG_SPACE);
      octets.putInt(message + FLAGS, 0);
    }
    int received;
    try {
      received = (int) recvmmsg.invokeExact(descriptor, memory.address, most, MSG_DONTWAIT, 0L);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a function of C throws nothing", e);
    }
    used = Math.max(received, 1);
    return received > 0 ? received : -errno.octets.getInt(0);
  }

  /** The memory that {@link #start} and lengths are about. */
  ByteBuffer octets() {
    return octets;
  }

  /** Where a message's octets begin. */
  int startOf(int message) {
    return start(message);
  }

  /** How many octets were received. */
  int lengthOf(int message) {
    return octets.getInt(message * MESSAGE + RECEIVED);
  }

  /** Whether there were more, which are lost. */
  boolean isCut(int message) {
    return (octets.getInt(message * MESSAGE + FLAGS) & MSG_TRUNC) != 0;
  }

  /** How long each datagram in it is, but the last: all that was received if it is one. */
  int datagramOctets(int message) {
    var control = control(message);
    if (octets.getLong(message * MESSAGE + CONTROL_LENGTH) >= CMSG_SPACE - Integer.BYTES
        && octets.getInt(control + 8) == SOL_UDP
        && octets.getInt(control + 12) == UDP_GRO) {
      return Math.max(1, octets.getInt(control + 16));
    }
    return lengthOf(message);
  }

  /** Who sent it; null if the system did not say. */
  @Nullable InetSocketAddress sender(int message) {
    return octets.getInt(message * MESSAGE + NAME_LENGTH) == 0
        ? null
        : senders.at(octets, name(message));
  }

  @Override
  public void close() {
    memory.close();
    errno.close();
  }
}
