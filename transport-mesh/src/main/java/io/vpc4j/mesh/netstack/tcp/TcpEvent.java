package io.vpc4j.mesh.netstack.tcp;

/**
 * What a connection tells its application, from {@link TcpConnection#pollEvent}. Each is told once
 * per change, in this order when several wait, and never again until it happens again.
 */
public enum TcpEvent {
  /** The connection is established. */
  CONNECTED,
  /** More data is there to read than was before. */
  READABLE,
  /** There is room again, after a {@link TcpConnection#write} that took less than it was given. */
  WRITABLE,
  /** The peer's FIN: after what is readable now, nothing follows. */
  PEER_FINISHED,
  /** The connection ended otherwise than by both FINs; {@link TcpConnection#failure} says how. */
  FAILED,
  /**
   * The last event, after {@link #FAILED} or an orderly end: the state is CLOSED, no deadline is
   * left, and the stack forgets the connection. After an orderly end the application may still read
   * what had come; {@link TcpConnection#close} then gives that memory back.
   */
  CLOSED
}
