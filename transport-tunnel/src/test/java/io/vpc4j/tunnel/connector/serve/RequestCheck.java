package io.vpc4j.tunnel.connector.serve;

import io.vpc4j.tunnel.connector.config.OriginOptions;
import io.vpc4j.tunnel.stream.ConnectRequest;
import java.util.UUID;

/** Opens what a request is to an origin to tests of other packages. */
public final class RequestCheck {

  private RequestCheck() {}

  /** Fails as a connector would refuse. */
  public static void check(ConnectRequest request) {
    OriginHeads.request(request, OriginOptions.DEFAULTS, new UUID(0, 0));
  }
}
