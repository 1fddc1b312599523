package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.Deadline.NONE;
import static io.vpc4j.mesh.netstack.tcp.SentSegments.NOBODY;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.after;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.atOrAfter;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.atOrBefore;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.before;

import io.vpc4j.mesh.netstack.tcp.wire.TcpSegment;

/**
 * What is in flight, what of it is lost, and what follows from that.
 *
 * <p>With SACK, losses are found by {@link Rack} and the tail is probed (RFC 8985); the scoreboard
 * and the pipe are RFC 6675's. Without SACK it is NewReno: three duplicate acknowledgments, and
 * each partial one names the next hole (RFC 6582). In both cases cwnd is led to ssthresh by
 * proportional rate reduction (RFC 6937) while a recovery lasts, and what the retransmission timer
 * does is RFC 6298 5.
 *
 * <p>A retransmission that turns out to have been needless, because the acknowledgment echoes a
 * timestamp from before it, is taken back. RFC 3522
 */
final class Recovery {

  /** Between losses, or which kind of recovery is under way. */
  enum Phase {
    OPEN,
    FAST,
    TIMEOUT
  }

  /** What an acknowledgment may mean beyond its number. */
  enum Kind {
    /** No data, the same window: it counts as a duplicate. RFC 5681 2 */
    BARE,
    /** With data, or with another window. */
    OTHER
  }

  private static final int DUP_THRESH = 3;
  private static final long TAIL_MAX_ACK_DELAY_NS = 200_000_000; // RFC 8985 7.2
  private static final long TAIL_UNMEASURED_NS = 1_000_000_000;
  private static final int MAX_SAMPLE_MS = 600_000; // an echo from longer ago is an invention

  final SentSegments sent = new SentSegments();
  final Rack rack = new Rack();
  final RoundTrip rtt;
  final Congestion congestion;

  private final TcpHost host;
  private final TcpFlow flow;
  private final Timers timers;
  private boolean sack;
  private boolean timestamps;
  private int mss;

  private Phase phase = Phase.OPEN;
  private boolean recovered; // whether recoveryPoint means anything yet
  private int recoveryPoint;
  private int dupAcks;

  private final ProportionalReduction reduction = new ProportionalReduction();

  /** RFC 8985 7: TLP.end_seq and TLP.is_retrans. */
  private boolean tailProbed;

  private int tailEnd;
  private boolean tailRetransmitted;

  /** RFC 3522 3.2. */
  private boolean undoable;

  private boolean stampKnown;
  private int firstStamp;

  private boolean windowFilled;
  private int filledUntil;

  private boolean ecnReduced;
  private int ecnPoint;

  /** What the acknowledgment under way has delivered. */
  private int deliveredOctets;

  private long oldestSentNs;
  private long latestSentNs;
  private boolean sampled;
  private boolean againAcked;
  private int segmentsBefore;
  private final int[] knownEdges = new int[2 * TcpSegment.MAX_SACK_BLOCKS];
  private int knownBlocks;

  long retransmittedSegments;
  long timeouts;
  long recoveries;
  long spurious;
  long congestionMarks;

  Recovery(TcpHost host, TcpFlow flow, TcpSettings settings, Timers timers, int maxSegmentOctets) {
    this.host = host;
    this.flow = flow;
    this.timers = timers;
    mss = maxSegmentOctets;
    rtt = new RoundTrip(settings.minRtoNs(), settings.maxRtoNs());
    congestion =
        settings.congestion() == TcpSettings.Algorithm.CUBIC
            ? new Cubic(maxSegmentOctets)
            : new NewReno(maxSegmentOctets);
  }

  /** The handshake agreed on SACK. */
  void useSack() {
    sack = true;
  }

  /** The handshake agreed on timestamps. */
  void useTimestamps() {
    timestamps = true;
  }

  Phase phase() {
    return phase;
  }

  int inFlightOctets() {
    // Without SACK each duplicate acknowledgment is a segment that has left the network. RFC 5681
    // 3.2
    return Math.max(0, sent.inFlightOctets() - (sack ? 0 : Math.min(dupAcks, sent.count()) * mss));
  }

  /** Octets that cwnd allows to be sent now. */
  int allowance() {
    return congestion.windowOctets() - inFlightOctets();
  }

  // ---- sending ---------------------------------------------------------------------------------

