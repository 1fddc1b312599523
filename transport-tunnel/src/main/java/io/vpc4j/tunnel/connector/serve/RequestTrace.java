package io.vpc4j.tunnel.connector.serve;

import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.Metadata;
import io.vpc4j.tunnel.stream.datagram.TraceIdentity;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * What was done for one request, or one UDP session, as an {@code ExportTraceServiceRequest} of
 * OTLP. OpenTelemetry protocol 1, {@code trace.proto}; [C] 7.9
 *
 * <p>Confined to the stream's loop.
 */
final class RequestTrace {

  private static final int KIND_INTERNAL = 1;
  private static final int STATUS_OK = 1;

  private final Tracer tracer;
  private final TraceIdentity trace;
  private final List<OtlpMessage> ended = new ArrayList<>();

  RequestTrace(Tracer tracer, TraceIdentity trace) {
    this.tracer = tracer;
    this.trace = trace;
  }

  /** Begins a span. */
  Span begin(String name) {
    return new Span(name, tracer.now());
  }

  /** One thing that is being done. */
  final class Span {
    private final String name;
    private final long beganNs;

    private Span(String name, long beganNs) {
      this.name = name;
      this.beganNs = beganNs;
    }

    /** It is done. */
    void end(Map<String, Object> attributes) {
      var span =
          new OtlpMessage()
              .octets(1, new OtlpMessage().big(trace.traceHigh()).big(trace.traceLow()))
              .octets(2, new OtlpMessage().big(tracer.id()))
              .octets(4, new OtlpMessage().big(trace.span()))
              .text(5, name)
              .number(6, KIND_INTERNAL)
              .fixed(7, beganNs)
              .fixed(8, Math.max(beganNs, tracer.now()));
      attributes.forEach((key, value) -> span.octets(9, attribute(key, value)));
      ended.add(span.octets(15, new OtlpMessage().number(3, STATUS_OK)));
    }
  }

  private static OtlpMessage attribute(String key, Object value) {
    var any =
        value instanceof Integer number
            ? new OtlpMessage().number(3, number)
            : new OtlpMessage().text(1, value.toString());
    return new OtlpMessage().text(1, key).octets(2, any);
  }

  /** What has ended so far. */
  byte[] spans() {
    var resource =
        new OtlpMessage()
            .octets(1, attribute("service.name", "vpc4j-connector"))
            .octets(1, attribute("service.version", tracer.version()));
    var scope = new OtlpMessage().octets(1, new OtlpMessage().text(1, "origin"));
    ended.forEach(span -> scope.octets(2, span));
    var spans = new OtlpMessage().octets(1, new OtlpMessage().octets(1, resource).octets(2, scope));
    return spans.toArray();
  }

  /** An answer with what has ended so far. */
  ConnectResponse on(ConnectResponse response) {
    var metadata = new ArrayList<>(response.metadata());
    var text = Base64.getEncoder().encodeToString(spans());
    metadata.add(
        response.httpStatus().isPresent()
            ? Metadata.header(Metadata.TRACING, text)
            : new Metadata(Metadata.TRACING, text));
    return new ConnectResponse(response.error(), metadata);
  }
}
