package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.Deadline.NONE;
import static io.vpc4j.mesh.netstack.tcp.SentSegments.NOBODY;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.after;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.atOrAfter;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.before;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.ACK;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.CWR;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.ECE;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.FIN;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.MIN_HEADER_OCTETS;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.PSH;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.RST;
import static io.vpc4j.mesh.netstack.tcp.wire.TcpSegment.SYN;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.tcp.wire.TcpWriter;
import io.vpc4j.mesh.netstack.wire.Ecn;
import java.nio.ByteBuffer;

/**
 * Our half of the conversation: SND.*, what the application wrote, and which segment leaves next.
 * RFC 9293 3.3.1, 3.7, 3.8.6
 *
 * <p>{@link #pollData} is the reader's page: what was lost goes first, then the probe of the tail,
 * then what is new, as far as the peer's window and cwnd let it.
 */
final class Outbound {

  /** RFC 9293 3.7.1 (MUST-15): what a peer takes that does not say. */
  static final int DEFAULT_PEER_MSS = 536;

  /** A peer that names a smaller one makes us send headers and little else; Linux has the same. */
  private static final int LEAST_PEER_MSS = 48;

  private final TcpHost host;
  private final TcpFlow flow;
  private final TcpSettings settings;
  private final Timers timers;
  private final Inbound in;
  private final Recovery recovery;
  private final OctetRing ring;
  private final int[] edges = new int[2 * TcpSegment.MAX_SACK_BLOCKS];

  private final int iss;
  private int sndUna;
  private int sndNxt;
  private int sndWnd;
  private int sndWl1;
  private int sndWl2;
  private int maxSndWnd;
  private int scale;

  private int roomOctets;
  private int peerMss = DEFAULT_PEER_MSS;
  private boolean timestamps;
  private boolean ecn;
  private boolean cwrOwed;

  /** Octets in the buffer, from SND.UNA on. */
  private int buffered;

  private boolean finQueued;
  private boolean finSent;
  private boolean writeCutShort;

  private boolean smallOutstanding;
  private int smallEnd;
  private boolean overrideSilly;
  private boolean windowProbeOwed;
  private int windowProbes;
  private boolean tailProbeOwed;
  private boolean keepaliveOwed;
  private long lastSentNs;
  private Ecn polledEcn = Ecn.NOT_ECT;

  long sentOctets;

  Outbound(TcpHost host, TcpFlow flow, TcpSettings settings, Parts parts, int iss) {
    this.host = host;
    this.flow = flow;
    this.settings = settings;
    timers = parts.timers();
    in = parts.in();
    recovery = parts.recovery();
    ring = new OctetRing(host);
    roomOctets = flow.roomOctets();
    this.iss = iss;
    sndUna = iss;
    sndNxt = iss;
  }

  /** What it works with. */
  record Parts(Timers timers, Inbound in, Recovery recovery) {}

  // ---- the handshake ---------------------------------------------------------------------------

  /** Our SYN has been sent, or is about to be: it takes one number. */
  void onSynSent() {
    sndNxt = iss + 1;
  }

  /** Our SYN is acknowledged. */
  void onSynAcknowledged(long nowNs) {
    sndUna = iss + 1;
    lastSentNs = nowNs;
  }

  void usePeerMss(int octets) {
    peerMss = Math.max(octets, LEAST_PEER_MSS);
  }

  void useScale(int shift) {
    scale = Math.min(shift, 14); // RFC 7323 2.3
  }

  void useTimestamps() {
    timestamps = true;
  }

  void useEcn() {
    ecn = true;
  }

  /** The window of a SYN, which is not scaled. RFC 7323 2.2 */
  void onSynWindow(TcpSegment segment) {
    takeWindow(segment, segment.window());
  }

  /** The window of the acknowledgment of our SYN. RFC 9293 3.10.7.4, fifth, SYN-RECEIVED */
  void onFirstWindow(TcpSegment segment) {
    takeWindow(segment, segment.window() << scale);
  }

  /** Data in a full segment: what the path and the peer take, less our options. RFC 6691 2 */
  int maxSegmentOctets() {
    var room = Math.min(roomOctets - MIN_HEADER_OCTETS, peerMss);
    return Math.max(8, room - (timestamps ? TcpWriter.TIMESTAMPS_OCTETS : 0));
  }

  /** The path takes so much now, header and data; true if that is a change. */
  boolean setRoom(int octets) {
    if (octets == roomOctets) {
      return false;
    }
    roomOctets = octets;
    return true;
  }

  int roomOctets() {
    return roomOctets;
  }

