package io.vpc4j.tunnel.connector.supervise;

/**
 * Where one connection stands. [C] 6.8
 *
 * <pre>
 *             dial              handshake               registered
 *   PAUSING --------> DIALING ------------> REGISTERING -----------> CONNECTED
 *      ^                 |                      |                      |    |
 *      +-----------------+----------------------+-- failed, lost ------+    | shutdown
 *                        |                      |                           v
 *                        |       shutdown       |     unregistered    UNREGISTERING
 *                        +----------------------+--- CLOSED ----- SERVING_OUT --+
 * </pre>
 */
public enum ConnectionState {
  /** Not wanted yet: the first connection must register before the others are dialled. */
  IDLE,
  /** Waits for its next dial. */
  PAUSING,
  /** Dials. */
  DIALING,
  /** The handshake is done; the edge has not answered the registration. */
  REGISTERING,
  /** Serves. */
  CONNECTED,
  /** Serves, and has told the edge that it will leave. */
  UNREGISTERING,
  /** Serves what is under way. */
  SERVING_OUT,
  /** Gone for good. */
  CLOSED
}
