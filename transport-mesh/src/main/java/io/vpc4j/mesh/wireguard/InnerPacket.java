package io.vpc4j.mesh.wireguard;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The little that WireGuard reads of the packets it carries: version, length, addresses. RFC 791
 * 3.1, RFC 8200 3. Everything else is the stack's to check.
 */
final class InnerPacket {

  private static final int V4_HEADER = 20;
  private static final int V4_TOTAL_LENGTH = 2;
  private static final int V4_SOURCE = 12;
  private static final int V4_DESTINATION = 16;

  private static final int V6_HEADER = 40;
  private static final int V6_PAYLOAD_LENGTH = 4;
  private static final int V6_SOURCE = 8;
  private static final int V6_DESTINATION = 24;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private InnerPacket() {}

  /**
   * How many of the octets are the packet, the rest being padding.
   *
   * @return -1 if they are no IP packet, or not all of it
   */
  static int length(byte[] octets, int offset, int available) {
    int length;
    if (available >= V4_HEADER && version(octets, offset) == 4) {
      length = unsignedShort(octets, offset + V4_TOTAL_LENGTH);
      return length >= V4_HEADER && length <= available ? length : -1;
    }
    if (available >= V6_HEADER && version(octets, offset) == 6) {
      length = V6_HEADER + unsignedShort(octets, offset + V6_PAYLOAD_LENGTH);
      return length <= available ? length : -1;
    }
    return -1;
  }

  /** Whose the source is. Ask {@link #length} first. */
  static @Nullable Peer sourceOwner(PrefixTrie<Peer> routes, byte[] octets, int offset) {
    return version(octets, offset) == 4
        ? routes.findV4((int) INT.get(octets, offset + V4_SOURCE))
        : ownerV6(routes, octets, offset + V6_SOURCE);
  }

  /** Whose the destination is. Ask {@link #length} first. */
  static @Nullable Peer destinationOwner(PrefixTrie<Peer> routes, byte[] octets, int offset) {
    return version(octets, offset) == 4
        ? routes.findV4((int) INT.get(octets, offset + V4_DESTINATION))
        : ownerV6(routes, octets, offset + V6_DESTINATION);
  }

  private static @Nullable Peer ownerV6(PrefixTrie<Peer> routes, byte[] octets, int at) {
    return routes.findV6((long) LONG.get(octets, at), (long) LONG.get(octets, at + 8));
  }

  private static int version(byte[] octets, int offset) {
    return octets[offset] >>> 4 & 15;
  }

  private static int unsignedShort(byte[] octets, int at) {
    return (octets[at] & 0xff) << 8 | (octets[at + 1] & 0xff);
  }
}
