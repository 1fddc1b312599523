package io.vpc4j.tunnel.carrier.http2;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.Metadata;
import java.util.Locale;
import java.util.Set;

/**
 * The head of a request: what a {@link ConnectRequest} is over HTTP/2. [T] 3.2, 3.4, 3.7, 3.8
 *
 * <p>What kind of request it is stands in fields of its own, which connectors compare exactly.
 */
final class RequestHead {

  static final AsciiString UPGRADE = AsciiString.cached("cf-cloudflared-proxy-connection-upgrade");
  static final AsciiString CONTROL_STREAM = AsciiString.cached("control-stream");
  static final AsciiString UPDATE_CONFIGURATION = AsciiString.cached("update-configuration");
  static final AsciiString WEBSOCKET = AsciiString.cached("websocket");

  /** Any value but the empty one makes it a TCP stream. */
  static final AsciiString SOURCE = AsciiString.cached("cf-cloudflared-proxy-src");

  /** The hosted product has the eyeball's address here; ours is not the connector's business. */
  private static final AsciiString SOURCE_VALUE = AsciiString.cached("127.0.0.1");

  /** A connector's HTTP/2 layer answers these with 400. RFC 9113 8.2.2 */
  private static final Set<String> NOT_OVER_HTTP2 =
      Set.of(
          "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host");

  private RequestHead() {}

  /** A head whose pseudo-fields nobody looks at. [T] 3.2 */
  static Http2Headers empty() {
    return new DefaultHttp2Headers()
        .method("GET")
        .path("/")
        .scheme("http")
        .authority("connector.internal");
  }

  static Http2Headers write(ConnectRequest request) {
    return switch (request.type()) {
      case TCP -> tcp(request);
      case WEBSOCKET -> http(request).set(UPGRADE, WEBSOCKET);
      case HTTP -> http(request);
    };
  }

  private static Http2Headers tcp(ConnectRequest request) {
    var head = empty().authority(request.dest()).set(SOURCE, SOURCE_VALUE);
    request.first(Metadata.TRACE_ID).ifPresent(trace -> head.set(Metadata.TRACE_ID, trace));
    return head;
  }

  private static Http2Headers http(ConnectRequest request) {
    var dest = request.dest();
    var scheme = dest.startsWith("https:") ? "https" : "http";
    var start = dest.indexOf("://");
    var rest = start < 0 ? dest : dest.substring(start + 3);
    var pathAt = endOfAuthority(rest);
    var path = rest.substring(pathAt);
    var hash = path.indexOf('#');
    path = hash < 0 ? path : path.substring(0, hash);
    var head =
        new DefaultHttp2Headers()
            .method(request.first(Metadata.HTTP_METHOD).orElse("GET"))
            .scheme(scheme)
            .authority(request.first(Metadata.HTTP_HOST).orElse(rest.substring(0, pathAt)))
            .path(path.startsWith("/") ? path : "/" + path);
    for (var field : request.headers()) {
      var name = field.name().toLowerCase(Locale.ROOT);
      var dropped =
          NOT_OVER_HTTP2.contains(name)
              || (name.equals("te") && !field.value().equals("trailers"))
              || name.startsWith("cf-cloudflared-"); // they would change what it is
      if (!dropped) {
        head.add(name, field.value());
      }
    }
    request.first(Metadata.TRACE_ID).ifPresent(trace -> head.set(Metadata.TRACE_ID, trace));
    return head;
  }

  private static int endOfAuthority(String rest) {
    for (var i = 0; i < rest.length(); i++) {
      if ("/?#".indexOf(rest.charAt(i)) >= 0) {
        return i;
      }
    }
    return rest.length();
  }
}