  /** A segment with data or FIN was sent for the first time. */
  void onSent(int seq, int end, long nowNs) {
    sent.add(seq, end, nowNs);
    if (phase == Phase.FAST) {
      reduction.onSent(end - seq);
    }
    noteUse(end);
    if (timers.retransmitAt == NONE) {
      timers.retransmitAt = Deadline.after(nowNs, rtt.timeoutNs());
    }
    armTailProbe(nowNs);
  }

  /** Segment {@code id} was sent again. */
  void onSentAgain(int id, long nowNs) {
    if (phase == Phase.FAST) {
      reduction.onSent(sent.end(id) - sent.seq(id));
    }
    sent.sentAgain(id, nowNs);
    noteUse(sent.end(sent.past() - 1));
    retransmittedSegments++;
    if (undoable && !stampKnown) {
      stampKnown = true;
      firstStamp = flow.timestamp(host, nowNs);
    }
    // The oldest has just left: an answer takes a round trip from now. RFC 6675 6
    if (timers.retransmitAt == NONE || id == sent.first()) {
      timers.retransmitAt = Deadline.after(nowNs, rtt.timeoutNs());
    }
  }

  /** Whether cwnd is what ends this flight. */
  private void noteUse(int sndNxt) {
    if (inFlightOctets() + mss > congestion.windowOctets()) {
      windowFilled = true;
      filledUntil = sndNxt;
    }
  }

  private void armTailProbe(long nowNs) {
    if (!sack || phase != Phase.OPEN || sent.sackedSegments() > 0 || tailProbed || sent.isEmpty()) {
      timers.tailProbeAt = NONE;
      return;
    }
    var wait = rtt.measured() ? 2 * rtt.smoothedNs() : TAIL_UNMEASURED_NS;
    if (sent.count() == 1) {
      wait += TAIL_MAX_ACK_DELAY_NS;
    }
    timers.tailProbeAt = Deadline.earliest(Deadline.after(nowNs, wait), timers.retransmitAt);
  }

  // ---- acknowledgments -------------------------------------------------------------------------

  /**
   * An acceptable acknowledgment, no less than {@code sndUna}, which is still as it was, and no
   * more than {@code sndNxt}.
   */
  void onAck(TcpSegment segment, Kind kind, int sndUna, int sndNxt, long nowNs) {
    var ack = segment.ack();
    var acked = ack - sndUna;
    deliveredOctets = 0;
    sampled = false;
    againAcked = false;
    segmentsBefore = sent.count();
    var use =
        windowFilled && before(sndUna, filledUntil) ? Congestion.Use.FULL : Congestion.Use.PARTIAL;

    takeCumulative(segment, ack, nowNs);
    var duplicate = sack && takeSelective(segment, ack, sndNxt, nowNs);
    takeSample(segment, duplicate, acked, nowNs);
    if (acked > 0) {
      rtt.resetBackOff();
      rack.onAdvance(ack);
      undoIfSpurious(segment);
    }
    if (duplicate) {
      rack.onDuplicateReported(sndNxt);
    }
    settleTailProbe(segment, kind, duplicate, acked, sndNxt, nowNs);
    var left = leaveIfRecovered(ack);
    if (sack) {
      detectLosses(sndNxt, nowNs);
    } else {
      countDuplicates(kind, acked, ack, sndNxt, nowNs);
    }
    if (phase == Phase.FAST) {
      reduceProportionally();
    } else if (acked > 0 && !left) {
      congestion.onAck(
          Math.min(acked, deliveredOctets), use, sampled ? nowNs - latestSentNs : 0, nowNs);
    }
    rearm(acked, nowNs);
  }

  private void takeCumulative(TcpSegment segment, int ack, long nowNs) {
    while (!sent.isEmpty() && atOrBefore(sent.end(sent.first()), ack)) {
      var id = sent.first();
      if (!sent.sacked(id)) {
        onDelivered(id, segment, nowNs);
      }
      sent.removeFirst();
    }
    if (!sent.isEmpty() && before(sent.seq(sent.first()), ack)) {
      if (!sent.sacked(sent.first())) {
        deliveredOctets += ack - sent.seq(sent.first());
      }
      sent.trimFirst(ack);
    }
  }

