package io.vpc4j.core.fetch.http1;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;

/** The one place that says what is wrong with a response. */
final class Malformed {

  private Malformed() {}

  /** The peer broke the syntax; {@code detail} says how, without the peer's octets. */
  static VpcException response(String detail) {
    return new VpcException(
        ErrorCode.HTTP_PROTOCOL_ERROR,
        Stage.RESPONSE,
        "The response is not well-formed HTTP/1.1: " + detail + ".");
  }
}
