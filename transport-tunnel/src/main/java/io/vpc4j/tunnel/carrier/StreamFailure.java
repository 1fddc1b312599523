package io.vpc4j.tunnel.carrier;

import io.vpc4j.tunnel.stream.ConnectResponse;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Why a stream was not opened. Made often, so it has no stack trace. */
public final class StreamFailure extends IOException {

  private static final long serialVersionUID = 1L;

  /** What stands for a connector's words where the carrier brings none, as HTTP/2 does. */
  public static final String NO_REASON = "the connector said no; over HTTP/2 it gives no reason";

  /** How far it came; what may be done about it follows from that. */
  public enum Kind {
    /** The request has not reached the connector's program: another carrier may be tried. */
    NOT_OPENED,
    /** The connector answered, and the answer is no. Nobody else is asked. */
    REFUSED,
    /** The stream or the carrier ended after the request had left and before an answer came. */
    LOST,
    /** No answer by the deadline. */
    TIMED_OUT
  }

  private final Kind kind;
  private final transient @Nullable ConnectResponse response;

  private StreamFailure(
      Kind kind, String message, @Nullable ConnectResponse response, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.response = response;
  }

  /** {@link Kind#NOT_OPENED}. */
  public static StreamFailure notOpened(String message, @Nullable Throwable cause) {
    return new StreamFailure(Kind.NOT_OPENED, message, null, cause);
  }

  /** {@link Kind#LOST}. */
  public static StreamFailure lost(String message, @Nullable Throwable cause) {
    return new StreamFailure(Kind.LOST, message, null, cause);
  }

  /** {@link Kind#TIMED_OUT}. */
  public static StreamFailure timedOut(String message) {
    return new StreamFailure(Kind.TIMED_OUT, message, null, null);
  }

  /**
   * {@link Kind#REFUSED}.
   *
   * @param response its error is the connector's text, or {@link #NO_REASON} over HTTP/2 ([T] 3.4)
   */
  public static StreamFailure refused(String message, ConnectResponse response) {
    return new StreamFailure(Kind.REFUSED, message, response, null);
  }

  /** How far it came. */
  public Kind kind() {
    return kind;
  }

  /** The connector's answer, where there was one. */
  public Optional<ConnectResponse> response() {
    return Optional.ofNullable(response);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