  /** Takes the SACK blocks; true if the first of them reports a duplicate. RFC 2883 4 */
  private boolean takeSelective(TcpSegment segment, int ack, int sndNxt, long nowNs) {
    var duplicate = false;
    var known = 0;
    for (var i = 0; i < segment.sackBlocks(); i++) {
      var left = segment.sackLeft(i);
      var right = segment.sackRight(i);
      if (i == 0 && isDuplicateReport(segment, ack)) {
        duplicate = true;
        continue;
      }
      if (!before(left, right) || !after(left, ack) || after(right, sndNxt)) {
        continue; // stale, or of somebody who guesses
      }
      for (var id = sent.find(startOf(left, right)); id < sent.past(); id++) {
        if (!sent.covered(id, left, right)) {
          break;
        }
        if (!sent.sacked(id)) {
          onDelivered(id, segment, nowNs);
          sent.markSacked(id);
        }
      }
      knownEdges[2 * known] = left;
      knownEdges[2 * known + 1] = right;
      known++;
    }
    if (segment.sackBlocks() > 0) {
      knownBlocks = known;
    }
    return duplicate;
  }

  private static boolean isDuplicateReport(TcpSegment segment, int ack) {
    var left = segment.sackLeft(0);
    var right = segment.sackRight(0);
    if (!before(left, right)) {
      return false;
    }
    return atOrBefore(right, ack)
        || (segment.sackBlocks() > 1
            && atOrAfter(left, segment.sackLeft(1))
            && atOrBefore(right, segment.sackRight(1)));
  }

  /** Where to begin with a block: past what the last acknowledgment has already said of it. */
  private int startOf(int left, int right) {
    for (var i = 0; i < knownBlocks; i++) {
      if (knownEdges[2 * i] == left && atOrBefore(knownEdges[2 * i + 1], right)) {
        return knownEdges[2 * i + 1];
      }
    }
    return left;
  }

  private void onDelivered(int id, TcpSegment segment, long nowNs) {
    var sentNs = sent.sentAtNs(id);
    var again = sent.retransmitted(id);
    againAcked |= again;
    deliveredOctets += sent.end(id) - sent.seq(id);
    rack.onOrder(sent.end(id), again);
    if (again && !echoesRetransmission(segment, sentNs, nowNs)) {
      return; // of the original, perhaps: says nothing about times. RFC 6298 3, RFC 8985 6.2 step 2
    }
    rack.onDelivered(sentNs, sent.end(id), nowNs);
    if (again) {
      return;
    }
    oldestSentNs = sampled && oldestSentNs - sentNs < 0 ? oldestSentNs : sentNs;
    latestSentNs = sampled && latestSentNs - sentNs > 0 ? latestSentNs : sentNs;
    sampled = true;
  }

  private boolean echoesRetransmission(TcpSegment segment, long sentNs, long nowNs) {
    if (timestamps && segment.hasTimestamps()) {
      return segment.tsEcr() - flow.timestamp(host, sentNs) >= 0;
    }
    return rtt.minNs() != Long.MAX_VALUE && nowNs - sentNs >= rtt.minNs();
  }

  /**
   * One sample for each acknowledgment of something new.
   *
   * <p>With timestamps it is the age of the echo (RFC 7323 4), of the segment that made the peer
   * acknowledge: what waited for a retransmission to fill the hole before it would look a timeout
   * old. The echo in the acknowledgment of a duplicate is as old as that, and left out. Without
   * timestamps, Karn's rule leaves out every acknowledgment of something sent twice. RFC 6298 3
   */
  private void takeSample(TcpSegment segment, boolean duplicate, int acked, long nowNs) {
    if (acked == 0 || duplicate) {
      return;
    }
    if (!timestamps || !segment.hasTimestamps()) {
      if (sampled && !againAcked) {
        rtt.onSample(nowNs - oldestSentNs, segmentsBefore);
      }
      return;
    }
    if (sampled && flow.timestamp(host, oldestSentNs) == segment.tsEcr()) {
      rtt.onSample(nowNs - oldestSentNs, segmentsBefore); // the same, and finer
      return;
    }
    var milliseconds = flow.timestamp(host, nowNs) - segment.tsEcr();
    if (milliseconds >= 0 && milliseconds < MAX_SAMPLE_MS) {
      rtt.onSample(Math.max(1, milliseconds) * 1_000_000L, segmentsBefore);
    }
  }

  // ---- losses ----------------------------------------------------------------------------------

