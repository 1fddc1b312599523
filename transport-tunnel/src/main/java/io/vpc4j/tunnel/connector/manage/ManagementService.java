package io.vpc4j.tunnel.connector.manage;

import io.vpc4j.core.ops.StatusJson;
import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.connector.serve.HostService;
import io.vpc4j.tunnel.connector.serve.OwnAnswer;
import io.vpc4j.tunnel.connector.serve.WebSocketHandshake;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.Metadata;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The connector as a host of its own: {@code /ping}, {@code /host_details}, {@code /metrics} and
 * {@code /logs}, each with an {@code access_token} in its query. [C] 7.8
 *
 * <p>Safe for use by many threads.
 */
public final class ManagementService implements HostService {

  /** What {@code /metrics} is. */
  public enum Diagnostics {
    /** Answered. */
    ON,
    /** Not there. */
    OFF
  }

  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  /** Whatever is wrong with a token. [C] 7.8 */
  private static final String NO_TOKEN =
      "{\"errors\":[{\"code\":1001,\"message\":\"missing access_token query parameter\"}]}\n";

  /**
   * What is told of the host.
   *
   * @param connectorId the connector's
   * @param name the host's
   * @param address by which the host reaches the edge; asked anew each time, empty if unknown
   */
  public record Host(UUID connectorId, String name, Supplier<Optional<String>> address) {}

  private final String hostname;
  private final Diagnostics diagnostics;
  private final Host host;
  private final Supplier<String> metrics;
  private final LogStreams logs;

  /**
   * Answers at {@code hostname}.
   *
   * @param metrics in the text form of Prometheus
   */
  public ManagementService(
      String hostname,
      Diagnostics diagnostics,
      Host host,
      Supplier<String> metrics,
      LogStreams logs) {
    this.hostname = hostname.toLowerCase(Locale.ROOT);
    this.diagnostics = diagnostics;
    this.host = host;
    this.metrics = metrics;
    this.logs = logs;
  }

  @Override
  public boolean is(String asked) {
    var colon = asked.lastIndexOf(':');
    var name = colon < 0 ? asked : asked.substring(0, colon);
    return name.toLowerCase(Locale.ROOT).equals(hostname);
  }

  @Override
  public void serve(IncomingStream stream, String target) {
    var query = target.indexOf('?');
    var claims =
        query < 0
            ? Optional.<Claims>empty()
            : parameter(target.substring(query + 1), "access_token").flatMap(Claims::read);
    if (claims.isEmpty()) {
      OwnAnswer.page(stream, 400, JSON, NO_TOKEN);
      return;
    }
    var method = stream.request().first(Metadata.HTTP_METHOD).orElse("GET");
    var path = query < 0 ? target : target.substring(0, query);
    switch (path) {
      case "/ping" -> {
        if (method.equals("GET") || method.equals("HEAD")) {
          OwnAnswer.status(stream, 200);
        } else {
          OwnAnswer.status(stream, 405);
        }
      }
      case "/host_details", "/metrics", "/logs" -> {
        if (method.equals("GET")) {
          get(stream, path, claims.get());
        } else {
          OwnAnswer.status(stream, 405);
        }
      }
      default -> notFound(stream);
    }
  }

  private void get(IncomingStream stream, String path, Claims claims) {
    switch (path) {
      case "/host_details" -> OwnAnswer.page(stream, 200, JSON, details() + "\n");
      case "/metrics" -> {
        if (diagnostics == Diagnostics.ON) {
          OwnAnswer.page(stream, 200, PROMETHEUS, metrics.get());
        } else {
          notFound(stream);
        }
      }
      default -> logs(stream, claims);
    }
  }

  private static void notFound(IncomingStream stream) {
    OwnAnswer.page(stream, 404, TEXT, "404 page not found\n");
  }

  private String details() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("connector_id", host.connectorId().toString());
    host.address().get().ifPresent(address -> fields.put("ip", address));
    fields.put("hostname", host.name());
    return StatusJson.of(fields);
  }

  private void logs(IncomingStream stream, Claims claims) {
    if (stream.request().type() != ConnectRequest.Type.WEBSOCKET) {
      OwnAnswer.page(stream, 426, TEXT, "a log is streamed over a WebSocket\n");
      return;
    }
    ConnectResponse yes;
    try {
      yes = WebSocketHandshake.answer(stream.request());
    } catch (IllegalArgumentException e) {
      OwnAnswer.page(stream, 400, TEXT, e.getMessage() + "\n");
      return;
    }
    stream.accept(yes, new LogSession(logs, claims.actor()).initializer());
  }

  /** The first of a name in a query. */
  private static Optional<String> parameter(String query, String name) {
    for (var pair : query.split("&", -1)) {
      var equals = pair.indexOf('=');
      if (equals > 0 && pair.substring(0, equals).equals(name)) {
        try {
          return Optional.of(URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          return Optional.empty(); // not well encoded
        }
      }
    }
    return Optional.empty();
  }
}
