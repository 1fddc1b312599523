package io.vpc4j.tunnel.connector.serve;

import io.vpc4j.tunnel.carrier.IncomingStream;
import io.vpc4j.tunnel.connector.config.IngressRules;
import io.vpc4j.tunnel.connector.config.IngressRules.Rule;
import io.vpc4j.tunnel.connector.config.PathPattern.TooManySteps;
import io.vpc4j.tunnel.connector.config.Service;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** Requests to origins, each to the service of its rule. [C] 7.8 */
public final class HttpRequests {

  private static final String HELLO =
      """
      <!doctype html>
      <title>It works</title>
      <p>This page comes from a connector of vpc4j, through a tunnel.
      """;

  private final Optional<HostService> own;
  private final Supplier<IngressRules> rules;
  private final Origins origins;
  private final WebSocketStreams webSockets;
  private final UUID connectorId;
  private final Counters counters;
  private final Tracer tracer;

  /**
   * Serves.
   *
   * @param own a host that the connector itself is
   * @param rules asked anew for each request
   * @param connectorId origins are told it
   */
  public HttpRequests(
      Optional<HostService> own,
      Supplier<IngressRules> rules,
      Origins origins,
      WebSocketStreams webSockets,
      UUID connectorId,
      Counters counters,
      Tracer tracer) {
    this.tracer = tracer;
    this.own = own;
    this.rules = rules;
    this.origins = origins;
    this.webSockets = webSockets;
    this.connectorId = connectorId;
    this.counters = counters;
  }

  /** Answers one request. Called on the stream's loop. */
  void serve(IncomingStream stream) {
    var request = stream.request();
    if (own.isPresent() && own.get().is(OriginHeads.host(request))) {
      own.get().serve(stream, OriginHeads.path(request));
      return;
    }
    try {
      var rule = rules.get().match(OriginHeads.host(request), OriginHeads.path(request));
      serve(stream, rule);
    } catch (IllegalArgumentException | TooManySteps e) {
      counters.requestErrors.increment();
      stream.refuse(ConnectResponse.failed(String.valueOf(e.getMessage())));
    }
  }

  private void serve(IncomingStream stream, Rule rule) {
    var service = rule.service();
    if (service instanceof Service.Status status) {
      counters.response(status.code());
      OwnAnswer.status(stream, status.code());
    } else if (service instanceof Service.HelloWorld) {
      counters.response(200);
      OwnAnswer.page(stream, 200, "text/html; charset=utf-8", HELLO);
    } else if (service instanceof Service.Stream tcp) {
      if (stream.request().type() == ConnectRequest.Type.WEBSOCKET) {
        webSockets.serve(stream, tcp, rule.options());
      } else {
        counters.response(400);
        var words = "This host carries TCP in a WebSocket; a plain request cannot be served.\n";
        OwnAnswer.page(stream, 400, "text/plain; charset=utf-8", words);
      }
    } else {
      var request = OriginHeads.request(stream.request(), rule.options(), connectorId);
      var trace = tracer.of(stream.request());
      new HttpExchange(stream, rule, request, origins, counters, trace).start();
    }
  }
}
