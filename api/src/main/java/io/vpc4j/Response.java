package io.vpc4j;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * The answer to a request: its head, and a body that is read once and streamed.
 *
 * <p>One of {@link #bytes}, {@link #text}, {@link #json}, {@link #inputStream}, {@link #publisher}
 * (or an {@code Async} twin) takes the body; a second call is an {@link IllegalStateException}. A
 * body that nobody takes holds its connection until {@link #close}, which discards what is left;
 * reading to the end closes by itself. While the body is not read, at most a window of it is held
 * ({@link Limits#readWindowOctets}); the far end waits.
 *
 * <p>Failures while reading are {@link VpcException}s, such as {@link
 * ErrorCode#HTTP_RESPONSE_INCOMPLETE}.
 */
public interface Response extends AutoCloseable {

  /** 101, or 200 to 599. Interim responses are not seen here. */
  int status();

  /** The reason phrase; empty on HTTP/2 and where none was sent. */
  String statusText();

  /** Whether the status is 200 to 299. */
  default boolean ok() {
    return status() >= 200 && status() < 300;
  }

  /** The fields, in the order they came. */
  Headers headers();

  /** The URL that answered, after redirects. */
  Url url();

  /** Whether a redirect was followed on the way. */
  boolean redirected();

  /** {@code HTTP/1.1}, {@code HTTP/1.0} or {@code HTTP/2}. */
  String version();

  /** Whether the body was taken, or is known to be empty and needs no taking. */
  boolean bodyUsed();

  /**
   * The whole body.
   *
   * @throws VpcException {@link ErrorCode#RESPONSE_TOO_LARGE} past {@link
   *     Limits#maxBufferedBodyOctets}, and whatever cut it short
   */
  byte[] bytes() throws IOException;

  /** The whole body as UTF-8; a byte order mark is dropped, malformed octets become U+FFFD. */
  String text() throws IOException;

  /**
   * The whole body as JSON.
   *
   * @throws IllegalStateException if no {@link io.vpc4j.spi.JsonBinding} is installed; the message
   *     says how to install one
   */
  <T> T json(Class<T> type) throws IOException;

  /** {@link #bytes} without waiting. Cancelling aborts the exchange. */
  CompletableFuture<byte[]> bytesAsync();

  /** {@link #text} without waiting. Cancelling aborts the exchange. */
  CompletableFuture<String> textAsync();

  /** The body as it comes. Closing it early gives up the rest. */
  InputStream inputStream();

  /** The body as it comes, on demand; the buffers are the subscriber's to keep. */
  Flow.Publisher<ByteBuffer> publisher();

  /**
   * The trailer fields, complete when the body has been read to its end; empty if none were sent.
   */
  CompletableFuture<Headers> trailers();

  /**
   * The WebSocket that a request with {@code Upgrade: websocket} opened. Status is 101 then.
   *
   * @param listener told of what comes, as {@link WebSocket.Listener} has it; called on the
   *     application's executor, one call at a time
   * @throws IllegalStateException if the status is not 101, or at a second call
   */
  WebSocket webSocket(WebSocket.Listener listener);

  /** Gives up what was not read and frees the connection. Never blocks; may be called again. */
  @Override
  void close();
}
