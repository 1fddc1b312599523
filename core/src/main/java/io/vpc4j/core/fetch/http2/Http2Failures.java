package io.vpc4j.core.fetch.http2;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import org.jspecify.annotations.Nullable;

/** What an exchange over HTTP/2 fails with. */
final class Http2Failures {

  private Http2Failures() {}

  /** The stream or its connection ended: before the head, or with a part of the body missing. */
  static VpcException ended(Http2Stream stream, String sentence, @Nullable Throwable cause) {
    return new VpcException(
        stream.headSeen ? ErrorCode.HTTP_RESPONSE_INCOMPLETE : ErrorCode.CONNECTION_TERMINATED,
        Stage.RESPONSE,
        sentence,
        cause);
  }

  /** The connection is closed, going away, or full. */
  static VpcException takesNoMore(@Nullable Throwable cause) {
    return new VpcException(
        ErrorCode.CONNECTION_TERMINATED,
        Stage.REQUEST,
        "The connection takes no more requests.",
        cause);
  }

  static VpcException closedHere() {
    return new VpcException(
        ErrorCode.REQUEST_ABORTED, Stage.REQUEST, "The connection was closed on this side.");
  }

  /** More than the peer's SETTINGS_MAX_HEADER_LIST_SIZE. RFC 9113 10.5.1 */
  static VpcException headTooLarge(Throwable cause) {
    return new VpcException(
        ErrorCode.HTTP_REQUEST_ERROR,
        Stage.REQUEST,
        "The request's fields are more octets than the far end accepts.",
        cause);
  }

  /** A connection error, and every stream's end. RFC 9113 5.4.1 */
  static VpcException broken(Throwable cause) {
    return new VpcException(
        ErrorCode.HTTP_PROTOCOL_ERROR,
        Stage.RESPONSE,
        "The far end broke HTTP/2: " + cause.getMessage() + ".",
        cause);
  }

  /** A stream error, and nobody else's business. RFC 9113 5.4.2 */
  static VpcException malformed(Throwable cause) {
    return new VpcException(
        ErrorCode.HTTP_PROTOCOL_ERROR,
        Stage.RESPONSE,
        "The response is not HTTP/2: " + cause.getMessage() + ".",
        cause);
  }
}
