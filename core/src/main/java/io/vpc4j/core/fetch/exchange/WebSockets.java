package io.vpc4j.core.fetch.exchange;

import io.vpc4j.Headers;
import io.vpc4j.VpcException;
import java.net.http.WebSocket;
import java.util.concurrent.Executor;

/** Makes WebSockets of upgraded connections. RFC 6455 */
@FunctionalInterface
public interface WebSockets {

  /**
   * Begins an opening handshake, with a key of its own.
   *
   * @param wanted the application's fields; {@code Upgrade: websocket} is among them
   */
  Handshake begin(Headers wanted);

  /** One opening handshake. RFC 6455 4.1 */
  interface Handshake {

    /**
     * What to send: the application's fields with {@code Connection}, {@code Upgrade}, {@code
     * Sec-WebSocket-Key} and {@code -Version} set.
     */
    Headers fields();

    /**
     * Checks the fields of a 101.
     *
     * @throws VpcException {@code HTTP_UPGRADE_FAILED}
     */
    void check(Headers answer) throws VpcException;

    /**
     * Takes the channel over.
     *
     * @param early what came behind the head, and the channel itself
     * @param executor where {@code listener} is called
     */
    WebSocket open(EarlyOctets early, WebSocket.Listener listener, Executor executor);
  }
}
