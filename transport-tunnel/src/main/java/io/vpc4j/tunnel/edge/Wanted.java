package io.vpc4j.tunnel.edge;

import io.vpc4j.tunnel.stream.ConnectRequest;
import java.util.function.Predicate;

/**
 * What is asked of a connector, and of which.
 *
 * @param request what is asked
 * @param fits which connections may be asked
 */
public record Wanted(ConnectRequest request, Predicate<EdgeConnection> fits) {

  /** Of any connector. */
  public static Wanted ofAny(ConnectRequest request) {
    return new Wanted(request, connection -> true);
  }
}
