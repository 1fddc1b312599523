package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.Deadline.NONE;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.after;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.atOrBefore;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.before;

import io.vpc4j.mesh.netstack.tcp.wire.Seq;
import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;
import io.vpc4j.mesh.netstack.wire.Ecn;
import java.nio.ByteBuffer;

/**
 * The peer's half of the conversation: RCV.*, what has come, the window we offer, and when to
 * acknowledge. RFC 9293 3.3.1, 3.8.6
 *
 * <p><b>When to acknowledge.</b> At once: what is out of order, what fills a hole, what was there
 * before, a FIN, a router's mark, every second segment, and the first {@link #QUICK_ACKS} of a flow
 * or after a pause, so that a sender in slow start is not held back. Else after the delay. The
 * second segment counts whether it is full or not: a sender with Nagle's algorithm that writes
 * twice and then reads would wait for our delay otherwise. RFC 9293 3.8.6.3, RFC 5681 4.2
 */
final class Inbound {

  private static final int QUICK_ACKS = 16;
  private static final int MAX_DSACK_BLOCKS = 1;
  private static final int LEAST_MSS = 64;
  private static final long TS_RECENT_VALID_NS = 24L * 24 * 3600 * 1_000_000_000; // RFC 7323 5.5

  private final TcpHost host;
  private final TcpSettings settings;
  private final Timers timers;
  private final OctetRing ring;
  private final Reassembly reassembly = new Reassembly();
  private final ReceiveWindow window;

  private int irs;
  private int rcvNxt;

  /** The right edge of the window as the peer knows it; never goes back. RFC 9293 SHLD-14 */
  private int rcvEdge;

  private int scale;
  private int readable;

  /** Where the peer's FIN is, once it is known, in order or not. */
  private boolean finKnown;

  private int finSeq;

  private boolean timestamps;
  private int tsRecent;
  private boolean tsRecentValid;
  private long tsRecentNs;
  private int lastAckSent;

  private boolean ackNow;
  private int unackedOctets;
  private int quickAcks = QUICK_ACKS;
  private int fullOctets = LEAST_MSS;
  private long lastDataNs;

  private boolean sack;
  private boolean dsackOwed;
  private int dsackLeft;
  private int dsackRight;

  private boolean congestionSeen;

  long receivedOctets;

  Inbound(TcpHost host, TcpSettings settings, Timers timers) {
    this.host = host;
    this.settings = settings;
    this.timers = timers;
    ring = new OctetRing(host);
    window = new ReceiveWindow(settings.maxReceiveBufferOctets());
  }

  // ---- the handshake ---------------------------------------------------------------------------

  /** The peer's SYN: IRS and RCV.NXT. */
  void onSyn(int seq) {
    irs = seq;
    rcvNxt = seq + 1;
    rcvEdge = rcvNxt + Math.min(window.capacityOctets(), 0xFFFF); // a SYN's window is not scaled
    lastAckSent = rcvNxt;
  }

  void useScale(int shift) {
    scale = shift;
  }

  void useSack() {
    sack = true;
  }

  void useTimestamps(int tsVal, long nowNs) {
    timestamps = true;
    tsRecent = tsVal;
    tsRecentValid = true;
    tsRecentNs = nowNs;
  }

  /** The shift that lets the largest buffer be offered. RFC 7323 2.3 */
  static int scaleFor(TcpSettings settings) {
    var shift = 0;
    while (shift < 14 && settings.maxReceiveBufferOctets() >> shift > 0xFFFF) {
      shift++;
    }
    return shift;
  }

  // ---- checks ----------------------------------------------------------------------------------

  /** The table of RFC 9293 3.4: some of the segment lies in the window. */
  boolean acceptable(TcpSegment segment) {
    var length = segment.length();
    var seq = segment.seq();
    var offered = rcvEdge - rcvNxt;
    if (length == 0) {
      return offered == 0 ? seq == rcvNxt : Seq.within(seq, rcvNxt, rcvEdge);
    }
    if (offered == 0) {
      return false;
    }
    return Seq.within(seq, rcvNxt, rcvEdge) || Seq.within(seq + length - 1, rcvNxt, rcvEdge);
  }

  /** PAWS: older than what has come already. RFC 7323 5.3, R1 */
  boolean tooOld(TcpSegment segment, long nowNs) {
    return timestamps
        && segment.hasTimestamps()
        && tsRecentValid
        && segment.tsVal() - tsRecent < 0
        && nowNs - tsRecentNs < TS_RECENT_VALID_NS;
  }

  /** RFC 7323 3.2: once agreed on, timestamps are in every segment but a reset. */
  boolean lacksTimestamps(TcpSegment segment) {
    return timestamps && !segment.hasTimestamps() && !segment.has(TcpSegment.RST);
  }

