package io.vpc4j.tunnel.stream;

/** How a QUIC stream began. [T] 4.2 */
public sealed interface StreamOpening {

  /**
   * As a data stream.
   *
   * @param request what is asked
   */
  record Data(ConnectRequest request) implements StreamOpening {}

  /** As a stream of RPC: what follows is {@link io.vpc4j.tunnel.rpc}'s. */
  record Rpc() implements StreamOpening {}
}
