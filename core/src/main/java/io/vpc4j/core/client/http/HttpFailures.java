package io.vpc4j.core.client.http;

import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** What went wrong, in the exceptions that the JDK's client throws for it. */
final class HttpFailures {

  private HttpFailures() {}

  /** Takes off what a future puts around a failure. */
  static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  /** What a future fails with: the JDK's class, with {@code failure} as its cause. */
  static Throwable plain(Throwable failure) {
    var why = unwrapped(failure);
    if (!(why instanceof VpcException known)) {
      return why;
    }
    var message = String.valueOf(known.getMessage());
    return switch (known.code()) {
      case REQUEST_TIMEOUT -> timeout(known);
      case CONNECTION_REFUSED,
          CONNECTION_TIMEOUT,
          CONNECTION_LIMIT_REACHED,
          DESTINATION_UNAVAILABLE,
          DESTINATION_NOT_FOUND,
          DESTINATION_IP_PROHIBITED,
          DESTINATION_IP_UNROUTABLE,
          DNS_ERROR,
          DNS_TIMEOUT ->
          with(new ConnectException(message), known);
      case TLS_CERTIFICATE_ERROR -> with(new SSLHandshakeException(message), known);
      case TLS_PROTOCOL_ERROR -> new SSLException(message, known);
      case HTTP_PROTOCOL_ERROR -> with(new ProtocolException(message), known);
      case HTTP_REQUEST_ERROR -> ofBody(known);
      default -> new IOException(message, known);
    };
  }

  private static IOException timeout(VpcException known) {
    var beforeTheRequest = known.stage().compareTo(Stage.TLS) <= 0;
    return with(
        beforeTheRequest
            ? new HttpConnectTimeoutException("HTTP connect timed out")
            : new HttpTimeoutException("request timed out"),
        known);
  }

  /** A publisher's own failure is what the application is told. */
  private static Throwable ofBody(VpcException known) {
    var cause = known.getCause();
    return cause != null ? cause : new IOException(String.valueOf(known.getMessage()), known);
  }

  /**
   * What {@code send} throws: the same class with the caller's stack, as the JDK does it; a class
   * that is not among those it names is an {@link IOException}.
   */
  static IOException rethrown(@Nullable Throwable cause) {
    var message = cause == null ? null : cause.getMessage();
    if (cause instanceof IllegalArgumentException) {
      throw new IllegalArgumentException(message, cause);
    } else if (cause instanceof SecurityException) {
      throw new SecurityException(message, cause);
    } else if (cause instanceof Error error) {
      throw error;
    } else if (cause instanceof HttpConnectTimeoutException) {
      return with(new HttpConnectTimeoutException(message), cause);
    } else if (cause instanceof HttpTimeoutException) {
      return with(new HttpTimeoutException(message), cause);
    } else if (cause instanceof ConnectException) {
      return with(new ConnectException(message), cause);
    } else if (cause instanceof SSLHandshakeException) {
      return with(new SSLHandshakeException(message), cause);
    } else if (cause instanceof SSLException) {
      return new SSLException(message, cause);
    } else if (cause instanceof ProtocolException) {
      return with(new ProtocolException(message), cause);
    }
    return new IOException(message, cause);
  }

  private static <E extends IOException> E with(E plain, Throwable cause) {
    plain.initCause(cause);
    return plain;
  }
}
