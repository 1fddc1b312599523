package io.vpc4j.tunnel.carrier.http2;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.ConnectResponse;
import io.vpc4j.tunnel.stream.HeaderField;
import io.vpc4j.tunnel.stream.SerializedHeaders;
import java.util.List;
import java.util.Locale;

/**
 * The head of an answer as the connector writes it, for {@link ResponseHead} and others. [T] 3.4
 */
final class AnswerHead {

  private static final String ORIGIN = "{\"src\":\"origin\"}";

  private static final String CONNECTOR = "{\"src\":\"cloudflared\"}";
  private static final String RATE_LIMITED = "{\"src\":\"cloudflared\",\"flow_rate_limited\":true}";
  private static final int MAX_ERROR = 1_000;

  /** Fields that are the tunnel's own and that an origin has no say in. */
  private static final List<String> DROPPED =
      List.of(":", "cf-int-", "cf-cloudflared-", "cf-proxy-");

  private AnswerHead() {}

  static Http2Headers write(ConnectRequest.Type type, ConnectResponse response) {
    if (!response.isOk()) {
      return new DefaultHttp2Headers()
          .status("502")
          .set("content-length", "0")
          .set(ResponseHead.META, response.isRateLimited() ? RATE_LIMITED : CONNECTOR)
          .set(ResponseHead.REASON, printable(response.error()));
    }
    var head = new DefaultHttp2Headers().status("200").set(ResponseHead.META, ORIGIN);
    response.spans().ifPresent(spans -> head.set(ResponseHead.TRACING, spans));
    if (type == ConnectRequest.Type.TCP) {
      return head.set(SerializedHeaders.FIELD, SerializedHeaders.write(response.headers()));
    }
    var status = response.httpStatus().orElse(502);
    head.status(status == 101 ? "200" : Integer.toString(status));
    var fields = response.headers().stream().filter(AnswerHead::passes).toList();
    head.set(SerializedHeaders.FIELD, SerializedHeaders.write(fields));
    for (var field : fields) {
      if (field.name().equalsIgnoreCase("content-length")) {
        head.set("content-length", field.value());
      }
    }
    return head;
  }

  /** A field of HTTP/2 takes no control characters, and a short one is enough for words. */
  private static String printable(String text) {
    return text.substring(0, Math.min(MAX_ERROR, text.length())).replaceAll("[^ -~]", "?");
  }

  private static boolean passes(HeaderField field) {
    var name = field.name().toLowerCase(Locale.ROOT);
    return DROPPED.stream().noneMatch(name::startsWith);
  }
}
