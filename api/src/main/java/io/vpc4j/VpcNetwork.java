package io.vpc4j;

import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;

/**
 * A {@code vpc_networks} binding: the URL decides host and port.
 *
 * <p>Anything the tunnel or the mesh can reach can be fetched; nothing is registered beforehand.
 */
public interface VpcNetwork extends Fetcher {

  /** What the binding points at. */
  NetworkTarget target();

  /** Listens on a port of ours, with a backlog of 50; as {@link #listen(int, int)}. */
  default ServerSocket listen(int port) throws VpcException {
    return listen(port, 50);
  }

  /**
   * Accepts connections that others make to our own addresses in the network: of the mesh, where
   * each participant has some. The simulated network and tunnels have none, and refuse. Where the
   * binding's virtual network has several networks, ours in all of them: the local address of what
   * is accepted says which, and networks that are joined later are heard as well.
   *
   * <p>The socket is bound. {@link ServerSocket#accept} waits, for as long as {@link
   * ServerSocket#setSoTimeout} says; closing it, or the {@code Vpc}, wakes it. What is accepted is
   * a socket like those of {@link #connect(String)}.
   *
   * @param port 1 to 65,535; 0 for any free one, which {@link ServerSocket#getLocalPort} then tells
   * @param backlog how many connections may wait to be accepted, 1 to 65,535; who comes then waits
   *     longer
   * @throws IllegalArgumentException if a figure cannot be
   * @throws VpcException with {@link ErrorCode#CONFIGURATION_ERROR} if the port is taken or the
   *     network accepts nothing
   */
  ServerSocket listen(int port, int backlog) throws VpcException;

  /** Opens a plain TCP connection, as {@link #connect(String, ConnectOptions)}. */
  default VpcSocket connect(String address) throws VpcException {
    return connect(address, ConnectOptions.defaults());
  }

  /** Opens a plain TCP connection, as {@link #connect(String, int, ConnectOptions)}. */
  default VpcSocket connect(String host, int port) throws VpcException {
    return connect(host, port, ConnectOptions.defaults());
  }

  /**
   * Opens a connection through the binding and waits until the far end has accepted it.
   *
   * @param address {@code host:port}; an IPv6 address in brackets
   * @return a connected socket; closing its output half-closes where the transport can ({@link
   *     VpcSocket#canHalfClose})
   * @throws IllegalArgumentException if {@code address} cannot be used, in the product's words
   * @throws VpcException if there is no connection
   */
  default VpcSocket connect(String address, ConnectOptions options) throws VpcException {
    var to = ConnectAddress.parse(address);
    return connect(to.host(), to.port(), options);
  }

  /**
   * As {@link #connect(String, ConnectOptions)}.
   *
   * @param host a name, or an address, an IPv6 address with or without brackets
   * @param port 0 to 65,535
   */
  VpcSocket connect(String host, int port, ConnectOptions options) throws VpcException;

  /**
   * Opens a connection through the binding, without waiting.
   *
   * <p>{@link ConnectOptions.SecureTransport#STARTTLS} is for sockets and refused here.
   *
   * @param address {@code host:port}; an IPv6 address in brackets
   * @return completes once the far end has accepted, or fails with a {@link VpcException};
   *     cancelling it gives the connection up
   * @throws IllegalArgumentException if {@code address} cannot be used, in the product's words
   */
  default CompletableFuture<VpcChannel> openChannel(String address, ConnectOptions options) {
    var to = ConnectAddress.parse(address);
    return openChannel(to.host(), to.port(), options);
  }

  /** Opens a plain TCP connection, as {@link #openChannel(String, ConnectOptions)}. */
  default CompletableFuture<VpcChannel> openChannel(String address) {
    return openChannel(address, ConnectOptions.defaults());
  }

  /**
   * As {@link #openChannel(String, ConnectOptions)}.
   *
   * @param host a name, or an address, an IPv6 address with or without brackets
   * @param port 0 to 65,535
   */
  CompletableFuture<VpcChannel> openChannel(String host, int port, ConnectOptions options);
}
