package io.vpc4j.tunnel.rpc;

/**
 * Why an RPC stream is over.
 *
 * @param cause who ended it, and how
 * @param detail for logs
 */
public record RpcEnd(Cause cause, String detail) {

  /** Who ended it. */
  public enum Cause {
    /** We did, by {@code close}. */
    CLOSED,
    /** The peer's stream ended between two messages. */
    PEER_ENDED,
    /** The peer sent an abort: the usual farewell of real peers is {@code rpc: shutdown}. */
    PEER_ABORTED,
    /** The peer sent what is not the protocol; it was sent an abort. */
    PEER_MALFORMED,
    /** The peer asked for more than the limits; it was sent an abort. */
    PEER_OVER_LIMIT
  }
}