  // ---- the application -------------------------------------------------------------------------

  int write(ByteBuffer from) {
    var wanted = from.remaining();
    var length = Math.min(wanted, writable());
    var put = length == 0 ? 0 : ring.put(buffered, from, from.position(), length);
    from.position(from.position() + put);
    buffered += put;
    writeCutShort |= put < wanted;
    return put;
  }

  /** The buffer is as large as two windows: one in flight and one to follow it at once. */
  private int capacityOctets() {
    var wanted = 2L * recovery.congestion.windowOctets();
    var least = Math.min(TcpSettings.INITIAL_BUFFER_OCTETS, settings.maxSendBufferOctets());
    return (int) Math.max(least, Math.min(wanted, settings.maxSendBufferOctets()));
  }

  int writable() {
    return Math.max(0, capacityOctets() - buffered);
  }

  int buffered() {
    return buffered;
  }

  /** Whether a write was cut short and a third of the buffer is free now; told once. */
  boolean becameWritable() {
    if (!writeCutShort || finQueued || 3 * (long) writable() < capacityOctets()) {
      return false;
    }
    writeCutShort = false;
    return true;
  }

  void queueFin() {
    finQueued = true;
  }

  boolean finQueued() {
    return finQueued;
  }

  boolean finSent() {
    return finSent;
  }

  boolean finAcknowledged() {
    return finSent && sndUna == sndNxt;
  }

  /** Gives all memory back; what was not sent is gone. */
  void release() {
    ring.clear();
    buffered = 0;
    recovery.sent.clear();
    recovery.sent.trim();
  }

  // ---- acknowledgments -------------------------------------------------------------------------

  /** SND.UNA moves to {@code ack}; the buffer lets go. Recovery has been told. */
  void advance(int ack) {
    var octets = Math.min(ack - sndUna, buffered); // a FIN is not in the buffer
    sndUna = ack;
    ring.discard(octets);
    buffered -= octets;
    if (buffered == 0) {
      ring.clear();
    }
    if (smallOutstanding && atOrAfter(ack, smallEnd)) {
      smallOutstanding = false;
    }
    windowProbes = 0;
  }

  /** Step five: the window, from the newest segment only. RFC 9293 3.10.7.4 */
  void updateWindow(TcpSegment segment) {
    var newer =
        before(sndWl1, segment.seq())
            || (sndWl1 == segment.seq() && atOrAfter(segment.ack(), sndWl2));
    if (newer) {
      takeWindow(segment, segment.window() << scale);
    }
  }

  /**
   * Whether {@code segment} has the window that is known. RFC 5681 2, a duplicate acknowledgment
   */
  boolean sameWindow(TcpSegment segment) {
    return segment.window() << scale == sndWnd;
  }

  private void takeWindow(TcpSegment segment, int octets) {
    if (octets > 0) {
      timers.persistAt = NONE;
      windowProbeOwed = false;
      windowProbes = 0;
    }
    sndWnd = octets;
    maxSndWnd = Math.max(maxSndWnd, octets);
    sndWl1 = segment.seq();
    sndWl2 = segment.ack();
  }

  /** RFC 5961 5.2: an acknowledgment is believed within the largest window ever seen. */
  boolean plausible(int ack) {
    return !after(ack, sndNxt) && atOrAfter(ack, sndUna - maxSndWnd);
  }

  void oweCwr() {
    cwrOwed = true;
  }

  // ---- timers ----------------------------------------------------------------------------------

  void oweTailProbe() {
    tailProbeOwed = true;
  }

  void oweKeepalive() {
    keepaliveOwed = true;
  }

  /** The persist timer has run out. RFC 9293 3.8.6.1, and the override of 3.8.6.2.1 */
  void onPersistTimeout() {
    timers.persistAt = NONE;
    windowProbes++;
    if (sndUna + sndWnd - sndNxt > 0) {
      overrideSilly = true;
    } else {
      windowProbeOwed = true;
    }
  }

  private void armPersist(long nowNs) {
    if (timers.persistAt == NONE && !windowProbeOwed) {
      timers.persistAt = Deadline.after(nowNs, recovery.rtt.timeoutNs(windowProbes));
    }
    if (timers.giveUpAt == NONE) {
      timers.giveUpAt = Deadline.after(nowNs, settings.userTimeoutNs()); // each answer puts it off
    }
  }

  // ---- segments --------------------------------------------------------------------------------

  Ecn polledEcn() {
    return polledEcn;
  }

