package io.vpc4j.tunnel.connector.serve;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.vpc4j.tunnel.connector.config.OriginOptions;
import io.vpc4j.tunnel.connector.config.OriginOptions.RequestBody;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.HeaderField;
import io.vpc4j.tunnel.stream.Metadata;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Heads of HTTP messages, from the edge's form to the origin's and back. [C] 3.4, 4.3
 *
 * <p>Fields that concern one connection alone are left out both ways. RFC 9110 7.6.1
 */
final class OriginHeads {

  private static final String SPANS = Metadata.TRACING.toLowerCase(Locale.ROOT);

  /** Says to an origin which connector it was. [C] 3.4 */
  private static final String TAG = "Cf-Warp-Tag-Id";

  /** The original fails a request whose header names are not names, with these words. [C] 7.7 */
  private static final String BAD_NAME = "header Key: %s malformed";

  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Pattern TARGET = Pattern.compile("[\\x21-\\x7e\\x80-\\xff]+");
  private static final Set<String> OF_ONE_CONNECTION =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "upgrade",
          "http2-settings");

  private OriginHeads() {}

  /** What follows a request's head. */
  sealed interface Body {
    /** Nothing, whatever else may come on the stream. */
    record None() implements Body {}

    /** So many octets, 1 or more. */
    record Length(long octets) implements Body {}

    /** All until the end of the stream. */
    record ToTheEnd() implements Body {}

    /** The same, collected first so that its length is known. */
    record Measured() implements Body {}
  }

  /**
   * A request's head for an origin, and what follows it.
   *
   * @param request without the fields that say how the body is framed
   * @param body what follows
   */
  record OriginRequest(HttpRequest request, Body body) {}

  /**
   * What a request is to an origin.
   *
   * @throws IllegalArgumentException if it is none
   */
  static OriginRequest request(ConnectRequest from, OriginOptions options, UUID connectorId) {
    var method = from.first(Metadata.HTTP_METHOD).orElse("GET");
    var target = target(from.dest());
    if (!TOKEN.matcher(method).matches() || !TARGET.matcher(target).matches()) {
      throw new IllegalArgumentException("the request has no valid method or path");
    }
    var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), target);
    var headers = request.headers();
    var host = from.first(Metadata.HTTP_HOST).orElseGet(() -> authority(from.dest()));
    headers.set(
        HttpHeaderNames.HOST, options.httpHostHeader().isEmpty() ? host : options.httpHostHeader());
    var dropped = new HashSet<>(OF_ONE_CONNECTION);
    dropped.addAll(Set.of("host", "content-length", "expect", Metadata.TRACE_ID));
    for (var field : from.headers()) {
      if (field.name().equalsIgnoreCase("connection")) {
        dropped.addAll(List.of(field.value().toLowerCase(Locale.ROOT).split("[ ,]+", -1)));
      }
    }
    for (var field : from.headers()) {
      if (!TOKEN.matcher(field.name()).matches()) {
        throw new IllegalArgumentException(BAD_NAME.formatted(field.name()));
      }
      if (!dropped.contains(field.name().toLowerCase(Locale.ROOT))) {
        headers.add(field.name(), field.value());
      }
    }
    headers.set(TAG, connectorId.toString());
    if (from.type() == ConnectRequest.Type.WEBSOCKET) {
      upgrade(headers);
      return new OriginRequest(request, new Body.None());
    }
    return new OriginRequest(request, body(from, options.requestBody()));
  }

  private static void upgrade(HttpHeaders headers) {
    headers.set(HttpHeaderNames.CONNECTION, "Upgrade");
    headers.set(HttpHeaderNames.UPGRADE, "websocket");
    headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
  }

  /**
   * How much of the stream is the body: by its length, or else by chunks announced. [C] 4.3
   *
   * <p>An origin that takes no chunks is given the length, where both are there.
   */
  private static Body body(ConnectRequest from, RequestBody how) {
    var lengths = new HashSet<String>();
    var chunked = false;
    for (var field : from.headers()) {
      if (field.name().equalsIgnoreCase("content-length")) {
        lengths.add(field.value().strip());
      } else if (field.name().equalsIgnoreCase("transfer-encoding")) {
        chunked |= field.value().toLowerCase(Locale.ROOT).contains("chunked");
      }
    }
    if (chunked && (how == RequestBody.CHUNKED || lengths.isEmpty())) {
      return how == RequestBody.CHUNKED ? new Body.ToTheEnd() : new Body.Measured();
    }
    if (lengths.isEmpty()) {
      return new Body.None();
    }
    var length = lengths.iterator().next();
    if (lengths.size() > 1 || !length.matches("[0-9]{1,18}")) {
      throw new IllegalArgumentException("the request's Content-Length is no number");
    }
    var octets = Long.parseLong(length);
    return octets == 0 ? new Body.None() : new Body.Length(octets);
  }

  private static String target(String dest) {
    var start = dest.indexOf("://");
    var rest = start < 0 ? dest : dest.substring(start + 3);
    for (var i = 0; i < rest.length(); i++) {
      var c = rest.charAt(i);
      if (c == '/') {
        var hash = rest.indexOf('#', i);
        return hash < 0 ? rest.substring(i) : rest.substring(i, hash);
      }
      if (c == '?') {
        return "/" + rest.substring(i);
      }
    }
    return "/";
  }

  /** The path that rules are matched with. */
  static String path(ConnectRequest request) {
    return target(request.dest());
  }

  /** The host that rules are matched with. */
  static String host(ConnectRequest request) {
    return request.first(Metadata.HTTP_HOST).orElse("");
  }

  private static String authority(String dest) {
    var start = dest.indexOf("://");
    var rest = start < 0 ? dest : dest.substring(start + 3);
    var end = rest.indexOf('/');
    return end < 0 ? rest : rest.substring(0, end);
  }

  // ---- answers

  /** What an origin's response is to an edge. */
  static ConnectResponse response(HttpResponse from) {
    var status = from.status().code();
    var metadata = new ArrayList<Metadata>();
    metadata.add(new Metadata(Metadata.HTTP_STATUS, Integer.toString(status)));
    var dropped = new HashSet<>(Set.of(SPANS)); // an origin has no say in them
    if (status != 101) {
      dropped.addAll(OF_ONE_CONNECTION);
      for (var value : from.headers().getAll(HttpHeaderNames.CONNECTION)) {
        dropped.addAll(List.of(value.toLowerCase(Locale.ROOT).split("[ ,]+", -1)));
      }
    }
    for (var field : from.headers()) {
      if (!dropped.contains(field.getKey().toLowerCase(Locale.ROOT))) {
        metadata.add(Metadata.header(field.getKey(), field.getValue()));
      }
    }
    return new ConnectResponse("", metadata);
  }

  /** An answer of the connector's own. */
  static ConnectResponse answer(int status, HeaderField... fields) {
    var metadata = new ArrayList<Metadata>();
    metadata.add(new Metadata(Metadata.HTTP_STATUS, Integer.toString(status)));
    for (var field : fields) {
      metadata.add(Metadata.header(field.name(), field.value()));
    }
    return new ConnectResponse("", metadata);
  }
}
