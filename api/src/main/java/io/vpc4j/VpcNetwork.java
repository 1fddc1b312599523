package io.vpc4j;

import java.net.Socket;

/**
 * A {@code vpc_networks} binding: the URL decides host and port.
 *
 * <p>Anything the tunnel or the mesh can reach can be fetched; nothing is registered beforehand.
 */
public interface VpcNetwork extends Fetcher {

  /** What the binding points at. */
  NetworkTarget target();

  /** Opens a plain TCP connection, as {@link #connect(String, ConnectOptions)}. */
  default Socket connect(String address) throws VpcException {
    return connect(address, ConnectOptions.defaults());
  }

  /**
   * Opens a connection through the binding and waits until the far end has accepted it.
   *
   * @param address {@code host:port}; an IPv6 address in brackets
   * @return a connected socket. Closing its output half-closes where the transport can; where it
   *     cannot, {@link Socket#shutdownOutput} says so with an {@link UnsupportedOperationException}
   * @throws IllegalArgumentException if {@code address} cannot be used, in the product's words
   * @throws VpcException if there is no connection
   */
  Socket connect(String address, ConnectOptions options) throws VpcException;
}
