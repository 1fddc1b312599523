package io.vpc4j.core.fetch.websocket;

import java.io.IOException;
import java.net.http.WebSocket;

/** A {@link WebSocket} that says when its connection has ended, and can be made to end. */
public interface EndingWebSocket extends WebSocket {

  /** Has {@code action} run once there is no connection any more; at once if there is none. */
  void whenEnded(Runnable action);

  /** Ends it, as a connection that fails does: its listener is told {@code why}. Any thread. */
  void fail(IOException why);
}
