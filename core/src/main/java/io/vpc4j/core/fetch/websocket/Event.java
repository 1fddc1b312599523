package io.vpc4j.core.fetch.websocket;

import java.nio.ByteBuffer;

/** What came in, as the listener is told of it. */
sealed interface Event {

  /** Part of a text; never half of a surrogate pair. */
  record Text(String part, boolean last) implements Event {}

  /** Part of a binary message. */
  record Binary(ByteBuffer part, boolean last) implements Event {}

  /** A ping; its pong has been sent. */
  record Ping(ByteBuffer message) implements Event {}

  /** A pong. */
  record Pong(ByteBuffer message) implements Event {}

  /** The far end's close, or its going without one. */
  record Close(int statusCode, String reason) implements Event {}
}
