package io.vpc4j.core.spi;

import io.netty.channel.ChannelHandler;
import io.vpc4j.core.net.IpAddress;
import java.util.Optional;

/**
 * One connection wanted.
 *
 * @param hop who carries it
 * @param address where to, resolved
 * @param port 0 to 65,535
 * @param name the name that was resolved, for logs; empty if the caller gave an address
 * @param kind stream or datagrams
 * @param initializer what to add to the channel's pipeline; used for one channel only
 * @param deadlineNs when it must have succeeded, on {@link TransportContext#ticker}'s clock
 */
public record Dial(
    NextHop hop,
    IpAddress address,
    int port,
    Optional<String> name,
    Kind kind,
    ChannelHandler initializer,
    long deadlineNs) {

  /** What travels. */
  public enum Kind {
    /** A stream of octets. */
    STREAM,
    /** Datagrams; only with {@link Transport.Capability#DATAGRAM}. */
    DATAGRAM
  }

  /** Checks the port. */
  public Dial {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
    }
  }

  /** {@code name:port} or {@code address:port}, as it was asked for. */
  public String destination() {
    return name.orElseGet(address::toUrlHost) + ":" + port;
  }
}
