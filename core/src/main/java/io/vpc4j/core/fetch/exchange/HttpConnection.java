package io.vpc4j.core.fetch.exchange;

import io.netty.channel.Channel;
import io.vpc4j.VpcException;

/**
 * A connection that speaks HTTP, whichever version.
 *
 * <p><b>Threads.</b> All methods may be called from any thread and never block.
 */
public interface HttpConnection {

  /** What carries it. */
  Channel channel();

  /**
   * How many exchanges it can carry at once: 1 for HTTP/1.1, the peer's newest
   * SETTINGS_MAX_CONCURRENT_STREAMS (with a bound of our own) for HTTP/2. 0 once it takes no new
   * ones (GOAWAY, closing).
   */
  int capacity();

  /**
   * Sends the request and tells {@code exchange} what comes back. Returns at once; if the
   * connection turns out to be dead the exchange fails, in the way of {@link Exchange#onFailure}.
   */
  void start(Exchange exchange);

  /**
   * Gives {@code exchange} up: the connection is closed, or the stream reset, and {@link
   * Exchange#onFailure} is called with {@code why} unless the exchange is over already.
   */
  void cancel(Exchange exchange, VpcException why);

  /**
   * The application took {@code octets} octets of the response's body out of the window ({@link
   * io.vpc4j.Limits#readWindowOctets}); the far end may send as many more.
   */
  void consumed(Exchange exchange, int octets);

  /**
   * When {@link #onDue} wants to be called, on the ticker's clock; {@link Long#MAX_VALUE} for
   * never. Read by the sweeper's thread: an estimate that is a little old does no harm.
   */
  long dueNs();

  /** The time has come; fails the exchanges that are late (see {@link Exchange#lateness}). */
  void onDue(long nowNs);

  /** Takes no new exchange, and closes when those under way are over. */
  void drain();

  /** Closes now; exchanges under way fail with {@code REQUEST_ABORTED}. May be called again. */
  void close();

  /** Who keeps the connection: the pool. Called on the connection's event loop. */
  interface Listener {

    /**
     * An exchange is over, and its place may be taken by another. Called once for each, complete or
     * reset, unless the connection closes with it.
     */
    void onExchangeEnd(HttpConnection connection);

    /** {@link HttpConnection#capacity} changed. */
    void onCapacityChange(HttpConnection connection);

    /** The channel is closed. Called once; nothing is called after it. */
    void onClosed(HttpConnection connection);
  }
}
