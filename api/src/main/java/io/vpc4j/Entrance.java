package io.vpc4j;

import java.net.SocketAddress;

/**
 * A listening door into a binding, for programs that cannot call this library: a proxy on one port,
 * or a forward to one fixed target.
 *
 * <p>A proxy tells apart and serves, on the same port: HTTP forward proxying ({@code http} and
 * {@code https} URLs in absolute form), {@code CONNECT}, SOCKS5 with names resolved at the far end
 * (RFC 1928, 1929; {@code UDP ASSOCIATE} where the network carries datagrams), SOCKS4 and 4a, and
 * Miniflare's remote-binding protocol.
 *
 * <p>Octets are streamed both ways under back-pressure. Safe for use by many threads.
 */
public interface Entrance extends AutoCloseable {

  /** Where it listens, the port that was found included. */
  SocketAddress address();

  /** How many clients are connected now. */
  int connections();

  /** Stops listening and ends what runs through it. Waits at most 2 s. May be called again. */
  @Override
  void close();
}
