package io.vpc4j.tunnel.management;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.vpc4j.core.net.Ticker;
import io.vpc4j.tunnel.carrier.OpenStream;
import io.vpc4j.tunnel.edge.EdgeConnection;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.Metadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Asks the own service of one connector, over one of its connections. [T] 7.8 */
public final class ManagementRequests {

  /** A connector that has the service says so with this feature. [T] 6.4 */
  public static final String FEATURE = "management_logs";

  /** Where connectors answer, unless they were told another name. [T] 1.3 */
  public static final String HOST = "management.argotunnel.com";

  private static final long ANSWER_SECONDS = 10;
  private static final int WEB_SOCKET_KEY_OCTETS = 16; // RFC 6455 4.1

  private final EdgeConnection connection;
  private final Ticker ticker;

  /**
   * Over that connection, which is registered.
   *
   * @param ticker the connection's
   */
  public ManagementRequests(EdgeConnection connection, Ticker ticker) {
    this.connection = connection;
    this.ticker = ticker;
  }

  /** Whether a connector has the service: one that has not would ask its origins instead. */
  public static boolean isServedBy(EdgeConnection connection) {
    return connection.registration().call().options().client().features().contains(FEATURE);
  }

  /**
   * The body of what {@code path} answers, UTF-8, of at most {@link Collecting#MAX_OCTETS}.
   *
   * @param path {@code /metrics}, or another of [T] 7.8
   * @return fails with an {@link IOException} unless the answer is 200 and comes in {@value
   *     #ANSWER_SECONDS} s
   */
  public CompletableFuture<String> get(String path) {
    var body = new CompletableFuture<String>();
    var carrier = connection.carrier();
    var fields = List.of(Metadata.header("Content-Length", "0"));
    var request = request(ConnectRequest.Type.HTTP, path, fields);
    carrier
        .exchange(request, new Collecting(path, body))
        .addListener(
            (Future<Channel> opened) -> {
              if (!opened.isSuccess()) {
                body.completeExceptionally(failure(path, opened.cause()));
                return;
              }
              var channel = opened.getNow();
              var deadline =
                  channel
                      .eventLoop()
                      .schedule(
                          () -> {
                            body.completeExceptionally(
                                new IOException(path + ": no answer in " + ANSWER_SECONDS + " s"));
                          },
                          ANSWER_SECONDS,
                          TimeUnit.SECONDS);
              body.whenComplete(
                  (text, fault) -> {
                    deadline.cancel(false);
                    channel.close();
                  });
            });
    return body;
  }

  /**
   * Begins to stream the log.
   *
   * @param level the least that is told: {@code debug}, {@code info}, {@code warn} or {@code error}
   * @param events JSON of what the connector sends, on the loop
   * @return the stream, to be closed by whoever has enough; fails with an {@link IOException}
   */
  public CompletableFuture<Channel> logs(String level, LogStream.Events events) {
    var key = new byte[WEB_SOCKET_KEY_OCTETS];
    ThreadLocalRandom.current().nextBytes(key);
    var fields =
        List.of(
            Metadata.header("Sec-WebSocket-Key", Base64.getEncoder().encodeToString(key)),
            Metadata.header("Sec-WebSocket-Version", "13"));
    var path = "/logs";
    var request = request(ConnectRequest.Type.WEBSOCKET, path, fields);
    var begun = new CompletableFuture<Channel>();
    var deadlineNs = ticker.nowNs() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS);
    connection
        .carrier()
        .open(request, LogStream.initializer(events), deadlineNs)
        .addListener(
            (Future<OpenStream> opened) -> {
              if (!opened.isSuccess()) {
                begun.completeExceptionally(failure(path, opened.cause()));
                return;
              }
              var stream = opened.getNow();
              var status = stream.response().httpStatus().orElse(0);
              if (status != 101) {
                stream.channel().close();
                begun.completeExceptionally(new IOException(path + " was answered with " + status));
                return;
              }
              if (!LogStream.start(stream.channel(), level)) {
                begun.completeExceptionally(new IOException(path + " ended as it began"));
              } else if (!begun.complete(stream.channel())) {
                stream.channel().close(); // given up meanwhile
              }
            });
    return begun;
  }

  private ConnectRequest request(ConnectRequest.Type type, String path, List<Metadata> fields) {
    var call = connection.registration().call();
    var token = ManagementToken.of(connection.registration().tunnelId(), call.auth().accountTag());
    var metadata = new ArrayList<Metadata>();
    metadata.add(new Metadata(Metadata.HTTP_METHOD, "GET"));
    metadata.add(new Metadata(Metadata.HTTP_HOST, HOST));
    metadata.addAll(fields);
    var url = "http://" + HOST + path + "?access_token=" + token;
    return new ConnectRequest(type, url, metadata);
  }

  private static IOException failure(String path, Throwable cause) {
    return new IOException(path + " could not be asked: " + cause.getMessage(), cause);
  }
}
