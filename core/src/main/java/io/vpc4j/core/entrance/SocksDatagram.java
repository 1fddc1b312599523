package io.vpc4j.core.entrance;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vpc4j.core.entrance.DatagramFlows.Destination;
import io.vpc4j.core.net.IpAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A datagram between a SOCKS5 client and its relay. RFC 1928 7
 *
 * <pre>
 *   0  reserved, 0        2
 *   2  fragment           1    0: a whole datagram
 *   3  type of address    1    1: IPv4, 3: a name behind its length, 4: IPv6
 *   4  address            4, 1 + length, 16
 *      port               2
 *      the client's octets
 * </pre>
 */
final class SocksDatagram {

  private static final int IPV4 = 1;
  private static final int NAME = 3;
  private static final int IPV6 = 4;

  private SocksDatagram() {}

  /**
   * Where a client's datagram goes. The buffer is left at the client's octets.
   *
   * @return null if it is not such a datagram, or a fragment, which a relay may drop: RFC 1928 7
   */
  static @Nullable Destination read(ByteBuf datagram) {
    if (datagram.readableBytes() < 4 || datagram.readUnsignedShort() != 0) {
      return null;
    }
    if (datagram.readByte() != 0) {
      return null;
    }
    var type = datagram.readByte();
    var length =
        switch (type) {
          case IPV4 -> 4;
          case NAME -> datagram.isReadable() ? datagram.readUnsignedByte() : 0;
          case IPV6 -> 16;
          default -> 0;
        };
    if (length == 0 || datagram.readableBytes() < length + 2) {
      return null;
    }
    var address = new byte[length];
    datagram.readBytes(address);
    var host =
        type == NAME
            ? new String(address, StandardCharsets.US_ASCII)
            : IpAddress.ofOctets(address).toString();
    return new Destination(host, datagram.readUnsignedShort());
  }

  /**
   * What goes in front of an answer.
   *
   * @param from who answers, for a client that asked for a name; without it, the name stands there
   */
  static ByteBuf header(ByteBufAllocator allocator, @Nullable Object from, Destination asked) {
    var header = allocator.buffer(4 + 1 + 255 + 2);
    header.writeShort(0).writeByte(0);
    var address = from instanceof InetSocketAddress inet ? inet.getAddress() : null;
    var literal = IpAddress.parse(asked.host());
    var octets =
        literal.isPresent()
            ? literal.get().octets()
            : address == null ? null : address.getAddress();
    if (octets != null) {
      header.writeByte(octets.length == 4 ? IPV4 : IPV6).writeBytes(octets);
    } else {
      var name = asked.host().getBytes(StandardCharsets.US_ASCII);
      header.writeByte(NAME).writeByte(name.length).writeBytes(name);
    }
    return header.writeShort(asked.port());
  }
}
