package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.TcpState.Receives.DATA;
import static io.vpc4j.mesh.netstack.tcp.TcpState.Receives.NOTHING;
import static io.vpc4j.mesh.netstack.tcp.TcpState.Sends.QUEUED;
import static io.vpc4j.mesh.netstack.tcp.TcpState.Sends.REFUSED;

/**
 * The states of a connection, in the standard's order and spelling. RFC 9293 3.3.2, Figure 5
 *
 * <p>A plain enum, because every state works on the same control block: what differs is what is
 * allowed, and that is two columns. LISTEN is missing: a {@link TcpListener} is an object of its
 * own, and makes a connection for each SYN.
 */
public enum TcpState {
  // spotless:off
  //            write() by the application, data from the peer
  /** We sent a SYN. */
  SYN_SENT     (QUEUED,  NOTHING),
  /** We have a SYN and sent ours; neither has been acknowledged to us. */
  SYN_RECEIVED (QUEUED,  NOTHING),
  /** Open both ways. */
  ESTABLISHED  (QUEUED,  DATA),
  /** We sent FIN; it is not acknowledged. */
  FIN_WAIT_1   (REFUSED, DATA),
  /** Our FIN is acknowledged; the peer may go on sending. */
  FIN_WAIT_2   (REFUSED, DATA),
  /** The peer's FIN came; we may go on sending. */
  CLOSE_WAIT   (QUEUED,  NOTHING),
  /** Both sent FIN at the same time; ours is not acknowledged. */
  CLOSING      (REFUSED, NOTHING),
  /** The peer's FIN came first, ours is not acknowledged. */
  LAST_ACK     (REFUSED, NOTHING),
  /** Both FINs are acknowledged; late segments are waited out. */
  TIME_WAIT    (REFUSED, NOTHING),
  /** There is no connection. */
  CLOSED       (REFUSED, NOTHING);
  // spotless:on

  enum Sends {
    QUEUED,
    REFUSED
  }

  enum Receives {
    DATA,
    NOTHING
  }

  /** What can happen to a connection, once a segment has passed every check. */
  enum Event {
    ACTIVE_OPEN,
    PASSIVE_OPEN,
    RECV_SYN,
    RECV_SYN_ACK,
    RECV_ACK_OF_SYN,
    CLOSE,
    RECV_FIN,
    RECV_ACK_OF_FIN,
    TIMEOUT_2MSL,
    /** A reset that came or that we sent, a timeout, ABORT. */
    GIVE_UP
  }

  final Sends sends;
  final Receives receives;

  TcpState(Sends sends, Receives receives) {
    this.sends = sends;
    this.receives = receives;
  }

  /** Whether both sides know each other's sequence number. RFC 9293 3.5.2 */
  boolean synchronised() {
    return this != SYN_SENT && this != SYN_RECEIVED && this != CLOSED;
  }

  /**
   * The state after {@code event}: Figure 5, arrow by arrow. Every change of state goes through
   * here, so this method is the whole machine.
   *
   * <p>A passive open begins at SYN_RECEIVED, since the listener never leaves LISTEN. A FIN that
   * comes with the acknowledgment of ours is two events, RECV_ACK_OF_FIN and then RECV_FIN, and
   * ends where the figure's joined arrow does.
   *
   * @throws IllegalStateException if the figure has no such arrow; a caller that lets one through
   *     has skipped a check, and that is a bug of ours, never of the peer's
   */
  TcpState after(Event event) {
    if (event == Event.GIVE_UP && this != CLOSED) {
      return CLOSED; // from every state: 3.10.5, 3.10.7.4 second
    }
    return switch (this) {
      case CLOSED ->
          switch (event) {
            case ACTIVE_OPEN -> SYN_SENT;
            case PASSIVE_OPEN -> SYN_RECEIVED;
            default -> throw noArrow(event);
          };
      case SYN_SENT ->
          switch (event) {
            case RECV_SYN_ACK -> ESTABLISHED;
            case RECV_SYN -> SYN_RECEIVED; // simultaneous open, MUST-10
            default -> throw noArrow(event);
          };
      case SYN_RECEIVED ->
          switch (event) {
            case RECV_ACK_OF_SYN -> ESTABLISHED;
            case CLOSE -> FIN_WAIT_1;
            default -> throw noArrow(event);
          };
      case ESTABLISHED ->
          switch (event) {
            case CLOSE -> FIN_WAIT_1;
            case RECV_FIN -> CLOSE_WAIT;
            default -> throw noArrow(event);
          };
      case FIN_WAIT_1 ->
          switch (event) {
            case RECV_ACK_OF_FIN -> FIN_WAIT_2;
            case RECV_FIN -> CLOSING;
            default -> throw noArrow(event);
          };
      case FIN_WAIT_2 ->
          switch (event) {
            case RECV_FIN -> TIME_WAIT;
            default -> throw noArrow(event);
          };
      case CLOSE_WAIT ->
          switch (event) {
            case CLOSE -> LAST_ACK;
            default -> throw noArrow(event);
          };
      case CLOSING ->
          switch (event) {
            case RECV_ACK_OF_FIN -> TIME_WAIT;
            default -> throw noArrow(event);
          };
      case LAST_ACK ->
          switch (event) {
            case RECV_ACK_OF_FIN -> CLOSED;
            default -> throw noArrow(event);
          };
      case TIME_WAIT ->
          switch (event) {
            case TIMEOUT_2MSL -> CLOSED;
            default -> throw noArrow(event);
          };
    };
  }

  private IllegalStateException noArrow(Event event) {
    return new IllegalStateException("no arrow from " + this + " on " + event);
  }
}