  /** SYN, or SYN and ACK in SYN_RECEIVED. RFC 9293 3.5, RFC 3168 6.1.1 */
  int writeSyn(ByteBuffer out, TcpState state, SynOptions options, long nowNs) {
    var answer = state == TcpState.SYN_RECEIVED;
    var flags = SYN | (answer ? ACK : 0);
    if (options.ecn()) {
      flags |= answer ? ECE : ECE | CWR;
    }
    polledEcn = Ecn.NOT_ECT;
    var start = out.position();
    var writer = host.writer.begin(out, flow.localPort(), flow.remotePort());
    writer.numbers(iss, answer ? in.rcvNxt() : 0).flags(flags, in.synWindowField());
    writer.mss(flow.roomOctets() - MIN_HEADER_OCTETS);
    if (options.sack()) {
      writer.sackPermitted();
    }
    if (options.timestamps()) {
      writer.timestamps(flow.timestamp(host, nowNs), answer ? in.tsRecent() : 0);
    }
    if (options.scale() >= 0) {
      writer.windowScale(options.scale());
    }
    writer.end();
    if (answer) {
      in.onAckSent();
    }
    return out.position() - start;
  }

  /** What a SYN offers; a SYN-ACK only what the SYN did. A scale of -1 is none. */
  record SynOptions(boolean sack, boolean timestamps, int scale, boolean ecn) {}

  /** A reset. RFC 9293 3.10.5, 3.10.7 */
  int writeReset(ByteBuffer out, int seq, int flags) {
    polledEcn = Ecn.NOT_ECT;
    var ack = (flags & ACK) != 0 ? in.rcvNxt() : 0;
    var writer = host.writer.begin(out, flow.localPort(), flow.remotePort());
    writer.numbers(seq, ack).flags(RST | flags, 0).end();
    return MIN_HEADER_OCTETS;
  }

  /** The next segment with data or FIN, or 0 when there is none that may leave now. */
  int pollData(ByteBuffer out, long nowNs) {
    var id = recovery.sent.nextLost();
    if (id != NOBODY) {
      return mayRetransmit(id) ? resend(out, id, nowNs) : 0;
    }
    if (tailProbeOwed) {
      return pollTailProbe(out, nowNs);
    }
    return pollNew(out, nowNs);
  }

  private boolean mayRetransmit(int id) {
    var octets = recovery.sent.end(id) - recovery.sent.seq(id);
    return recovery.inFlightOctets() == 0 || recovery.allowance() >= octets;
  }

  /** RFC 8985 7.3: new data if there is some, else the last segment again. */
  private int pollTailProbe(ByteBuffer out, long nowNs) {
    tailProbeOwed = false;
    if (recovery.sent.isEmpty()) {
      return pollNew(out, nowNs);
    }
    var length = Math.min(unsent(), Math.min(maxSegmentOctets(), usableWindow()));
    if (length > 0 && !recovery.sent.isFull()) {
      var written = send(out, length, nowNs);
      recovery.onTailProbeSent(false, sndNxt);
      return written;
    }
    var last = recovery.sent.past() - 1;
    if (recovery.sent.sacked(last)) {
      return 0;
    }
    var written = resend(out, last, nowNs);
    recovery.onTailProbeSent(true, sndNxt);
    return written;
  }

  private int unsent() {
    return finSent ? 0 : sndUna + buffered - sndNxt;
  }

  private int usableWindow() {
    return Math.max(0, sndUna + sndWnd - sndNxt);
  }

  /**
   * New data: what the window, cwnd, Nagle and the silly window rule let out. RFC 9293 3.8.6.2.1
   */
  private int pollNew(ByteBuffer out, long nowNs) {
    var unsent = unsent();
    var finNow = finQueued && !finSent;
    if ((unsent == 0 && !finNow) || recovery.sent.isFull()) {
      return 0;
    }
    var full = maxSegmentOctets();
    var usable = usableWindow();
    var length = Math.min(unsent, Math.min(full, usable));
    if (length == 0 && (unsent > 0 || usable == 0)) { // the window is closed
      waitForWindow(nowNs);
      return 0;
    }
    restartAfterIdle(nowNs);
    if (recovery.inFlightOctets() > 0 && recovery.allowance() < Math.max(1, length)) {
      return 0; // cwnd is full; an acknowledgment will come
    }
    if (length < full) {
      if (length < unsent && 2 * length < maxSndWnd && !overrideSilly) {
        waitForWindow(nowNs); // cut short by the window, and not worth it
        return 0;
      }
      if (length == unsent && !finNow && waitsForOthers()) {
        return 0;
      }
    }
    overrideSilly = false;
    return send(out, length, nowNs);
  }

