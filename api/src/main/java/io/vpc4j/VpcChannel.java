package io.vpc4j;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousByteChannel;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/**
 * A connection through a binding, read and written without waiting.
 *
 * <p>Behaves as the JDK's {@link java.nio.channels.AsynchronousSocketChannel} does: at most one
 * read and one write are pending, a second is a {@link java.nio.channels.ReadPendingException} or
 * {@link java.nio.channels.WritePendingException}; a read completes with what there is, and with -1
 * at the end; a write completes when the octets are on their way, at least one of them; {@link
 * #close} completes what is pending with an {@link java.nio.channels.AsynchronousCloseException}.
 * Handlers are called on the executor given to {@link Vpc.Builder#executor}, never on an event
 * loop.
 *
 * <p>Cancelling the future of a read or write that is still pending takes it back: nothing has been
 * read or written, and the channel can be used.
 */
public interface VpcChannel extends AsynchronousByteChannel {

  /**
   * Ends the output behind what was written and leaves the input open. Does not wait.
   *
   * @throws UnsupportedOperationException if the transport cannot half-close
   * @throws java.nio.channels.ClosedChannelException if this is closed
   */
  void shutdownOutput() throws IOException;

  /** Where it leads: the host as asked for, with the address that the far end resolved it to. */
  SocketAddress remoteAddress();

  /** The session of the TLS that this channel speaks; empty for plain octets. */
  Optional<SSLSession> tlsSession();
}