  /** RFC 7323 4.3: the timestamp to echo is of the segment that the acknowledgment is for. */
  void takeTimestamp(TcpSegment segment, long nowNs) {
    if (timestamps
        && segment.hasTimestamps()
        && segment.tsVal() - tsRecent >= 0
        && atOrBefore(segment.seq(), lastAckSent)) {
      tsRecent = segment.tsVal();
      tsRecentValid = true;
      tsRecentNs = nowNs;
    }
  }

  // ---- data ------------------------------------------------------------------------------------

  /**
   * The segment text. RFC 9293 3.10.7.4, seventh
   *
   * @return whether more can be read than before
   */
  boolean takeText(TcpSegment segment, long nowNs) {
    var length = segment.payloadOctets();
    if (length == 0) {
      return false;
    }
    takeMark(segment);
    var left = segment.seq();
    var right = left + length;
    if (before(left, rcvNxt)) {
      reportDuplicate(left, Seq.min(right, rcvNxt));
      left = rcvNxt;
      ackNow = true;
    }
    right = Seq.min(right, rcvEdge); // what does not fit is cut off
    if (finKnown) {
      right = Seq.min(right, finSeq);
    }
    if (!before(left, right)) {
      ackNow = true;
      return false;
    }
    fullOctets = Math.max(fullOctets, length);
    var from = segment.payloadOffset() + (left - segment.seq());
    return left == rcvNxt
        ? takeNext(segment.packet(), from, right - left, nowNs)
        : takeAhead(segment.packet(), from, left, right);
  }

  private boolean takeNext(ByteBuffer packet, int from, int length, long nowNs) {
    var put = ring.put(readable, packet, from, length);
    if (put == 0) {
      return false; // no memory: as if it had been lost; the peer sends it again
    }
    var next = rcvNxt + put;
    var filled = !reassembly.isEmpty();
    if (filled) {
      next = reassembly.advance(next);
    }
    var came = next - rcvNxt;
    rcvNxt = next;
    readable += came;
    receivedOctets += came;
    scheduleAck(came, filled, nowNs);
    return true;
  }

  private boolean takeAhead(ByteBuffer packet, int from, int left, int right) {
    ackNow = true; // a duplicate acknowledgment tells the sender. RFC 5681 4.2
    if (reassembly.contains(left, right)) {
      reportDuplicate(left, right);
      return false;
    }
    if (reassembly.hasRoomFor(left, right)) {
      var put = ring.put(readable + (left - rcvNxt), packet, from, right - left);
      if (put > 0) {
        reassembly.add(left, left + put);
      }
    }
    return false;
  }

  private void scheduleAck(int came, boolean filled, long nowNs) {
    var paused = nowNs - lastDataNs > settings.minRtoNs();
    lastDataNs = nowNs;
    if (paused) {
      quickAcks = QUICK_ACKS;
    }
    var follows = unackedOctets > 0;
    unackedOctets += came;
    if (filled || quickAcks > 0 || follows) {
      quickAcks = Math.max(0, quickAcks - 1);
      ackNow = true;
    } else if (timers.delayedAckAt == NONE) {
      timers.delayedAckAt = Deadline.after(nowNs, settings.delayedAckNs());
    }
  }

  /** Data that lies before the window altogether: it is reported too. RFC 2883 4.1 */
  void onOldData(TcpSegment segment) {
    var right = segment.seq() + segment.payloadOctets();
    if (before(segment.seq(), rcvNxt) && atOrBefore(right, rcvNxt)) {
      reportDuplicate(segment.seq(), right);
    }
  }

  private void reportDuplicate(int left, int right) {
    dsackOwed = sack;
    dsackLeft = left;
    dsackRight = right;
  }

  private void takeMark(TcpSegment segment) { // RFC 3168 6.1.3
    if (segment.has(TcpSegment.CWR)) {
      congestionSeen = false;
    }
    if (segment.ecn() == Ecn.CE) {
      congestionSeen = true;
      ackNow = true;
    }
  }

  /**
   * A FIN in an acceptable segment. RFC 9293 3.10.7.4, eighth
   *
   * @return whether it is in order now
   */
  boolean takeFin(TcpSegment segment) {
    if (segment.has(TcpSegment.FIN) && !finKnown) {
      var seq = segment.end() - 1;
      if (before(seq, rcvNxt) || after(seq, rcvEdge) || reassembly.reachesPast(seq)) {
        return false;
      }
      finKnown = true;
      finSeq = seq;
    }
    if (!finKnown || rcvNxt != finSeq) {
      ackNow |= segment.has(TcpSegment.FIN);
      return false;
    }
    rcvNxt++;
    rcvEdge = Seq.max(rcvEdge, rcvNxt);
    ackNow = true;
    return true;
  }

