package io.vpc4j.tunnel.carrier.http2;

import io.netty.handler.codec.http2.Http2Headers;
import io.vpc4j.tunnel.carrier.StreamFailure;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.Metadata;
import io.vpc4j.tunnel.stream.SerializedHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The head of a response: what a {@link ConnectResponse} is over HTTP/2. [T] 3.4
 *
 * <p>The origin's header fields stand serialized in one; what else is there may be the work of the
 * connector's HTTP library.
 */
final class ResponseHead {

  static final String META = "cf-cloudflared-response-meta";
  static final String TRACING = "cf-int-cloudflared-tracing";

  /**
   * The connector's words, which the protocol has no place for: a field of our own, that our own
   * connector sends and every other edge passes over.
   */
  static final String REASON = "vpc4j-refusal";

  private ResponseHead() {}

  /** The status as text; empty if there is none. */
  static String status(Http2Headers head) {
    var status = head.status();
    return status == null ? "" : status.toString();
  }

  /** Reads a head; one that is malformed is an answer with an error. */
  static ConnectResponse read(ConnectRequest.Type type, Http2Headers head) {
    var status = status(head);
    var meta = text(head, META);
    if (meta.contains("\"cloudflared\"")) {
      var words = text(head, REASON);
      var reason = words.isEmpty() ? StreamFailure.NO_REASON : words;
      return meta.contains("\"flow_rate_limited\":true")
          ? ConnectResponse.rateLimited(reason)
          : ConnectResponse.failed(reason);
    }
    if (type == ConnectRequest.Type.TCP) {
      return status.equals("200")
          ? new ConnectResponse("", tracing(head))
          : ConnectResponse.failed("the connector answered a TCP request with status " + status);
    }
    try {
      return http(status, head);
    } catch (Malformed e) {
      return ConnectResponse.failed("the connector's answer cannot be read: " + e.getMessage());
    }
  }

  private static ConnectResponse http(String status, Http2Headers head) throws Malformed {
    var metadata = new ArrayList<Metadata>();
    var fields = headers(head);
    metadata.add(new Metadata(Metadata.HTTP_STATUS, isUpgrade(status, fields) ? "101" : status));
    for (var field : fields) {
      metadata.add(Metadata.header(field.key(), field.value()));
    }
    metadata.addAll(tracing(head));
    return new ConnectResponse("", metadata);
  }

  private static List<Metadata> tracing(Http2Headers head) {
    var spans = text(head, TRACING);
    return spans.isEmpty() ? List.of() : List.of(new Metadata(Metadata.TRACING, spans));
  }

  private static List<Metadata> headers(Http2Headers head) throws Malformed {
    var serialized = head.get(SerializedHeaders.FIELD);
    if (serialized != null) {
      return SerializedHeaders.read(serialized.toString()).stream()
          .map(field -> new Metadata(field.name(), field.value()))
          .toList();
    }
    var plain = new ArrayList<Metadata>(); // the HTTP library's own answer, such as a 400
    for (var field : head) {
      var name = field.getKey().toString();
      if (!name.startsWith(":")) {
        plain.add(new Metadata(name, field.getValue().toString()));
      }
    }
    return plain;
  }

  /** 101 is not allowed in HTTP/2, so it comes as 200. [T] 3.7 */
  private static boolean isUpgrade(String status, List<Metadata> fields) {
    return status.equals("200")
        && fields.stream()
            .anyMatch(field -> field.key().toLowerCase(Locale.ROOT).equals("sec-websocket-accept"));
  }

  private static String text(Http2Headers head, String name) {
    var value = head.get(name);
    return value == null ? "" : value.toString();
  }
}
