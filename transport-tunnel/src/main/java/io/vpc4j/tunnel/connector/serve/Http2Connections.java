package io.vpc4j.tunnel.connector.serve;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Connections to one origin that may speak HTTP/2: requests share those that do, and one that all
 * of them can use is dialled once. An origin that has chosen HTTP/1.1 is dialled for each request,
 * and may choose anew each time.
 *
 * <p>Confined to its loop.
 */
final class Http2Connections {

  private final List<OriginHttp2> open = new ArrayList<>();
  private @Nullable Future<Channel> dialling;
  private boolean choseHttp1;

  /**
   * A connection for one request.
   *
   * @param dial makes a channel, HTTP/2 or not
   */
  void connect(Supplier<Future<Channel>> dial, Promise<Origins.Connection> promise) {
    open.removeIf(connection -> !connection.isOpen());
    for (var connection : open) {
      if (connection.hasRoom()) {
        connection.open(promise);
        return;
      }
    }
    var awaited = dialling;
    if (awaited == null) {
      connectAnew(dial, promise);
    } else {
      awaited.addListener(
          (Future<Channel> done) -> {
            if (done.isSuccess()) {
              connect(dial, promise);
            } else {
              promise.tryFailure(done.cause());
            }
          });
    }
  }

  /** A connection that nobody used before. */
  void connectAnew(Supplier<Future<Channel>> dial, Promise<Origins.Connection> promise) {
    var dialled = dial.get();
    if (!choseHttp1 && dialling == null) {
      dialling = dialled;
    }
    dialled.addListener(
        (Future<Channel> done) -> {
          if (dialled == dialling) {
            dialling = null;
          }
          onDialled(done, promise);
        });
  }

  private void onDialled(Future<Channel> done, Promise<Origins.Connection> promise) {
    if (!done.isSuccess()) {
      promise.tryFailure(done.cause());
      return;
    }
    var channel = done.getNow();
    var connection = OriginHttp2.of(channel);
    choseHttp1 = connection == null;
    if (connection == null) {
      if (!promise.trySuccess(new Origins.Connection(channel, false))) {
        channel.close();
      }
    } else if (connection.hasRoom()) {
      open.add(connection);
      connection.open(promise);
    } else {
      channel.close();
      promise.tryFailure(new IOException("it takes no streams"));
    }
  }
}
