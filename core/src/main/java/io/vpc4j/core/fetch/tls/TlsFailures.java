package io.vpc4j.core.fetch.tls;

import io.vpc4j.ErrorCode;
import io.vpc4j.VpcException;
import io.vpc4j.VpcException.Stage;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * Tells a certificate that we did not accept from a handshake that failed otherwise.
 *
 * <p>The first has our own {@link CertificateRefused} among its causes, on either engine. An alert
 * from the peer ("bad certificate", "certificate required") is about our certificate, not the
 * peer's, and has none: that is a protocol error.
 */
final class TlsFailures {

  private static final int MAX_CAUSES = 16;

  private TlsFailures() {}

  static VpcException of(Throwable failure, String host) {
    var refusal = refusal(failure);
    if (refusal != null) {
      return new VpcException(
          ErrorCode.TLS_CERTIFICATE_ERROR,
          Stage.TLS,
          "The certificate of " + host + " is not accepted: " + refusal.getMessage(),
          failure);
    }
    var sentence =
        failure instanceof ClosedChannelException
            ? "The connection to " + host + " was closed before TLS was up. Does it speak TLS?"
            : "TLS with " + host + " failed: " + failure.getMessage() + ".";
    return new VpcException(ErrorCode.TLS_PROTOCOL_ERROR, Stage.TLS, sentence, failure);
  }

  private static @Nullable CertificateRefused refusal(Throwable failure) {
    var cause = failure;
    for (var depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
      if (cause instanceof CertificateRefused refused) {
        return refused;
      }
      cause = cause.getCause();
    }
    return null;
  }
}
