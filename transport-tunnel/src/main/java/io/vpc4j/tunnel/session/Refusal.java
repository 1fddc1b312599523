package io.vpc4j.tunnel.session;

/**
 * Why a session was not opened.
 *
 * @param cause what kind of reason
 * @param detail for people
 */
public record Refusal(Cause cause, String detail) {

  /** What kind of reason. */
  public enum Cause {
    /** The connector cannot reach the destination. */
    UNREACHABLE,
    /** The connector has as many flows as it may have. [T] 7.6 */
    TOO_MANY_FLOWS,
    /** The connector said no, in words. */
    FAILED,
    /** The connector did not answer in time. */
    TIMEOUT,
    /** We have as many sessions on this connection as we may have. */
    LIMIT,
    /** The connection was lost. */
    CONNECTION_LOST,
    /** No connection of the tunnel carries datagrams: those over HTTP/2 never do. */
    NO_DATAGRAMS
  }
}
