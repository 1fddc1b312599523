package io.vpc4j.core.entrance;

import io.netty.handler.codec.http.HttpResponseStatus;

/** A request that is answered by the entrance itself, with this status and text. */
final class RefusedRequest extends Exception {

  private static final long serialVersionUID = 1;

  private final transient HttpResponseStatus status;

  RefusedRequest(HttpResponseStatus status, String text) {
    super(text, null, false, false);
    this.status = status;
  }

  HttpResponseStatus status() {
    return status;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
