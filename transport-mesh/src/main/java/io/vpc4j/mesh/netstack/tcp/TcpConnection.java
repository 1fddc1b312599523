package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.wire.Seq.after;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.before;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.ACK;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.ECE;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.FIN;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.RST;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.SYN;

import io.vpc4j.mesh.netstack.tcp.wire.Seq;
import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.Ecn;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One connection as a machine: segments, calls and the time go in; segments, events and a deadline
 * come out.
 *
 * <p>No thread, no socket, no lock, no clock. The stack's loop is its only caller. After any call
 * that takes the time, call {@link #poll} until it returns 0 and {@link #pollEvent} until it
 * returns null (in either order), then come back no later than {@link #deadlineNs}. Several calls
 * may be made before polling: acknowledgments and small writes are then gathered.
 *
 * <p>Time is {@code long nowNs} from some monotonic clock, the same for every call; it may be
 * negative and may wrap, like {@link System#nanoTime}.
 */
public final class TcpConnection {

  /** What {@link #deadlineNs} is when nothing is awaited. */
  public static final long NO_DEADLINE = Long.MAX_VALUE;

  private static final int DUPLICATE_SOFT_ERRORS = 2;

  private final TcpHost host;
  private final TcpFlow flow;
  private final TcpSettings settings;
  private final @Nullable TcpListener listener;
  private final Timers timers = new Timers();
  private final ChallengeLimit challenges = new ChallengeLimit();
  private final Events events = new Events();
  private final Inbound in;
  private final Recovery recovery;
  private final Outbound out;
  private final Handshake handshake;

  private TcpState state = TcpState.CLOSED;
  private @Nullable TcpFailure failure;
  private boolean applicationGone;
  private boolean finTaken;
  private boolean inTimeWait;

  /** A reset that waits to be polled: its number, and ACK or nothing beside RST. */
  private boolean resetOwed;

  private int resetSeq;
  private int resetFlags;

  private int softErrors;
  private int keepaliveProbes;

  private TcpConnection(
      TcpHost host, TcpFlow flow, TcpSettings settings, int iss, @Nullable TcpListener listener) {
    this.host = host;
    this.flow = flow;
    this.settings = settings;
    this.listener = listener;
    in = new Inbound(host, settings, timers);
    var mss = flow.roomOctets() - TcpSegment.MIN_HEADER_OCTETS;
    recovery = new Recovery(host, flow, settings, timers, mss);
    var parts = new Outbound.Parts(timers, in, recovery);
    out = new Outbound(host, flow, settings, parts, iss);
    handshake = new Handshake(host, flow, settings, parts, out);
  }

  /** An active open: the first {@link #poll} gives the SYN. RFC 9293 3.10.1 */
  public static TcpConnection open(TcpHost host, TcpFlow flow, TcpSettings settings, long nowNs) {
    var connection =
        new TcpConnection(host, flow, settings, flow.initialSequence(host, nowNs), null);
    connection.become(TcpState.Event.ACTIVE_OPEN);
    connection.handshake.begin(nowNs);
    return connection;
  }

  /** A passive open, by a SYN: the first {@link #poll} gives the SYN-ACK. RFC 9293 3.10.7.2 */
  static TcpConnection accept(TcpListener listener, TcpSegment syn, TcpFlow flow, long nowNs) {
    var connection =
        new TcpConnection(
            listener.host(),
            flow,
            listener.settings(),
            flow.initialSequence(listener.host(), nowNs),
            listener);
    connection.become(TcpState.Event.PASSIVE_OPEN);
    connection.handshake.onPeerSyn(syn, nowNs);
    connection.handshake.begin(nowNs);
    return connection;
  }

  /** A passive open, by the acknowledgment of a cookie, which {@link #onSegment} gets next. */
  static TcpConnection accept(
      TcpListener listener, SynCookies.Kept kept, TcpSegment ack, TcpFlow flow, long nowNs) {
    var connection =
        new TcpConnection(listener.host(), flow, listener.settings(), ack.ack() - 1, listener);
    connection.become(TcpState.Event.PASSIVE_OPEN);
    connection.handshake.onCookie(kept, ack, nowNs);
    connection.handshake.beginFromCookie(nowNs);
    return connection;
  }

  // ---- inputs: the network ---------------------------------------------------------------------

  /** A segment for this connection, its checksum already verified. RFC 9293 3.10.7 */
  public void onSegment(TcpSegment segment, long nowNs) {
    if (state == TcpState.CLOSED) {
      return; // the stack answers what comes for nobody: TcpReset
    }
    onSignOfLife(nowNs);
    if (state == TcpState.SYN_SENT) {
      onSegmentInSynSent(segment, nowNs); // a section of its own, 3.10.7.3
      return;
    }
    if (!isSimultaneousSynAck(segment)) {
      if (!sequenceIsAcceptable(segment, nowNs)) { // first, with PAWS before it
        return;
      }
      if (resets(segment, nowNs)) { // second, hardened by RFC 5961 3
        return;
      }
      // third, security compartments: we have none
      if (synInWindow(segment, nowNs)) { // fourth, hardened by RFC 5961 4
        return;
      }
    }
    if (!takesAck(segment, nowNs)) { // fifth, hardened by RFC 5961 5
      return;
    }
    // sixth, urgent data: delivered in line like any other, docs/conformance/tcp.md
    takeText(segment, nowNs); // seventh
    takeFin(segment, nowNs); // eighth
  }

  /** Time has passed; {@link #deadlineNs} may have. Cheap when it has not. */
  public void onTime(long nowNs) {
    if (!Deadline.passed(timers.earliest(), nowNs)) {
      return;
    }
    if (Deadline.passed(timers.giveUpAt, nowNs)) {
      fail(state.synchronised() ? TcpFailure.TIMED_OUT : connectFailure());
      return;
    }
    if (Deadline.passed(timers.lingerAt, nowNs)) {
      endLinger();
      return;
    }
    if (Deadline.passed(timers.handshakeAt, nowNs)) {
      handshake.onTimeout(state);
    }
    if (Deadline.passed(timers.delayedAckAt, nowNs)) {
      timers.delayedAckAt = Deadline.NONE;
      in.owe();
    }
    onTimeOfRetransmission(nowNs);
    if (Deadline.passed(timers.persistAt, nowNs)) {
      out.onPersistTimeout();
    }
    if (Deadline.passed(timers.keepaliveAt, nowNs)) {
      onKeepalive(nowNs);
    }
  }

  /**
   * A router said "packet too big", or the stack learned otherwise how much the path takes.
   *
   * @param roomOctets what the path leaves a segment, header and data
   * @param quotedSeq the sequence number in the quoted header: only if it is in flight does the
   *     report count (RFC 5927 7.2)
   */
  public void onPathMtu(int roomOctets, int quotedSeq, long nowNs) {
    if (state == TcpState.CLOSED || !quotes(quotedSeq)) {
      return;
    }
    var room = Math.max(TcpFlow.MIN_ROOM_OCTETS, Math.min(roomOctets, flow.roomOctets()));
    if (out.setRoom(room)) {
      recovery.setMaxSegment(out.maxSegmentOctets(), nowNs);
    }
  }

  /**
   * An ICMP error about one of our segments. RFC 9293 3.9.2.2
   *
   * @param quotedSeq as for {@link #onPathMtu}
   */
  public void onIcmpError(IcmpError error, int quotedSeq, long nowNs) {
    if (state != TcpState.SYN_SENT || !quotes(quotedSeq)) {
      return; // RFC 5927 5.2: an established connection takes all of them for soft
    }
    softErrors++;
    if (error.severity == IcmpError.Severity.HARD || softErrors >= DUPLICATE_SOFT_ERRORS) {
      fail(error == IcmpError.PORT_UNREACHABLE ? TcpFailure.REFUSED : TcpFailure.UNREACHABLE);
    }
  }

  // ---- inputs: the application -----------------------------------------------------------------

  /**
   * Takes octets to send. In SYN_SENT and SYN_RECEIVED they wait for the connection.
   *
   * @return how many, from 0 to {@code from.remaining()}; when fewer than all, {@link
   *     TcpEvent#WRITABLE} follows once there is room
   * @throws IllegalStateException after {@link #shutdownOutput}, {@link #close}, or when the
   *     connection has ended: ask {@link #canWrite}
   */
  public int write(ByteBuffer from, long nowNs) {
    if (!canWrite()) {
      throw new IllegalStateException("nothing can be written in " + state);
    }
    return out.write(from);
  }

  /**
   * Gives octets that have come, in order. Reading is what opens the window again, so {@link #poll}
   * may have something to send afterwards.
   *
   * @return how many, 0 when there are none now; the end of the stream is {@link #finished}
   */
  public int read(ByteBuffer to, long nowNs) {
    return in.read(to, nowNs);
  }

  /** As {@link #read}, but they stay. */
  public int peek(ByteBuffer to) {
    return in.peek(to);
  }

  /** No more will be written; what was is sent, then FIN. Reading goes on. RFC 9293 3.6 */
  public void shutdownOutput(long nowNs) {
    if (!canWrite()) {
      return;
    }
    out.queueFin();
    if (state == TcpState.ESTABLISHED || state == TcpState.CLOSE_WAIT) {
      become(TcpState.Event.CLOSE);
    } // else once the handshake is over: 3.10.4, SYN-SENT and SYN-RECEIVED
  }

  /**
   * The application is done with both ways: what was written is still sent, then FIN. If data is
   * unread or more of it comes, the peer gets a reset, so that it knows. RFC 9293 3.10.4, RFC 2525
   * 2.17. Again, or after the end, it does nothing.
   */
  public void close(long nowNs) {
    if (applicationGone) {
      return;
    }
    applicationGone = true;
    if (state == TcpState.CLOSED) {
      in.release();
    } else if (state == TcpState.SYN_SENT) {
      end(null); // 3.10.4: nobody knows of us yet
    } else if (in.readable() > 0) {
      abortWith(TcpFailure.ABORTED);
    } else {
      shutdownOutput(nowNs);
      if (state == TcpState.FIN_WAIT_2) {
        timers.lingerAt = Deadline.after(nowNs, settings.orphanTimeoutNs());
      }
    }
  }

  /** Ends at once, with a reset where the peer knows of us. RFC 9293 3.10.5 */
  public void abort(long nowNs) {
    applicationGone = true;
    if (state == TcpState.CLOSED) {
      in.release();
    } else {
      abortWith(TcpFailure.ABORTED);
    }
  }

  // ---- outputs ---------------------------------------------------------------------------------

  /**
   * Writes the next segment to send at the position of {@code packet} and moves the position past
   * it. The checksum field is zero.
   *
   * @param packet on the heap, big-endian, with {@link TcpFlow#roomOctets} remaining at least
   * @return its octets, header and data, or 0 when there is nothing to say now
   */
  public int poll(ByteBuffer packet, long nowNs) {
    if (resetOwed) {
      resetOwed = false;
      return out.writeReset(packet, resetSeq, resetFlags);
    }
    if (state == TcpState.CLOSED) {
      return 0;
    }
    if (handshake.owed()) {
      return handshake.poll(packet, state, nowNs);
    }
    if (state == TcpState.SYN_SENT) {
      return 0;
    }
    if (state != TcpState.SYN_RECEIVED && state != TcpState.TIME_WAIT) {
      var written = out.pollData(packet, nowNs);
      if (written > 0) {
        return written;
      }
    }
    return out.pollBare(packet, nowNs);
  }

  /** What the IP header of the segment that {@link #poll} just gave must say. RFC 3168 6.1 */
  public Ecn polledEcn() {
    return out.polledEcn();
  }

  /** What the application should know, or null. See {@link TcpEvent}. */
  public @Nullable TcpEvent pollEvent() {
    return events.poll();
  }

  /** When to call {@link #onTime} at the latest, or {@link #NO_DEADLINE}. */
  public long deadlineNs() {
    return timers.earliest();
  }

  // ---- facts -----------------------------------------------------------------------------------

  /** Where the connection stands. */
  public TcpState state() {
    return state;
  }

  /** The ports and the room it was made with. */
  public TcpFlow flow() {
    return flow;
  }

  /** How it failed, or null: it has not. */
  public @Nullable TcpFailure failure() {
    return failure;
  }

  /** Octets that {@link #read} would give. */
  public int readable() {
    return in.readable();
  }

  /** Octets that {@link #write} would take, memory permitting. */
  public int writable() {
    return canWrite() ? out.writable() : 0;
  }

  /** Whether {@link #write} is allowed. */
  public boolean canWrite() {
    return state.sends == TcpState.Sends.QUEUED && !out.finQueued();
  }

  /** Whether the peer's FIN has come and everything before it has been read. */
  public boolean finished() {
    return finTaken && in.readable() == 0;
  }

  /** Octets that were written and the peer has not acknowledged. */
  public int unacknowledged() {
    return out.buffered();
  }

  /**
   * Whether {@code segment} is a SYN that begins a new connection between the same ports while this
   * one only waits in TIME-WAIT. The stack then forgets this one ({@link #abort}) and gives the
   * segment to the listener. RFC 9293 3.10.7.4 (MAY-2), RFC 6191
   */
  public boolean replaceableBy(TcpSegment segment) {
    if (state != TcpState.TIME_WAIT || (segment.flags() & (SYN | ACK | RST)) != SYN) {
      return false;
    }
    // RFC 6191 2: by the timestamps if both have them, else by the sequence numbers
    if (handshake.timestamps() && segment.hasTimestamps() && segment.tsVal() != in.tsRecent()) {
      return segment.tsVal() - in.tsRecent() > 0;
    }
    return after(segment.seq(), in.rcvNxt());
  }

  /** A snapshot; allocates. */
  public TcpStatistics statistics() {
    var rtt = recovery.rtt;
    return new TcpStatistics(
        state,
        rtt.smoothedNs(),
        rtt.variationNs(),
        rtt.timeoutNs(),
        recovery.congestion.windowOctets(),
        recovery.congestion.thresholdOctets(),
        recovery.inFlightOctets(),
        out.sndWnd(),
        in.offeredOctets(),
        out.maxSegmentOctets(),
        out.sentOctets,
        in.receivedOctets,
        recovery.retransmittedSegments,
        recovery.timeouts,
        recovery.recoveries,
        recovery.spurious,
        recovery.congestionMarks,
        challenges.given);
  }

  // ---- 3.10.7.3, SYN-SENT ----------------------------------------------------------------------

  private void onSegmentInSynSent(TcpSegment segment, long nowNs) {
    var acknowledges = segment.has(ACK);
    if (acknowledges && segment.ack() != out.sndNxt()) { // first
      if (!segment.has(RST)) {
        oweReset(segment.ack(), 0);
      }
      return;
    }
    if (segment.has(RST)) { // second
      if (acknowledges) {
        fail(TcpFailure.REFUSED);
      }
      return;
    }
    if (!segment.has(SYN)) { // fifth
      return;
    }
    handshake.onPeerSyn(segment, nowNs); // fourth
    if (!acknowledges) {
      become(TcpState.Event.RECV_SYN); // both opened at once
      handshake.oweAgain();
      return;
    }
    become(TcpState.Event.RECV_SYN_ACK);
    onEstablished(segment, nowNs);
    in.owe();
    takeText(segment, nowNs);
    takeFin(segment, nowNs);
  }

  /**
   * Departs from the first step of RFC 9293 3.10.7.4, by which the SYN-ACK of a simultaneous open
   * lies before the window and is dropped; figure 8 of the same text has it accepted.
   */
  private boolean isSimultaneousSynAck(TcpSegment segment) {
    return state == TcpState.SYN_RECEIVED
        && (segment.flags() & (SYN | ACK | RST | FIN)) == (SYN | ACK)
        && segment.seq() + 1 == in.rcvNxt()
        && segment.ack() == out.sndNxt();
  }

  // ---- the eight steps -------------------------------------------------------------------------

  private boolean sequenceIsAcceptable(TcpSegment segment, long nowNs) {
    if (in.lacksTimestamps(segment)) {
      return false; // RFC 7323 3.2
    }
    if (in.tooOld(segment, nowNs) && !segment.has(RST)) {
      oweChallenge(segment, nowNs);
      return false;
    }
    if (in.acceptable(segment)) {
      in.takeTimestamp(segment, nowNs);
      return true;
    }
    if (segment.has(RST)) {
      return false;
    }
    if (state == TcpState.SYN_RECEIVED && segment.has(SYN) && segment.seq() == in.irs()) {
      handshake.oweAgain(); // our SYN-ACK was lost
      return false;
    }
    if (state == TcpState.TIME_WAIT && segment.has(FIN)) {
      timers.lingerAt = Deadline.after(nowNs, settings.timeWaitNs()); // our last ACK was lost
    }
    if (segment.payloadOctets() > 0) {
      in.onOldData(segment);
    }
    oweChallenge(segment, nowNs);
    // 3.10.7.4, first: with a closed window valid ACKs still count
    return in.offeredOctets() == 0 && segment.seq() == in.rcvNxt() && !segment.has(SYN | FIN);
  }

  private boolean resets(TcpSegment segment, long nowNs) {
    if (!segment.has(RST)) {
      return false;
    }
    if (segment.seq() != in.rcvNxt()) {
      oweChallenge(segment, nowNs); // RFC 5961 3.2: in the window, but a guess
    } else if (state == TcpState.SYN_RECEIVED) {
      fail(TcpFailure.REFUSED);
    } else if (state == TcpState.TIME_WAIT
        || state == TcpState.LAST_ACK
        || state == TcpState.CLOSING) {
      end(null); // 3.10.7.4, second: both had finished
    } else {
      fail(TcpFailure.RESET_BY_PEER);
    }
    return true;
  }

  private boolean synInWindow(TcpSegment segment, long nowNs) {
    if (!segment.has(SYN)) {
      return false;
    }
    oweChallenge(segment, nowNs);
    return true;
  }

  private boolean takesAck(TcpSegment segment, long nowNs) {
    if (!segment.has(ACK)) {
      return false;
    }
    var ack = segment.ack();
    if (state == TcpState.SYN_RECEIVED) {
      if (ack != out.sndNxt()) {
        oweReset(ack, 0);
        return false;
      }
      become(TcpState.Event.RECV_ACK_OF_SYN);
      onEstablished(segment, nowNs);
      out.onFirstWindow(segment);
      return true;
    }
    if (!out.plausible(ack)) {
      oweChallenge(segment, nowNs);
      return false;
    }
    if (before(ack, out.sndUna())) {
      return true; // overtaken by a later one; its data may still be new
    }
    takeNewAck(segment, ack, nowNs);
    return state != TcpState.CLOSED;
  }

  private void takeNewAck(TcpSegment segment, int ack, long nowNs) {
    var bare = segment.payloadOctets() == 0 && !segment.has(FIN | SYN) && out.sameWindow(segment);
    var advances = after(ack, out.sndUna());
    if (segment.has(ECE) && recovery.onCongestionEcho(out.sndUna(), out.sndNxt(), nowNs)) {
      out.oweCwr();
    }
    var kind = bare ? Recovery.Kind.BARE : Recovery.Kind.OTHER;
    recovery.onAck(segment, kind, out.sndUna(), out.sndNxt(), nowNs);
    if (advances) {
      out.advance(ack);
    }
    out.updateWindow(segment);
    if (timers.giveUpAt != Deadline.NONE && (advances || out.sndWnd() == 0)) {
      timers.giveUpAt = Deadline.after(nowNs, settings.userTimeoutNs()); // SHLD-17, MUST-37
    }
    if (out.becameWritable()) {
      events.raise(TcpEvent.WRITABLE);
    }
    if (out.finAcknowledged()) {
      onFinAcknowledged(nowNs);
    }
  }

  private void takeText(TcpSegment segment, long nowNs) {
    if (state.receives != TcpState.Receives.DATA || segment.payloadOctets() == 0) {
      return;
    }
    if (applicationGone) {
      abortWith(TcpFailure.ABORTED); // RFC 2525 2.17: the peer should know that nobody reads
      return;
    }
    if (in.takeText(segment, nowNs)) {
      events.raise(TcpEvent.READABLE);
    }
    if (handshake.timestamps() && segment.tsEcr() != 0) {
      in.onRoundTrip((flow.timestamp(host, nowNs) - segment.tsEcr()) * 1_000_000L);
    }
  }

  private void takeFin(TcpSegment segment, long nowNs) {
    if (state.receives != TcpState.Receives.DATA) {
      if (segment.has(FIN)) {
        in.owe(); // again: our acknowledgment was lost
      }
      return;
    }
    if (!in.takeFin(segment)) {
      return;
    }
    finTaken = true;
    events.raise(TcpEvent.PEER_FINISHED);
    become(TcpState.Event.RECV_FIN);
    if (state == TcpState.TIME_WAIT) {
      beginTimeWait(nowNs);
    }
  }

  // ---- what follows from them ------------------------------------------------------------------

  private void onEstablished(TcpSegment segment, long nowNs) {
    handshake.onEstablished(segment, nowNs);
    events.raise(TcpEvent.CONNECTED);
    if (listener != null) {
      listener.onEstablished(this, nowNs);
    }
    if (out.finQueued() && state == TcpState.ESTABLISHED) {
      become(TcpState.Event.CLOSE);
    }
    onSignOfLife(nowNs);
  }

  private void onFinAcknowledged(long nowNs) {
    if (state == TcpState.FIN_WAIT_1 || state == TcpState.CLOSING || state == TcpState.LAST_ACK) {
      become(TcpState.Event.RECV_ACK_OF_FIN);
    }
    switch (state) {
      case FIN_WAIT_2 -> {
        if (applicationGone && timers.lingerAt == Deadline.NONE) {
          timers.lingerAt = Deadline.after(nowNs, settings.orphanTimeoutNs());
        }
      }
      case TIME_WAIT -> beginTimeWait(nowNs);
      case CLOSED -> finish();
      default -> {} // FIN_WAIT_2 was left, or the FIN is of another state
    }
  }

  private void beginTimeWait(long nowNs) {
    if (inTimeWait) {
      return;
    }
    timers.stopAll();
    out.release();
    inTimeWait = host.beginTimeWait();
    timers.lingerAt = Deadline.after(nowNs, inTimeWait ? settings.timeWaitNs() : 0);
  }

  private void endLinger() {
    if (state == TcpState.TIME_WAIT) {
      become(TcpState.Event.TIMEOUT_2MSL);
      finish();
    } else {
      end(null); // FIN-WAIT-2 of an application that is gone: nobody waits for the peer's FIN
    }
  }

  private void onTimeOfRetransmission(long nowNs) {
    if (Deadline.passed(timers.tailProbeAt, nowNs)) { // in place of a timeout at the same moment
      recovery.onTailProbeDue(nowNs);
      out.oweTailProbe();
    }
    if (Deadline.passed(timers.retransmitAt, nowNs)) {
      recovery.onRetransmissionTimeout(out.sndNxt(), nowNs);
    } else if (Deadline.passed(timers.reorderAt, nowNs)) {
      recovery.onReorderTimeout(out.sndNxt(), nowNs);
    }
  }

  private void onSignOfLife(long nowNs) {
    keepaliveProbes = 0;
    if (settings.keepaliveIdleNs() > 0 && state.synchronised() && state != TcpState.TIME_WAIT) {
      timers.keepaliveAt = Deadline.after(nowNs, settings.keepaliveIdleNs());
    }
  }

  private void onKeepalive(long nowNs) {
    if (keepaliveProbes >= settings.keepaliveProbes()) {
      fail(TcpFailure.KEEPALIVE_TIMED_OUT);
      return;
    }
    timers.keepaliveAt = Deadline.after(nowNs, settings.keepaliveIntervalNs());
    if (recovery.sent.isEmpty()) { // else the retransmission timer is asking already
      keepaliveProbes++;
      out.oweKeepalive();
    }
  }

  /** An acknowledgment for what is wrong, if not too many; for data always, lest an ACK be lost. */
  private void oweChallenge(TcpSegment segment, long nowNs) {
    var data = segment.payloadOctets() > 0 && !segment.has(SYN | RST);
    if (data || challenges.allows(nowNs)) {
      in.owe();
    }
  }

  private void oweReset(int seq, int flags) {
    resetOwed = true;
    resetSeq = seq;
    resetFlags = flags;
  }

  private boolean quotes(int seq) { // RFC 5927 4.1
    return Seq.within(seq, out.sndUna(), out.sndNxt());
  }

  private TcpFailure connectFailure() {
    return softErrors > 0 ? TcpFailure.UNREACHABLE : TcpFailure.CONNECT_TIMED_OUT;
  }

  // ---- the end ---------------------------------------------------------------------------------

  private void abortWith(TcpFailure how) {
    if (state != TcpState.SYN_SENT && state != TcpState.TIME_WAIT) {
      oweReset(out.sndNxt(), ACK);
    }
    end(how);
  }

  private void fail(TcpFailure how) {
    end(how);
  }

  /** Ends without both FINs: what was not read is gone. */
  private void end(@Nullable TcpFailure how) {
    var wasHalfOpen = !state.synchronised();
    failure = how;
    if (how != null) {
      events.raise(TcpEvent.FAILED);
    }
    become(TcpState.Event.GIVE_UP);
    if (how != null) {
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

  /** The one place that changes the state. */
  private void become(TcpState.Event event) {
    state = state.after(event);
  }

  @Override
  public String toString() {
    return flow + " " + state;
  }
}
