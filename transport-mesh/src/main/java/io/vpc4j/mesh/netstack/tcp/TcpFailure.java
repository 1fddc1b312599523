package io.vpc4j.mesh.netstack.tcp;

/** How a connection ended that did not end with both FINs. */
public enum TcpFailure {
  /** A reset answered our SYN. RFC 9293 3.10.7.3 */
  REFUSED,
  /** A reset came later. */
  RESET_BY_PEER,
  /** The SYN was not answered in time. RFC 9293 3.8.3 */
  CONNECT_TIMED_OUT,
  /** Data or FIN was not acknowledged in time. RFC 9293 3.8.3 */
  TIMED_OUT,
  /** Keepalive probes were not answered. RFC 9293 3.8.4 */
  KEEPALIVE_TIMED_OUT,
  /** ICMP said that the way is closed. RFC 9293 3.9.2.2 */
  UNREACHABLE,
  /** {@link TcpConnection#abort}, or close with data unread: we sent the reset. */
  ABORTED,
  /** The stack was out of room for this connection's buffers. */
  OUT_OF_MEMORY
}
