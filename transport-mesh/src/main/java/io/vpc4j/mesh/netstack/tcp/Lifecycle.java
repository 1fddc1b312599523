package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.ACK;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The state of a connection and how it ends: orderly, by a reset, or by patience that is over. */
final class Lifecycle {

  private final TcpHost host;
  private final TcpSettings settings;
  private final @Nullable TcpListener listener;
  private final Timers timers;
  private final Inbound in;
  private final Outbound out;
  private final Events events = new Events();

  private TcpState state = TcpState.CLOSED;
  private @Nullable TcpFailure failure;
  private boolean applicationGone;
  private boolean inTimeWait;

  /** A reset that waits to be polled: its number, and ACK or nothing beside RST. */
  private boolean resetOwed;

  private int resetSeq;
  private int resetFlags;

  Lifecycle(
      TcpHost host,
      TcpSettings settings,
      @Nullable TcpListener listener,
      Outbound.Parts parts,
      Outbound out) {
    this.host = host;
    this.settings = settings;
    this.listener = listener;
    timers = parts.timers();
    in = parts.in();
    this.out = out;
  }

  TcpState state() {
    return state;
  }

  boolean is(TcpState which) {
    return state == which;
  }

  @Nullable TcpFailure failure() {
    return failure;
  }

  Events events() {
    return events;
  }

  /** The one place that changes the state. */
  void become(TcpState.Event event) {
    state = state.after(event);
  }

  /** The handshake is over. */
  void onEstablished(TcpConnection connection, long nowNs) {
    events.raise(TcpEvent.CONNECTED);
    if (listener != null) {
      listener.onEstablished(connection, nowNs);
    }
    if (out.finQueued() && state == TcpState.ESTABLISHED) {
      become(TcpState.Event.CLOSE);
    }
  }

  // ---- the application -------------------------------------------------------------------------

  boolean applicationGone() {
    return applicationGone;
  }

  /** False if it had gone before. */
  boolean leaveApplication() {
    var first = !applicationGone;
    applicationGone = true;
    if (first && state == TcpState.CLOSED) {
      in.release(); // an orderly end had left it to be read
    }
    return first;
  }

  /** No more will be written. RFC 9293 3.10.4 */
  void shutdownOutput(long nowNs) {
    out.queueFin();
    if (state == TcpState.ESTABLISHED || state == TcpState.CLOSE_WAIT) {
      become(TcpState.Event.CLOSE);
    } // else once the handshake is over: SYN-SENT and SYN-RECEIVED
  }

  /** FIN-WAIT-2 of an application that is gone does not last for ever. */
  void limitOrphan(long nowNs) {
    if (applicationGone && state == TcpState.FIN_WAIT_2 && timers.lingerAt == Deadline.NONE) {
      timers.lingerAt = Deadline.after(nowNs, settings.orphanTimeoutNs());
    }
  }

  // ---- the end ---------------------------------------------------------------------------------

  void onFinAcknowledged(long nowNs) {
    if (state == TcpState.FIN_WAIT_1 || state == TcpState.CLOSING || state == TcpState.LAST_ACK) {
      become(TcpState.Event.RECV_ACK_OF_FIN);
    }
    if (state == TcpState.TIME_WAIT) {
      beginTimeWait(nowNs);
    } else if (state == TcpState.CLOSED) {
      finish();
    } else {
      limitOrphan(nowNs);
    }
  }

  void beginTimeWait(long nowNs) {
    if (inTimeWait) {
      return;
    }
    timers.stopAll();
    out.release();
    inTimeWait = host.beginTimeWait();
    timers.lingerAt = Deadline.after(nowNs, inTimeWait ? settings.timeWaitNs() : 0);
  }

  void endLinger() {
    if (state == TcpState.TIME_WAIT) {
      become(TcpState.Event.TIMEOUT_2MSL);
      finish();
    } else {
      end(null); // FIN-WAIT-2: nobody waits for the peer's FIN
    }
  }

  /** Ends with a reset, where the peer knows of us. */
  void abort(TcpFailure how) {
    if (state != TcpState.SYN_SENT && state != TcpState.TIME_WAIT) {
      oweReset(out.sndNxt(), ACK);
    }
    end(how);
  }

  void fail(TcpFailure how) {
    end(how);
  }

  /** Ends without both FINs; with a failure, what was not read is gone. */
  void end(@Nullable TcpFailure how) {
    var wasHalfOpen = !state.synchronised();
    failure = how;
    become(TcpState.Event.GIVE_UP);
    if (how != null) {
      events.raise(TcpEvent.FAILED);
      in.release();
    }
    finish();
    if (wasHalfOpen && listener != null) {
      listener.onHalfOpenEnded();
    }
  }

  /** CLOSED: nothing is left but what can still be read. */
  private void finish() {
    timers.stopAll();
    out.release();
    if (applicationGone) {
      in.release();
    }
    if (inTimeWait) {
      inTimeWait = false;
      host.endTimeWait();
    }
    events.raise(TcpEvent.CLOSED);
  }

  // ---- resets ----------------------------------------------------------------------------------

  void oweReset(int seq, int flags) {
    resetOwed = true;
    resetSeq = seq;
    resetFlags = flags;
  }

  /** The reset that is owed, or 0. */
  int pollReset(ByteBuffer packet) {
    if (!resetOwed) {
      return 0;
    }
    resetOwed = false;
    return out.writeReset(packet, resetSeq, resetFlags);
  }
}
