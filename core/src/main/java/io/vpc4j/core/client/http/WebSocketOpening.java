package io.vpc4j.core.client.http;

import io.vpc4j.Request;
import io.vpc4j.Response;
import io.vpc4j.core.fetch.websocket.EndingWebSocket;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Opens a {@link WebSocket} through a binding. Not safe for use by several threads. RFC 6455 4.1
 */
final class WebSocketOpening implements WebSocket.Builder {

  /** What the handshake itself says. */
  private static final Set<String> OWN =
      Set.of(
          "connection",
          "content-length",
          "host",
          "upgrade",
          "sec-websocket-accept",
          "sec-websocket-extensions",
          "sec-websocket-key",
          "sec-websocket-protocol",
          "sec-websocket-version");

  private record Field(String name, String value) {}

  private final FetchHttpClient client;
  private final List<Field> fields = new ArrayList<>();
  private final List<String> subprotocols = new ArrayList<>();
  private @Nullable Duration timeout;

  WebSocketOpening(FetchHttpClient client) {
    this.client = client;
  }

  @Override
  public WebSocket.Builder header(String name, String value) {
    fields.add(new Field(Objects.requireNonNull(name), Objects.requireNonNull(value)));
    return this;
  }

  @Override
  public WebSocket.Builder connectTimeout(Duration timeout) {
    this.timeout = Objects.requireNonNull(timeout);
    return this;
  }

  @Override
  public WebSocket.Builder subprotocols(String mostPreferred, String... lesserPreferred) {
    subprotocols.clear();
    subprotocols.add(Objects.requireNonNull(mostPreferred));
    for (var each : lesserPreferred) {
      subprotocols.add(Objects.requireNonNull(each));
    }
    return this;
  }

  @Override
  public CompletableFuture<WebSocket> buildAsync(URI uri, WebSocket.Listener listener) {
    Objects.requireNonNull(uri, "uri");
    Objects.requireNonNull(listener, "listener");
    Request request;
    try {
      request = request(uri);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(e);
    }
    var opened = new CompletableFuture<WebSocket>();
    var operation = new Opening(opened);
    if (!client.operations().begin(operation)) {
      return CompletableFuture.failedFuture(new IOException("closed"));
    }
    opened.whenComplete((socket, failure) -> whenEnded(socket, operation));
    var fetching = client.fetcher().fetchAsync(request);
    fetching.whenComplete(
        (response, failure) -> {
          if (response == null) {
            opened.completeExceptionally(HttpFailures.plain(failure));
          } else {
            answered(uri, response, listener, opened);
          }
        });
    opened.whenComplete(
        (socket, failure) -> {
          if (failure != null) {
            fetching.cancel(true); // it was cancelled, or the client was shut down
          }
        });
    return opened;
  }

  /** What is under way: the handshake, and then the WebSocket. */
  private record Opening(CompletableFuture<WebSocket> opened) implements Operations.Operation {
    @Override
    public void abort(IOException why) {
      if (!opened.completeExceptionally(why)) {
        opened.thenAccept(socket -> ((EndingWebSocket) socket).fail(why));
      }
    }
  }

  private void whenEnded(@Nullable WebSocket socket, Operations.Operation operation) {
    if (socket == null) {
      client.operations().end(operation);
    } else {
      ((EndingWebSocket) socket).whenEnded(() -> client.operations().end(operation));
    }
  }

  private Request request(URI uri) {
    var scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("ws") && !scheme.equals("wss")) {
      throw new IllegalArgumentException("invalid URI scheme: " + scheme);
    }
    if (uri.getFragment() != null) {
      throw new IllegalArgumentException("URI must not contain a fragment: " + uri);
    }
    var url = (scheme.equals("ws") ? "http" : "https") + uri.toString().substring(scheme.length());
    var builder =
        Request.builder(url)
            .redirect(Request.Redirect.MANUAL)
            .http(Request.Http.HTTP_1_1)
            .header("Upgrade", "websocket");
    for (var field : fields) {
      if (OWN.contains(field.name().toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException("Illegal header: " + field.name());
      }
      builder.header(field.name(), field.value());
    }
    if (Set.copyOf(subprotocols).size() != subprotocols.size()) {
      throw new IllegalArgumentException("Duplicate subprotocols: " + subprotocols);
    }
    if (!subprotocols.isEmpty()) {
      builder.header("Sec-WebSocket-Protocol", String.join(", ", subprotocols));
    }
    client.connectTimeout().ifPresent(builder::connectTimeout);
    var bound = timeout;
    if (bound != null) {
      builder.responseTimeout(bound);
    }
    return builder.build();
  }

  private void answered(
      URI uri,
      Response response,
      WebSocket.Listener listener,
      CompletableFuture<WebSocket> opened) {
    try {
      if (response.status() == 101) {
        var socket = response.webSocket(listener);
        if (!opened.complete(socket)) {
          socket.abort();
        }
        return;
      }
      response.close();
      var refused =
          new WebSocketHandshakeException(
              new HttpAnswer<Void>(HttpAnswer.Head.of(uri, response), asked(uri), null, null));
      refused.initCause(
          new IOException("Unexpected HTTP response status code " + response.status()));
      opened.completeExceptionally(refused);
    } catch (RuntimeException e) {
      response.close();
      opened.completeExceptionally(e);
    }
  }

  private static HttpRequest asked(URI uri) {
    return HttpRequest.newBuilder(URI.create(uri.toString().replaceFirst("^ws", "http"))).build();
  }
}
