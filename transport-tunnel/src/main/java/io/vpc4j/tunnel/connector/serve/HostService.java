package io.vpc4j.tunnel.connector.serve;

import io.vpc4j.tunnel.carrier.IncomingStream;

/** A host that the connector itself is, before any rule of its ingress. [C] 7.8 */
public interface HostService {

  /**
   * Whether it is that host.
   *
   * @param host the request's, with or without a port; in any case
   */
  boolean is(String host);

  /**
   * Answers one request. Called on the stream's loop.
   *
   * @param target its path, and its query if there is one
   */
  void serve(IncomingStream stream, String target);
}
