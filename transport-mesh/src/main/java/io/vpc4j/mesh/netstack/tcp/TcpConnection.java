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
  private final Timers timers = new Timers();
  private final ChallengeLimit challenges = new ChallengeLimit();
  private final Inbound in;
  private final Recovery recovery;
  private final Outbound out;
  private final Handshake handshake;

  private final Keepalive keepalive;
  private final Lifecycle life;

  private boolean finTaken;
  private int softErrors;

  private TcpConnection(
      TcpHost host, TcpFlow flow, TcpSettings settings, int iss, @Nullable TcpListener listener) {
    this.host = host;
    this.flow = flow;
    this.settings = settings;
    in = new Inbound(host, settings, timers);
    var mss = flow.roomOctets() - TcpSegment.MIN_HEADER_OCTETS;
    recovery = new Recovery(host, flow, settings, timers, mss);
    var parts = new Outbound.Parts(timers, in, recovery);
    out = new Outbound(host, flow, settings, parts, iss);
    handshake = new Handshake(host, flow, settings, parts, out);
    keepalive = new Keepalive(settings, timers);
    life = new Lifecycle(host, settings, listener, parts, out);
  }

  /** An active open: the first {@link #poll} gives the SYN. RFC 9293 3.10.1 */
  public static TcpConnection open(TcpHost host, TcpFlow flow, TcpSettings settings, long nowNs) {
    var connection =
        new TcpConnection(host, flow, settings, flow.initialSequence(host, nowNs), null);
    connection.life.become(TcpState.Event.ACTIVE_OPEN);
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
    connection.life.become(TcpState.Event.PASSIVE_OPEN);
    connection.handshake.onPeerSyn(syn, nowNs);
    connection.handshake.begin(nowNs);
    return connection;
  }

  /** A passive open, by the acknowledgment of a cookie, which {@link #onSegment} gets next. */
  static TcpConnection accept(
      TcpListener listener, SynCookies.Kept kept, TcpSegment ack, TcpFlow flow, long nowNs) {
    var connection =
        new TcpConnection(listener.host(), flow, listener.settings(), ack.ack() - 1, listener);
    connection.life.become(TcpState.Event.PASSIVE_OPEN);
    connection.handshake.onCookie(kept, ack, nowNs);
    connection.handshake.beginFromCookie(nowNs);
    return connection;
  }

  // ---- inputs: the network ---------------------------------------------------------------------

  /** A segment for this connection, its checksum already verified. RFC 9293 3.10.7 */
  public void onSegment(TcpSegment segment, long nowNs) {
    if (life.is(TcpState.CLOSED)) {
      return; // the stack answers what comes for nobody: TcpReset
    }
    keepalive.onSignOfLife(life.state(), nowNs);
    if (life.is(TcpState.SYN_SENT)) {
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
      life.fail(life.state().synchronised() ? TcpFailure.TIMED_OUT : connectFailure());
      return;
    }
    if (Deadline.passed(timers.lingerAt, nowNs)) {
      life.endLinger();
      return;
    }
    if (Deadline.passed(timers.handshakeAt, nowNs)) {
      handshake.onTimeout(life.state());
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
      if (keepalive.isOver()) {
        life.fail(TcpFailure.KEEPALIVE_TIMED_OUT);
      } else {
        keepalive.ask(out, recovery.sent, nowNs);
      }
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
    if (life.is(TcpState.CLOSED) || !quotes(quotedSeq)) {
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
    if (!life.is(TcpState.SYN_SENT) || !quotes(quotedSeq)) {
      return; // RFC 5927 5.2: an established connection takes all of them for soft
    }
    softErrors++;
    if (error.severity == IcmpError.Severity.HARD || softErrors >= DUPLICATE_SOFT_ERRORS) {
      life.fail(error == IcmpError.PORT_UNREACHABLE ? TcpFailure.REFUSED : TcpFailure.UNREACHABLE);
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
      throw new IllegalStateException("nothing can be written in " + life.state());
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
    if (canWrite()) {
      life.shutdownOutput(nowNs);
    }
  }

  /**
   * The application is done with both ways: what was written is still sent, then FIN. If data is
   * unread or more of it comes, the peer gets a reset, so that it knows. RFC 9293 3.10.4, RFC 2525
   * 2.17. Again, or after the end, it does nothing.
   */
  public void close(long nowNs) {
    if (!life.leaveApplication() || life.is(TcpState.CLOSED)) {
      return;
    }
    if (life.is(TcpState.SYN_SENT)) {
      life.end(null); // 3.10.4: nobody knows of us yet
    } else if (in.readable() > 0) {
      life.abort(TcpFailure.ABORTED);
    } else {
      shutdownOutput(nowNs);
      life.limitOrphan(nowNs);
    }
  }

  /** Ends at once, with a reset where the peer knows of us. RFC 9293 3.10.5 */
  public void abort(long nowNs) {
    life.leaveApplication();
    if (!life.is(TcpState.CLOSED)) {
      life.abort(TcpFailure.ABORTED);
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
    var reset = life.pollReset(packet);
    if (reset > 0 || life.is(TcpState.CLOSED)) {
      return reset;
    }
    if (handshake.owed()) {
      return handshake.poll(packet, life.state(), nowNs);
    }
    if (life.is(TcpState.SYN_SENT)) {
      return 0;
    }
    if (!life.is(TcpState.SYN_RECEIVED) && !life.is(TcpState.TIME_WAIT)) {
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
    return life.events().poll();
  }

  /** When to call {@link #onTime} at the latest, or {@link #NO_DEADLINE}. */
  public long deadlineNs() {
    return timers.earliest();
  }

  // ---- facts -----------------------------------------------------------------------------------

  /** Where the connection stands. */
  public TcpState state() {
    return life.state();
  }

  /** The ports and the room it was made with. */
  public TcpFlow flow() {
    return flow;
  }

  /** How it failed, or null: it has not. */
  public @Nullable TcpFailure failure() {
    return life.failure();
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
    return life.state().sends == TcpState.Sends.QUEUED && !out.finQueued();
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
    if (!life.is(TcpState.TIME_WAIT) || (segment.flags() & (SYN | ACK | RST)) != SYN) {
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
    return TcpStatistics.of(life.state(), in, out, recovery, challenges);
  }

  // ---- 3.10.7.3, SYN-SENT ----------------------------------------------------------------------

  private void onSegmentInSynSent(TcpSegment segment, long nowNs) {
    var acknowledges = segment.has(ACK);
    if (acknowledges && segment.ack() != out.sndNxt()) { // first
      if (!segment.has(RST)) {
        life.oweReset(segment.ack(), 0);
      }
      return;
    }
    if (segment.has(RST)) { // second
      if (acknowledges) {
        life.fail(TcpFailure.REFUSED);
      }
      return;
    }
    if (!segment.has(SYN)) { // fifth
      return;
    }
    handshake.onPeerSyn(segment, nowNs); // fourth
    if (!acknowledges) {
      life.become(TcpState.Event.RECV_SYN); // both opened at once
      handshake.oweAgain();
      return;
    }
    life.become(TcpState.Event.RECV_SYN_ACK);
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
    return life.is(TcpState.SYN_RECEIVED)
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
    if (life.is(TcpState.SYN_RECEIVED) && segment.has(SYN) && segment.seq() == in.irs()) {
      handshake.oweAgain(); // our SYN-ACK was lost
      return false;
    }
    if (life.is(TcpState.TIME_WAIT) && segment.has(FIN)) {
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
    } else if (life.is(TcpState.SYN_RECEIVED)) {
      life.fail(TcpFailure.REFUSED);
    } else if (life.is(TcpState.TIME_WAIT)
        || life.is(TcpState.LAST_ACK)
        || life.is(TcpState.CLOSING)) {
      life.end(null); // 3.10.7.4, second: both had finished
    } else {
      life.fail(TcpFailure.RESET_BY_PEER);
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
    if (life.is(TcpState.SYN_RECEIVED)) {
      if (ack != out.sndNxt()) {
        life.oweReset(ack, 0);
        return false;
      }
      life.become(TcpState.Event.RECV_ACK_OF_SYN);
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
    return !life.is(TcpState.CLOSED);
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
      life.events().raise(TcpEvent.WRITABLE);
    }
    if (out.finAcknowledged()) {
      life.onFinAcknowledged(nowNs);
    }
  }

  private void takeText(TcpSegment segment, long nowNs) {
    if (life.state().receives != TcpState.Receives.DATA || segment.payloadOctets() == 0) {
      return;
    }
    if (life.applicationGone()) {
      life.abort(TcpFailure.ABORTED); // RFC 2525 2.17: the peer should know that nobody reads
      return;
    }
    if (in.takeText(segment, nowNs)) {
      life.events().raise(TcpEvent.READABLE);
    }
    if (handshake.timestamps() && segment.tsEcr() != 0) {
      in.onRoundTrip((flow.timestamp(host, nowNs) - segment.tsEcr()) * 1_000_000L);
    }
  }

  private void takeFin(TcpSegment segment, long nowNs) {
    if (life.state().receives != TcpState.Receives.DATA) {
      if (segment.has(FIN)) {
        in.owe(); // again: our acknowledgment was lost
      }
      return;
    }
    if (!in.takeFin(segment)) {
      return;
    }
    finTaken = true;
    life.events().raise(TcpEvent.PEER_FINISHED);
    life.become(TcpState.Event.RECV_FIN);
    if (life.is(TcpState.TIME_WAIT)) {
      life.beginTimeWait(nowNs);
    }
  }

  // ---- what follows from them ------------------------------------------------------------------

  private void onEstablished(TcpSegment segment, long nowNs) {
    handshake.onEstablished(segment, nowNs);
    life.onEstablished(this, nowNs);
    keepalive.onSignOfLife(life.state(), nowNs);
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

  /** An acknowledgment for what is wrong, if not too many; for data always, lest an ACK be lost. */
  private void oweChallenge(TcpSegment segment, long nowNs) {
    var data = segment.payloadOctets() > 0 && !segment.has(SYN | RST);
    if (data || challenges.allows(nowNs)) {
      in.owe();
    }
  }

  private boolean quotes(int seq) { // RFC 5927 4.1
    return Seq.within(seq, out.sndUna(), out.sndNxt());
  }

  private TcpFailure connectFailure() {
    return softErrors > 0 ? TcpFailure.UNREACHABLE : TcpFailure.CONNECT_TIMED_OUT;
  }

  @Override
  public String toString() {
    return flow + " " + life.state();
  }
}
