package io.vpc4j.tunnel.carrier.http2;

import io.netty.handler.codec.http2.Http2Headers;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.Metadata;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request as the connector reads it: what {@link RequestHead} writes and an edge that
 * is not ours writes too. [T] 3.2, 3.4
 */
final class IncomingHead {

  /** What a request is; the order is that in which connectors look. [T] 3.2 */
  enum Kind {
    CONFIGURATION,
    WEBSOCKET,
    TCP,
    CONTROL,
    HTTP
  }

  private static final String PRIVATE_PREFIX = "cf-cloudflared-";

  private IncomingHead() {}

  /** Values are compared exactly, as the original does. */
  static Kind kind(Http2Headers head) {
    var upgrade = text(head.get(RequestHead.UPGRADE));
    if (upgrade.contentEquals(RequestHead.UPDATE_CONFIGURATION)) {
      return Kind.CONFIGURATION;
    }
    if (upgrade.contentEquals(RequestHead.WEBSOCKET)) {
      return Kind.WEBSOCKET;
    }
    if (!text(head.get(RequestHead.SOURCE)).isEmpty()) {
      return Kind.TCP;
    }
    return upgrade.contentEquals(RequestHead.CONTROL_STREAM) ? Kind.CONTROL : Kind.HTTP;
  }

  /**
   * The request, in the form it has over QUIC.
   *
   * @param end whether there is no body; where there is one and its length is not said, it is
   *     marked as one in chunks, as over QUIC ([T] 4.3)
   */
  static ConnectRequest read(Kind kind, Http2Headers head, boolean end) {
    var authority = text(head.authority());
    if (kind == Kind.TCP) {
      return new ConnectRequest(ConnectRequest.Type.TCP, authority, trace(head));
    }
    var metadata = new ArrayList<Metadata>();
    metadata.add(new Metadata(Metadata.HTTP_METHOD, text(head.method())));
    metadata.add(new Metadata(Metadata.HTTP_HOST, authority));
    var cookies = new ArrayList<String>();
    for (var field : head) {
      var name = field.getKey().toString();
      if (name.equals("cookie")) {
        cookies.add(field.getValue().toString());
      } else if (!name.startsWith(":") && !name.startsWith(PRIVATE_PREFIX)) {
        metadata.add(Metadata.header(name, field.getValue().toString()));
      }
    }
    if (!cookies.isEmpty()) {
      metadata.add(Metadata.header("cookie", String.join("; ", cookies))); // RFC 9113 8.2.3
    }
    if (kind == Kind.HTTP && !end && head.get("content-length") == null) {
      metadata.add(Metadata.header("transfer-encoding", "chunked"));
    }
    var scheme = head.scheme() == null ? "http" : head.scheme().toString();
    var dest = scheme + "://" + authority + text(head.path());
    return new ConnectRequest(
        kind == Kind.WEBSOCKET ? ConnectRequest.Type.WEBSOCKET : ConnectRequest.Type.HTTP,
        dest,
        metadata);
  }

  private static List<Metadata> trace(Http2Headers head) {
    var trace = head.get(Metadata.TRACE_ID);
    return trace == null ? List.of() : List.of(new Metadata(Metadata.TRACE_ID, trace.toString()));
  }

  private static String text(@Nullable CharSequence value) {
    return value == null ? "" : value.toString();
  }
}