  /** Nagle, as Minshall has it: only another short segment is worth waiting for. RFC 9293 3.7.4 */
  private boolean waitsForOthers() {
    return settings.nagle() == TcpSettings.Nagle.ON && smallOutstanding;
  }

  private void waitForWindow(long nowNs) {
    if (recovery.sent.isEmpty()) {
      armPersist(nowNs); // else the retransmission timer is at work
    }
  }

  private void restartAfterIdle(long nowNs) { // RFC 5681 4.1
    if (recovery.sent.isEmpty() && nowNs - lastSentNs > recovery.rtt.timeoutNs()) {
      recovery.congestion.onIdle();
    }
  }

  private int send(ByteBuffer out, int length, long nowNs) {
    var seq = sndNxt;
    var last = length == unsent();
    var fin = last && finQueued && usableWindow() > length;
    var flags = ACK | (last && length > 0 ? PSH : 0) | (fin ? FIN : 0);
    if (cwrOwed && length > 0) {
      flags |= CWR;
      cwrOwed = false;
    }
    if (recovery.sent.isEmpty()) {
      timers.giveUpAt = Deadline.after(nowNs, settings.userTimeoutNs());
    }
    sndNxt += length + (fin ? 1 : 0);
    finSent |= fin;
    if (length < maxSegmentOctets()) {
      smallOutstanding = true;
      smallEnd = sndNxt;
    }
    sentOctets += length;
    lastSentNs = nowNs;
    recovery.onSent(seq, sndNxt, nowNs);
    var written = write(out, seq, flags, length, nowNs);
    polledEcn = ecn && length > 0 ? Ecn.ECT_0 : Ecn.NOT_ECT;
    return written;
  }

  private int resend(ByteBuffer out, int id, long nowNs) {
    var seq = recovery.sent.seq(id);
    var end = recovery.sent.end(id);
    var fin = finSent && end == sndNxt;
    var length = end - seq - (fin ? 1 : 0);
    var last = end == sndNxt;
    recovery.onSentAgain(id, nowNs);
    lastSentNs = nowNs;
    var flags = ACK | (fin ? FIN : 0) | (last && length > 0 ? PSH : 0);
    return write(out, seq, flags, length, nowNs); // without ECT: RFC 3168 6.1.5
  }

  /** A bare acknowledgment, or whatever else is owed that has no data; 0 if nothing is. */
  int pollBare(ByteBuffer out, long nowNs) {
    if (in.ackIsDue()) {
      return write(out, sndNxt, ACK, 0, nowNs);
    }
    if (windowProbeOwed) {
      // Departs from RFC 9293 3.8.6.1: an octet from before the window, not one from in it. The
      // peer must acknowledge what it cannot take (3.10.7.4, first), and nothing new is in flight.
      windowProbeOwed = false;
      armPersist(nowNs);
      return write(out, sndUna - 1, ACK, 0, nowNs);
    }
    if (keepaliveOwed) { // RFC 9293 3.8.4
      keepaliveOwed = false;
      return write(out, sndNxt - 1, ACK, 0, nowNs);
    }
    return 0;
  }

  /** Writes header and data. SACK blocks travel alone, so that a full segment stays full. */
  private int write(ByteBuffer out, int seq, int flags, int length, long nowNs) {
    var start = out.position();
    var withBlocks = length == 0 && in.hasBlocks();
    var echo = ecn && in.congestionSeen() ? ECE : 0;
    var writer = host.writer.begin(out, flow.localPort(), flow.remotePort());
    writer.numbers(seq, in.rcvNxt()).flags(flags | echo, in.windowField());
    if (timestamps) {
      writer.timestamps(flow.timestamp(host, nowNs), in.tsRecent());
    }
    if (withBlocks) {
      var most = timestamps ? TcpSegment.MAX_SACK_BLOCKS - 1 : TcpSegment.MAX_SACK_BLOCKS;
      writer.sack(edges, in.blocks(edges, most));
    }
    writer.end();
    if (length > 0) {
      ring.get(seq - sndUna, out, out.position(), length);
      out.position(out.position() + length);
    }
    polledEcn = Ecn.NOT_ECT;
    if (withBlocks || !in.hasBlocks()) {
      in.onAckSent();
    }
    return out.position() - start;
  }

  // ---- facts -----------------------------------------------------------------------------------

  int iss() {
    return iss;
  }

  int sndUna() {
    return sndUna;
  }

  int sndNxt() {
    return sndNxt;
  }

  int sndWnd() {
    return sndWnd;
  }

  int scale() {
    return scale;
  }
}
