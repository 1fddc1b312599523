package io.vpc4j.core.entrance;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import java.nio.charset.StandardCharsets;

/** Why there is no connection, in the words of each protocol of the entrance. */
final class Refusal {

  private Refusal() {}

  static VpcException of(Throwable cause) {
    return cause instanceof VpcException known
        ? known
        : new VpcException(
            ErrorCode.PROXY_INTERNAL_ERROR, Stage.CONNECT, "Connecting failed: " + cause, cause);
  }

  /** RFC 9209 2.3, the recommended status of each type. */
  static HttpResponseStatus status(ErrorCode code) {
    return switch (code) {
      case CONNECTION_TIMEOUT, CONNECTION_READ_TIMEOUT, CONNECTION_WRITE_TIMEOUT, DNS_TIMEOUT ->
          HttpResponseStatus.GATEWAY_TIMEOUT;
      case HTTP_REQUEST_DENIED -> HttpResponseStatus.FORBIDDEN;
      case CONNECTION_LIMIT_REACHED, DESTINATION_UNAVAILABLE ->
          HttpResponseStatus.SERVICE_UNAVAILABLE;
      case RATE_LIMITED -> HttpResponseStatus.TOO_MANY_REQUESTS;
      case DESTINATION_NOT_FOUND, PROXY_INTERNAL_ERROR -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
      default -> HttpResponseStatus.BAD_GATEWAY;
    };
  }

  /** An answer of the entrance's own. */
  static FullHttpResponse response(HttpResponseStatus status, String text) {
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    var headers = response.headers();
    headers.set(HttpHeaderNames.CONTENT_TYPE, "text/plain;charset=UTF-8");
    headers.set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
    if (status.equals(HttpResponseStatus.PROXY_AUTHENTICATION_REQUIRED)) {
      headers.set(HttpHeaderNames.PROXY_AUTHENTICATE, "Basic realm=\"vpc4j\", charset=\"UTF-8\"");
    }
    return response;
  }

  /** {@code vpc4j; error=connection_refused}. RFC 9209 2 */
  static String proxyStatus(ErrorCode code) {
    return "vpc4j; error=" + code;
  }

  /** RFC 1928 6. */
  static Socks5CommandStatus socks5(ErrorCode code) {
    return switch (code) {
      case CONNECTION_REFUSED -> Socks5CommandStatus.CONNECTION_REFUSED;
      case DESTINATION_IP_PROHIBITED, HTTP_REQUEST_DENIED -> Socks5CommandStatus.FORBIDDEN;
      case DESTINATION_NOT_FOUND, DESTINATION_IP_UNROUTABLE ->
          Socks5CommandStatus.NETWORK_UNREACHABLE;
      case DNS_ERROR, DNS_TIMEOUT, DESTINATION_UNAVAILABLE -> Socks5CommandStatus.HOST_UNREACHABLE;
      case CONNECTION_TIMEOUT -> Socks5CommandStatus.TTL_EXPIRED;
      default -> Socks5CommandStatus.FAILURE;
    };
  }
}
