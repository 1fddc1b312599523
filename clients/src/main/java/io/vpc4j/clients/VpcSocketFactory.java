package io.vpc4j.clients;

import io.vpc4j.Fetcher;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A {@link SocketFactory} that a driver makes from its name: its sockets connect through a binding
 * of {@link SharedVpc}.
 *
 * <ul>
 *   <li>PostgreSQL: {@code socketFactory=io.vpc4j.clients.VpcSocketFactory&socketFactoryArg=NAME}
 *   <li>SQL Server: {@code
 *       socketFactoryClass=io.vpc4j.clients.VpcSocketFactory;socketFactoryConstructorArg=NAME},
 *       with an address in place of a name, which that driver would resolve here
 *   <li>MariaDB: {@code socketFactory=io.vpc4j.clients.VpcSocketFactory}, and the name of the
 *       binding in the system property {@value SharedVpc#BINDING} if there are several
 * </ul>
 *
 * <p>The binding is looked up for each socket, so that the {@code Vpc} may be given, or its
 * configuration written, after the driver has made this. Safe for use by many threads.
 *
 * @see Fetcher#socketFactory
 */
public final class VpcSocketFactory extends SocketFactory {

  private final String binding;

  /** Of the binding that {@link SharedVpc#binding} gives where none is named. */
  public VpcSocketFactory() {
    this("");
  }

  /**
   * Of the binding of that name.
   *
   * @param binding null, as drivers pass for an argument that is not there, or empty for none
   */
  public VpcSocketFactory(@Nullable String binding) {
    this.binding = binding == null ? "" : binding;
  }

  private SocketFactory sockets() throws IOException {
    try {
      return SharedVpc.binding(binding).socketFactory();
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e); // what a driver reports as its own failure
    }
  }

  @Override
  public Socket createSocket() throws IOException {
    return sockets().createSocket();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return sockets().createSocket(host, port);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return sockets().createSocket(host, port, localHost, localPort);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return sockets().createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
      throws IOException {
    return sockets().createSocket(address, port, localAddress, localPort);
  }
}
