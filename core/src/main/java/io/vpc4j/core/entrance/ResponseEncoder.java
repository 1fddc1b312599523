package io.vpc4j.core.entrance;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpVersion;

/** An encoder that knows whether the client expects a body. */
final class ResponseEncoder extends HttpResponseEncoder {

  private boolean isHead;

  /** The method of the request about to be answered. */
  void expect(HttpMethod method) {
    isHead = method.equals(HttpMethod.HEAD);
  }

  /**
   * Says how long the body is, in a way that this client understands. RFC 9112 6.3
   *
   * @return false if only the end of the connection can say it
   */
  boolean frame(HttpResponse head, HttpVersion client) {
    var code = head.status().code();
    if (isHead
        || code == 204
        || code == 304
        || head.headers().contains(HttpHeaderNames.CONTENT_LENGTH)) {
      return true;
    }
    if (!client.equals(HttpVersion.HTTP_1_1)) {
      return false;
    }
    head.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    return true;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return isHead || super.isContentAlwaysEmpty(response);
  }
}
