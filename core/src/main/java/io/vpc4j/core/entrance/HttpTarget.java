package io.vpc4j.core.entrance;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.vpc4j.Url;
import java.util.Locale;
import java.util.Set;

/**
 * What one request of a client asks for, whichever of the two doors it came through.
 *
 * @param way the binding it goes through
 * @param url where to
 * @param request what the target is sent: origin form, {@code Host} of the URL, without what was
 *     meant for us
 */
record HttpTarget(Way way, Url url, HttpRequest request) {

  /** Whose words the answers are in. */
  enum Kind {
    /** A forward proxy's: RFC 9110 7.6, with {@code Proxy-Status}. */
    FORWARD,
    /** Miniflare's remote-binding protocol. */
    MINIFLARE
  }

  static final String MF_BINDING = "MF-Binding";
  static final String MF_URL = "MF-URL";
  static final String MF_CONNECT_ADDRESS = "MF-Connect-Address";
  private static final String MF_HEADER = "mf-header-";

  /** Between two neighbours only. RFC 9110 7.6.1 */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "transfer-encoding",
          "upgrade");

  /** Of an inner upgrade: those of the outer one count. */
  private static final Set<String> OUTER_HANDSHAKE =
      Set.of("sec-websocket-key", "sec-websocket-extensions", "sec-websocket-version");

  /** Whether the request speaks Miniflare's protocol. */
  static boolean isMiniflare(HttpRequest request) {
    return request.headers().contains(MF_BINDING) || request.headers().contains(MF_URL);
  }

  /** Whether an upgrade is Miniflare's for calls of methods: the binding is in the query alone. */
  static boolean isRpc(HttpRequest request) {
    var uri = request.uri();
    return uri.contains("?" + MF_BINDING + "=") || uri.contains("&" + MF_BINDING + "=");
  }

  /** A request in absolute form, as a proxy gets it. RFC 9112 3.2.2 */
  static HttpTarget forward(HttpRequest outer, Way way) throws RefusedRequest {
    Url url;
    try {
      url = Url.parse(overHttp(outer.uri()));
    } catch (IllegalArgumentException e) {
      throw new RefusedRequest(
          HttpResponseStatus.BAD_REQUEST,
          "This is a proxy: it wants an absolute http or https URL, or CONNECT. " + e.getMessage());
    }
    var headers = withoutHopByHop(outer.headers());
    return new HttpTarget(way, url, inner(outer, url, headers));
  }

  /** A request with {@code MF-} fields. The binding is the one it names. */
  static HttpTarget miniflare(HttpRequest outer, Visit visit) throws RefusedRequest {
    var way = namedBinding(outer, visit);
    var text = outer.headers().get(MF_URL, "http://example.com");
    Url url;
    try {
      url = Url.parse(text);
    } catch (IllegalArgumentException e) {
      throw new RefusedRequest(HttpResponseStatus.INTERNAL_SERVER_ERROR, "Invalid URL: " + text);
    }
    var headers = new DefaultHttpHeaders();
    for (var field : outer.headers()) {
      var name = field.getKey().toLowerCase(Locale.ROOT);
      if (name.startsWith(MF_HEADER)) {
        headers.add(name.substring(MF_HEADER.length()), field.getValue());
      }
    }
    OUTER_HANDSHAKE.forEach(headers::remove);
    headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    headers.remove(HttpHeaderNames.EXPECT);
    return new HttpTarget(way, url, inner(outer, url, withoutHopByHop(headers)));
  }

  /** The binding that {@code MF-Binding} names. */
  static Way namedBinding(HttpRequest outer, Visit visit) throws RefusedRequest {
    var name = outer.headers().get(MF_BINDING, "");
    var way = visit.way(name);
    if (way == null) {
      throw new RefusedRequest(
          HttpResponseStatus.BAD_REQUEST,
          name.isEmpty() ? "Binding  not found" : "Binding \"" + name + "\" not found");
    }
    return way;
  }

  private static HttpRequest inner(HttpRequest outer, Url url, HttpHeaders headers) {
    headers.set(HttpHeaderNames.HOST, url.authority());
    if (isWebSocketUpgrade(outer)) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
      headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
      copy(HttpHeaderNames.SEC_WEBSOCKET_KEY, outer, headers);
      copy(HttpHeaderNames.SEC_WEBSOCKET_VERSION, outer, headers);
    }
    if (HttpUtil.isTransferEncodingChunked(outer)) {
      headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    } else {
      copy(HttpHeaderNames.CONTENT_LENGTH, outer, headers);
    }
    return new DefaultHttpRequest(
        HttpVersion.HTTP_1_1, outer.method(), url.pathAndQuery(), headers);
  }

  private static void copy(CharSequence name, HttpRequest from, HttpHeaders to) {
    var value = from.headers().get(name);
    if (value != null) {
      to.set(name, value);
    }
  }

  /** Whether the client wants a WebSocket. RFC 6455 4.2.1 */
  static boolean isWebSocketUpgrade(HttpRequest request) {
    return request
            .headers()
            .containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
        && request
            .headers()
            .containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
        && request.headers().contains(HttpHeaderNames.SEC_WEBSOCKET_KEY);
  }

  /** A copy without what concerns two neighbours alone, what {@code Connection} lists included. */
  static HttpHeaders withoutHopByHop(HttpHeaders headers) {
    // The values were read from a message or come from one: they are not checked again.
    var copy = DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
    copy.set(headers);
    for (var listed : headers.getAll(HttpHeaderNames.CONNECTION)) {
      for (var name : listed.split(",", -1)) {
        if (!name.isBlank()) {
          copy.remove(name.strip());
        }
      }
    }
    HOP_BY_HOP.forEach(copy::remove);
    return copy;
  }

  /** {@code ws} and {@code wss} are what their handshakes are spoken in. */
  private static String overHttp(String url) {
    return url.startsWith("ws:") || url.startsWith("wss:") ? "http" + url.substring(2) : url;
  }

  /** Whether a connection that was made for {@code other} can carry this too. */
  boolean sameTarget(HttpTarget other) {
    return way == other.way && url.sameOrigin(other.url);
  }

  /** Whether sending it twice does no more than sending it once, and it has no body to send. */
  boolean mayBeRepeated() {
    var headers = request.headers();
    return switch (request.method().name()) {
      case "GET", "HEAD", "OPTIONS", "TRACE" ->
          !headers.contains(HttpHeaderNames.CONTENT_LENGTH)
              && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
      default -> false;
    };
  }
}
