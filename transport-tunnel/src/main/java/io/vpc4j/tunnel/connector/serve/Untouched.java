package io.vpc4j.tunnel.connector.serve;

import java.io.IOException;

/**
 * An origin ended a stream and says that it did nothing about the request, which may be sent again
 * whatever its method. RFC 9113 8.7
 */
final class Untouched extends IOException {

  private static final long serialVersionUID = 1L;

  Untouched(String message) {
    super(message);
  }
}
