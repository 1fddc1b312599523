package io.vpc4j.core.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Makes sockets that connect through a binding. A local address, where one is named, is ignored: it
 * is the far end that dials.
 */
final class BindingSocketFactory extends SocketFactory {

  private final RawConnections connections;

  BindingSocketFactory(RawConnections connections) {
    this.connections = connections;
  }

  @Override
  public Socket createSocket() throws IOException {
    return new ChannelSocket(connections::connectLate);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(InetSocketAddress.createUnresolved(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return createSocket(host, port);
  }

  private Socket connected(InetSocketAddress to) throws IOException {
    var socket = createSocket();
    socket.connect(to); // it closes itself if that fails
    return socket;
  }
}