  /** RACK_detect_loss(). RFC 8985 6.2, step 5 */
  private void detectLosses(int sndNxt, long nowNs) {
    timers.reorderAt = NONE;
    if (!rack.valid()) {
      return;
    }
    var window = rack.reorderWindowNs(phase != Phase.OPEN, sent.sackedSegments(), rtt);
    var wait = 0L;
    var found = false;
    var next = NOBODY;
    for (var id = sent.oldest(); id != NOBODY; id = next) {
      next = sent.younger(id);
      if (!rack.deliveredAfter(sent.sentAtNs(id), sent.end(id))) {
        break;
      }
      var remaining = sent.sentAtNs(id) + rack.rttNs() + window - nowNs;
      if (remaining <= 0) {
        sent.markLost(id);
        found = true;
      } else {
        wait = Math.max(wait, remaining);
      }
    }
    if (wait > 0) {
      timers.reorderAt = Deadline.after(nowNs, wait);
    }
    if (found && phase == Phase.OPEN) {
      enterFast(sndNxt, nowNs);
    }
  }

  /** NewReno without SACK. RFC 6582 3.2 */
  private void countDuplicates(Kind kind, int acked, int ack, int sndNxt, long nowNs) {
    if (acked > 0) {
      dupAcks = phase == Phase.FAST ? Math.max(0, dupAcks - acked / mss) : 0;
      if (phase == Phase.FAST && !sent.isEmpty() && !sent.lost(sent.first())) {
        sent.markLost(sent.first()); // a partial acknowledgment names the next hole
        reduction.onHoleNamed();
      }
      return;
    }
    if (kind != Kind.BARE || sent.isEmpty()) {
      return;
    }
    dupAcks++;
    deliveredOctets += mss;
    // Duplicates of what was sent twice must not start a second recovery: 3.2, step 1.
    var fresh = !recovered || after(ack, recoveryPoint);
    if (phase == Phase.OPEN && dupAcks == DUP_THRESH && fresh) {
      if (!sent.lost(sent.first())) {
        sent.markLost(sent.first());
      }
      enterFast(sndNxt, nowNs);
    }
  }

  private void enterFast(int sndNxt, long nowNs) {
    recoveries++;
    beginRecovery(Phase.FAST, sndNxt);
    var flight = Math.max(mss, outstanding(sndNxt));
    reduction.begin(flight);
    congestion.onLoss(flight, nowNs);
    timers.tailProbeAt = NONE;
  }

  private void beginRecovery(Phase to, int sndNxt) {
    phase = to;
    recovered = true;
    recoveryPoint = sndNxt;
    undoable = timestamps;
    stampKnown = false;
  }

  private int outstanding(int sndNxt) {
    return sent.isEmpty() ? 0 : sndNxt - sent.seq(sent.first());
  }

  private void reduceProportionally() {
    var ssthresh = congestion.thresholdOctets();
    congestion.setWindow(reduction.window(deliveredOctets, inFlightOctets(), ssthresh, mss));
  }

  private boolean leaveIfRecovered(int ack) {
    if (phase == Phase.OPEN || before(ack, recoveryPoint)) {
      return false;
    }
    if (phase == Phase.FAST) {
      congestion.setWindow(congestion.thresholdOctets());
    }
    phase = Phase.OPEN;
    dupAcks = 0;
    undoable = false;
    rack.onRecoveryOver();
    return true;
  }

  private void undoIfSpurious(TcpSegment segment) {
    if (!undoable || !stampKnown || !segment.hasTimestamps()) {
      return;
    }
    undoable = false;
    if (segment.tsEcr() - firstStamp < 0) { // of the original: nothing was lost
      spurious++;
      congestion.undo();
      sent.forgetLosses();
      phase = Phase.OPEN;
      dupAcks = 0;
    }
  }

  // ---- the tail --------------------------------------------------------------------------------

  /** The timer of the loss probe has run out: {@link Outbound} sends one. RFC 8985 7.3 */
  void onTailProbeDue(long nowNs) {
    timers.tailProbeAt = NONE;
    timers.retransmitAt = Deadline.after(nowNs, rtt.timeoutNs());
  }

  /** It has. */
  void onTailProbeSent(boolean again, int sndNxt) {
    tailProbed = true;
    tailEnd = sndNxt;
    tailRetransmitted = again;
    timers.tailProbeAt = NONE;
  }

