package io.vpc4j.tunnel.edge;

import io.vpc4j.tunnel.stream.ConnectResponse;
import java.util.Base64;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The spans in a connector's answer, which may hold anything. [T] 7.9 */
final class Spans {

  /** What is taken of one answer. */
  static final int MAX_OCTETS = 256 << 10;

  private static final Logger LOG = LoggerFactory.getLogger(Spans.class);

  private Spans() {}

  /** Octets of OTLP; empty if there are none, too many, or what is there is no base64. */
  static Optional<byte[]> of(ConnectResponse response) {
    var text = response.spans().orElse("");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (text.length() > MAX_OCTETS / 3 * 4) {
      LOG.debug("spans are dropped: {} characters", text.length());
      return Optional.empty();
    }
    try {
      return Optional.of(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      LOG.debug("spans are dropped: no base64", e);
      return Optional.empty();
    }
  }
}
