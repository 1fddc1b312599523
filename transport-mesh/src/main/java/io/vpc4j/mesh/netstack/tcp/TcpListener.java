package io.vpc4j.mesh.netstack.tcp;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.SipHash;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A port that accepts: the LISTEN state as an object of its own. RFC 9293 3.10.7.2
 *
 * <p>The stack gives it each segment for its port that belongs to no connection. What it makes is a
 * {@link TcpConnection}, which the stack puts into its table at once; when the handshake is over
 * the connection also appears in {@link #accept}, once.
 *
 * <p>Two bounds: {@code maxHalfOpen} connections whose handshake is not over, and {@code
 * maxWaiting} that are established and that nobody has accepted. Past the first, SYNs are answered
 * with cookies and cost no memory (RFC 4987 3.6); past the second, SYNs are dropped, and the peer
 * asks again.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class TcpListener {

  /**
   * Begins to listen.
   *
   * @param settings of the connections it makes
   * @param maxHalfOpen handshakes under way, 0 or more; with 0 each SYN gets a cookie
   * @param maxWaiting established and not yet accepted, 1 or more
   * @param cookies keyed hash for SYN cookies, with a key nobody outside knows
   */
  public TcpListener(
      TcpHost host, TcpSettings settings, int maxHalfOpen, int maxWaiting, SipHash cookies) {
    throw new UnsupportedOperationException();
  }

  /**
   * A segment for this port from no known connection.
   *
   * @param flow its ports, ours first, with their hash
   * @param reply a segment that answers without a connection, a cookie or a reset, is written here
   *     at the position, as {@link TcpConnection#poll} does; the position stays if there is none
   * @return a connection to put into the table and to poll, or null
   */
  public @Nullable TcpConnection onSegment(
      TcpSegment segment, TcpFlow flow, ByteBuffer reply, long nowNs) {
    throw new UnsupportedOperationException();
  }

  /** An established connection nobody has had yet, or null. */
  public @Nullable TcpConnection accept() {
    throw new UnsupportedOperationException();
  }

  /**
   * Stops: connections that nobody accepted are aborted, each of which the stack then polls. Those
   * accepted go on.
   */
  public void close(long nowNs) {
    throw new UnsupportedOperationException();
  }
}