  // ---- the application -------------------------------------------------------------------------

  int readable() {
    return readable;
  }

  int read(ByteBuffer to, long nowNs) {
    var length = peek(to);
    if (length == 0) {
      return 0;
    }
    ring.discard(length);
    readable -= length;
    if (readable == 0 && reassembly.isEmpty()) {
      ring.clear();
      reassembly.clear();
    }
    window.onRead(length, host, nowNs);
    ackNow |= windowOpenedEnough();
    return length;
  }

  int peek(ByteBuffer to) {
    var length = Math.min(readable, to.remaining());
    if (length > 0) {
      ring.get(0, to, to.position(), length);
      to.position(to.position() + length);
    }
    return length;
  }

  /** Gives all memory back; what was not read is gone. */
  void release() {
    ring.clear();
    reassembly.clear();
    readable = 0;
  }

  /** A measured round trip, for the size of the buffer. */
  void onRoundTrip(long sampleNs) {
    window.onSample(sampleNs);
  }

  // ---- the window ------------------------------------------------------------------------------

  /** The right edge that the buffer allows. */
  private int possibleEdge() {
    var edge = rcvNxt + Math.max(0, window.capacityOctets() - readable);
    return after(edge, rcvEdge) ? edge : rcvEdge;
  }

  /** Silly window avoidance: whether the edge may move by so much. RFC 9293 3.8.6.2.2 */
  private boolean worthMoving(int octets) {
    return octets >= Math.min(window.capacityOctets() / 2, fullOctets);
  }

  /** Whether the application has made so much room that the peer should hear of it unasked. */
  private boolean windowOpenedEnough() {
    var offered = rcvEdge - rcvNxt;
    var possible = possibleEdge() - rcvNxt;
    return 2 * offered <= window.capacityOctets()
        && possible >= 2 * offered
        && worthMoving(possible - offered);
  }

  /** RCV.WND: what the peer may still send. */
  int offeredOctets() {
    return rcvEdge - rcvNxt;
  }

  /** The window field of the segment that is being written; what it says is a promise. */
  int windowField() {
    var edge = possibleEdge();
    var offered = rcvEdge - rcvNxt;
    var possible = edge - rcvNxt;
    var field = offered >>> scale;
    if (possible > offered && worthMoving(possible - offered)) {
      field = Math.max(field, possible >>> scale);
    }
    field = Math.min(field, 0xFFFF);
    // Rounded down it may say a little less than was promised, RFC 7323 2.4; the promise is kept.
    rcvEdge = Seq.max(rcvEdge, rcvNxt + (field << scale));
    return field;
  }

  /** The window field of a SYN, which is not scaled. RFC 7323 2.2 */
  int synWindowField() {
    return Math.min(window.capacityOctets(), 0xFFFF);
  }

  // ---- acknowledging ---------------------------------------------------------------------------

  /** Whether an acknowledgment must leave without waiting for data. */
  boolean ackIsDue() {
    return ackNow;
  }

  /** Whether there is anything to acknowledge, due or not. */
  boolean ackIsOwed() {
    return ackNow || unackedOctets > 0;
  }

  void owe() {
    ackNow = true;
  }

  /** A segment with the current RCV.NXT has been written. */
  void onAckSent() {
    ackNow = false;
    unackedOctets = 0;
    dsackOwed = false;
    lastAckSent = rcvNxt;
    timers.delayedAckAt = NONE;
  }

  /** Whether the next acknowledgment has SACK blocks, and so does not travel on data. */
  boolean hasBlocks() {
    return sack && (dsackOwed || !reassembly.isEmpty());
  }

  /**
   * The SACK blocks: a duplicate first (RFC 2883 4), then the newest (RFC 2018 4).
   *
   * @return how many
   */
  int blocks(int[] edges, int max) {
    if (!sack) {
      return 0;
    }
    var blocks = 0;
    if (dsackOwed) {
      edges[0] = dsackLeft;
      edges[1] = dsackRight;
      blocks = MAX_DSACK_BLOCKS;
    }
    return blocks + reassembly.newest(edges, 2 * blocks, max - blocks);
  }

  /** Whether ECE is to be set. RFC 3168 6.1.3 */
  boolean congestionSeen() {
    return congestionSeen;
  }

  int rcvNxt() {
    return rcvNxt;
  }

  int rcvEdge() {
    return rcvEdge;
  }

  int irs() {
    return irs;
  }

  int tsRecent() {
    return tsRecent;
  }
}