  /** TLP_process_ack(). RFC 8985 7.4.2 */
  private void settleTailProbe(
      TcpSegment segment, Kind kind, boolean duplicate, int acked, int sndNxt, long nowNs) {
    if (!tailProbed || before(segment.ack(), tailEnd)) {
      return;
    }
    if (!tailRetransmitted || (duplicate && segment.sackRight(0) == tailEnd)) {
      tailProbed = false; // new data arrived, or both copies did
    } else if (after(segment.ack(), tailEnd)) {
      tailProbed = false; // one loss, and the probe repaired it: as if it had been a fast recovery
      if (phase == Phase.OPEN) {
        recoveries++;
        congestion.onLoss(Math.max(mss, outstanding(sndNxt)), nowNs);
      }
    } else if (acked == 0 && kind == Kind.BARE && segment.sackBlocks() == 0) {
      tailProbed = false; // both copies arrived, and the peer does not do DSACK
    }
  }

  // ---- timers ----------------------------------------------------------------------------------

  private void rearm(int acked, long nowNs) {
    if (sent.isEmpty()) {
      timers.stopRetransmission();
      tailProbed = false;
      sent.trim();
      return;
    }
    if (acked > 0) {
      timers.retransmitAt = Deadline.after(nowNs, rtt.timeoutNs()); // RFC 6298 5.3
      armTailProbe(nowNs);
    } else if (sent.sackedSegments() > 0) {
      timers.tailProbeAt = NONE;
    }
  }

  /** Segments that might only have been overtaken have had their time. */
  void onReorderTimeout(int sndNxt, long nowNs) {
    deliveredOctets = 0;
    detectLosses(sndNxt, nowNs);
    if (phase == Phase.FAST) {
      reduceProportionally();
    }
  }

  /** The retransmission timer has run out. RFC 6298 5.4 to 5.6, RFC 8985 6.3 */
  void onRetransmissionTimeout(int sndNxt, long nowNs) {
    timeouts++;
    timers.stopTailAndReorder();
    tailProbed = false;
    dupAcks = 0;
    if (sent.sacked(sent.first())) {
      sent.forgetSacks(); // the peer reneged, RFC 2018 8
      knownBlocks = 0;
    }
    var window = rack.reorderWindowNs(true, sent.sackedSegments(), rtt);
    for (var id = sent.first(); id < sent.past(); id++) {
      var late = !sack || sent.sentAtNs(id) + rack.rttNs() + window - nowNs <= 0;
      if (!sent.sacked(id) && !sent.lost(id) && (id == sent.first() || late)) {
        sent.markLost(id);
      }
    }
    // ssthresh is cut once for each flight, not for each timeout of it: RFC 5681 3.1
    if (phase != Phase.TIMEOUT) {
      beginRecovery(Phase.TIMEOUT, sndNxt);
      congestion.onTimeout(Math.max(mss, outstanding(sndNxt)), nowNs);
    } else {
      undoable = false;
    }
    // One segment, beside those that RACK still holds to be on their way. RFC 8985 6.3
    congestion.setWindow(inFlightOctets() + mss);
    rtt.backOff();
    timers.retransmitAt = Deadline.after(nowNs, rtt.timeoutNs());
  }

  // ---- other news ------------------------------------------------------------------------------

  /**
   * ECE on an acknowledgment. RFC 3168 6.1.2
   *
   * @return whether the window was cut, so that CWR is owed
   */
  boolean onCongestionEcho(int sndUna, int sndNxt, long nowNs) {
    if (phase != Phase.OPEN || (ecnReduced && before(sndUna, ecnPoint))) {
      return false; // once in a round trip
    }
    ecnReduced = true;
    ecnPoint = sndNxt;
    congestionMarks++;
    congestion.onLoss(Math.max(mss, outstanding(sndNxt)), nowNs);
    return true;
  }

  /**
   * The path takes less than was thought, or more. What was too large is sent again. RFC 1191 6.4
   */
  void setMaxSegment(int octets, long nowNs) {
    mss = octets;
    congestion.setMaxSegment(octets);
    if (!sent.isEmpty()) {
      sent.split(octets); // not a loss by congestion: cwnd stays
      knownBlocks = 0;
      timers.retransmitAt = Deadline.after(nowNs, rtt.timeoutNs());
    }
  }
}
