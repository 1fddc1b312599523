package io.vpc4j;

import java.net.Socket;
import java.net.SocketException;
import java.net.SocketImpl;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/**
 * A {@link Socket} through a binding.
 *
 * <p>Behaves as a plain socket of the JDK does, so that a driver can be handed it: {@link
 * #setSoTimeout} bounds a read, and the stream can be used afterwards; {@link #close} from another
 * thread wakes whoever reads or writes with a {@link SocketException}; a writer waits while the far
 * end does not take what was written. One thread may read while another writes. No monitor is held
 * while waiting, so it suits virtual threads.
 *
 * <p>What differs: there is no {@link java.nio.channels.SocketChannel} beneath and no urgent data;
 * {@link #getInetAddress} is the address that the far end resolved the name to and means something
 * there, not here; {@link #shutdownOutput} fails with a {@link SocketException} where the transport
 * cannot half-close ({@link #canHalfClose}).
 */
public abstract class VpcSocket extends Socket {

  /** A socket with no implementation of the JDK's beneath. */
  protected VpcSocket() throws SocketException {
    super((SocketImpl) null);
  }

  /**
   * Whether {@link #shutdownOutput} leaves the input open: a network like any other does, a
   * connector of a tunnel ends both directions together. Under TLS it is true over either.
   *
   * @throws IllegalStateException if the socket is not connected
   */
  public abstract boolean canHalfClose();

  /** As {@link #startTls(String)}, with the host that was asked for. */
  public abstract VpcSocket startTls() throws VpcException;

  /**
   * Goes on with TLS, on a connection made with {@link ConnectOptions.SecureTransport#STARTTLS}.
   * This socket is closed by that and its connection lives on in the one returned. Waits for the
   * handshake, at most the {@link ConnectOptions#timeout} of the connection.
   *
   * <p>Call it once the protocol's own agreement is complete and nothing more is under way: octets
   * that have come and were not read, which anybody on the way may have put there, make it fail.
   *
   * @param serverName what the certificate must match, and SNI unless it is an address
   * @return a socket on which nothing has been read or written, with this one's {@code SO_TIMEOUT}
   * @throws IllegalStateException if the connection was not made for it, is not there yet or not
   *     any more, or speaks TLS already
   * @throws VpcException {@link ErrorCode#TLS_PROTOCOL_ERROR} or {@link
   *     ErrorCode#TLS_CERTIFICATE_ERROR}; the connection is closed then
   */
  public abstract VpcSocket startTls(String serverName) throws VpcException;

  /** The session of the TLS that this socket speaks; empty for plain octets. */
  public abstract Optional<SSLSession> tlsSession();
}
