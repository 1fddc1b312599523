package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.wire.Seq.after;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.atOrBefore;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.before;

import io.vpc4j.mesh.netstack.tcp.wire.Seq;

/**
 * The scoreboard: every segment between SND.UNA and SND.NXT, and what has become of it. RFC 6675 4,
 * RFC 8985 6.1
 *
 * <p>Two orders are kept. By sequence number, as a ring: a segment's id is its place in the stream
 * of segments, ids are dense, and the ring is indexed by their low bits. By the time of the last
 * transmission, as a list through the same slots, of exactly those segments that are in flight:
 * RACK walks it from the oldest and stops at the first that is too young, so an acknowledgment
 * costs what it changes and not what is outstanding.
 *
 * <p>A segment is in one of three conditions: in flight, taken for lost and not sent again yet, or
 * selectively acknowledged. The octets in flight (RFC 6675's pipe) are a running sum.
 *
 * <p>Holds no memory while nothing was sent. Bounded: the caller sends nothing new at {@link
 * #isFull}.
 */
final class SentSegments {

  /** 8,192 segments of 1,360 octets are 11 MB in flight. */
  static final int MAX_SEGMENTS = 8_192;

  /** What {@link #find} gives for nothing. */
  static final int NOBODY = -1;

  private static final int LEAST = 16;
  private static final int KEPT = 64;
  private static final int RENUMBER_AT = 1 << 30;
  private static final byte SACKED = 1;
  private static final byte LOST = 2;
  private static final byte RETRANSMITTED = 4;

  private static final int[] NO_INTS = {};

  private int[] seqs = NO_INTS;
  private int[] ends = NO_INTS;
  private int[] olders = NO_INTS;
  private int[] youngers = NO_INTS;
  private long[] sentAtNs = {};
  private byte[] marks = {};
  private int mask = -1;

  /** Ids: {@code first <= id < past}, never negative: {@link #renumber}. */
  private int first;

  private int past;
  private int oldest = NOBODY;
  private int youngest = NOBODY;

  private int inFlightOctets;
  private int sackedSegments;
  private int lostSegments;
  private int firstLost;

  boolean isEmpty() {
    return first == past;
  }

  boolean isFull() {
    return past - first >= MAX_SEGMENTS;
  }

  int count() {
    return past - first;
  }

  /** Id of the segment at SND.UNA. */
  int first() {
    return first;
  }

  /** One more than the id of the last. */
  int past() {
    return past;
  }

  int seq(int id) {
    return seqs[id & mask];
  }

  int end(int id) {
    return ends[id & mask];
  }

  long sentAtNs(int id) {
    return sentAtNs[id & mask];
  }

  boolean sacked(int id) {
    return (marks[id & mask] & SACKED) != 0;
  }

  boolean lost(int id) {
    return (marks[id & mask] & LOST) != 0;
  }

  boolean retransmitted(int id) {
    return (marks[id & mask] & RETRANSMITTED) != 0;
  }

  /** RFC 6675's pipe. */
  int inFlightOctets() {
    return inFlightOctets;
  }

  int sackedSegments() {
    return sackedSegments;
  }

  int lostSegments() {
    return lostSegments;
  }

  /** The one in flight that was sent longest ago, or {@link #NOBODY}. */
  int oldest() {
    return oldest;
  }

  /** The one in flight that was sent next after {@code id}. */
  int younger(int id) {
    return youngers[id & mask];
  }

  /** The lost segment with the lowest sequence number, or {@link #NOBODY}. */
  int nextLost() {
    if (lostSegments == 0) {
      return NOBODY;
    }
    firstLost = Math.max(firstLost, first);
    while (!lost(firstLost)) {
      firstLost++;
    }
    return firstLost;
  }

  /** The first segment that ends after {@code seq}, or {@link #past}. Binary search. */
  int find(int seq) {
    var low = first;
    var high = past;
    while (low < high) {
      var middle = (low + high) >>> 1;
      if (after(ends[middle & mask], seq)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  // ---- changes ---------------------------------------------------------------------------------

  /** A new segment was sent. */
  void add(int seq, int end, long nowNs) {
    if (past - first > mask) {
      grow();
    }
    if (past >= RENUMBER_AT) {
      renumber();
    }
    var slot = past & mask;
    seqs[slot] = seq;
    ends[slot] = end;
    marks[slot] = 0;
    inFlightOctets += end - seq;
    link(past, nowNs);
    past++;
  }

  /** It was sent again. */
  void sentAgain(int id, long nowNs) {
    var slot = id & mask;
    if (lost(id)) {
      lostSegments--;
      inFlightOctets += ends[slot] - seqs[slot];
    } else {
      unlink(id);
    }
    marks[slot] = RETRANSMITTED;
    link(id, nowNs);
  }

  void markSacked(int id) {
    leaveFlight(id);
    marks[id & mask] |= SACKED;
    sackedSegments++;
  }

  void markLost(int id) {
    leaveFlight(id);
    marks[id & mask] |= LOST;
    lostSegments++;
    firstLost = lostSegments == 1 ? id : Math.min(firstLost, id);
  }

  /** The peer dropped what it had acknowledged selectively. RFC 2018 8 */
  void forgetSacks() {
    for (var id = first; id < past && sackedSegments > 0; id++) {
      if (sacked(id)) {
        marks[id & mask] &= ~SACKED;
        sackedSegments--;
        inFlightOctets += end(id) - seq(id);
        link(id, sentAtNs(id));
      }
    }
  }

  /** Those taken for lost and not sent again are in flight after all. RFC 3522 */
  void forgetLosses() {
    for (var id = first; id < past && lostSegments > 0; id++) {
      if (lost(id)) {
        marks[id & mask] &= ~LOST;
        lostSegments--;
        inFlightOctets += end(id) - seq(id);
        link(id, sentAtNs(id));
      }
    }
  }

  /** The first segment is acknowledged altogether. */
  void removeFirst() {
    leaveFlight(first);
    if (sacked(first)) {
      sackedSegments--;
    }
    first++;
    if (first == past) {
      clear();
    }
  }

  /** The first segment is acknowledged up to {@code seq}. */
  void trimFirst(int seq) {
    var slot = first & mask;
    if (!sacked(first) && !lost(first)) {
      inFlightOctets -= seq - seqs[slot];
    }
    seqs[slot] = seq;
  }

  /**
   * The path takes no more than {@code octets} of data: segments that are larger were lost, and are
   * cut so that they can be sent again. Rare, and rebuilds everything.
   */
  void split(int octets) {
    var old = new SentSegments();
    old.takeFrom(this);
    var firstPieces = new int[old.count()];
    for (var id = old.first; id < old.past; id++) {
      firstPieces[id - old.first] = past;
      var large = old.end(id) - old.seq(id) > octets;
      for (var seq = old.seq(id); before(seq, old.end(id)); seq += octets) {
        add(seq, large ? Seq.min(seq + octets, old.end(id)) : old.end(id), old.sentAtNs(id));
        marks[(past - 1) & mask] |= (byte) (old.marks[id & old.mask] & RETRANSMITTED);
        if (!large) {
          break;
        }
      }
    }
    for (var id = old.first; id < old.past; id++) {
      var to = id + 1 < old.past ? firstPieces[id + 1 - old.first] : past;
      for (var piece = firstPieces[id - old.first]; piece < to; piece++) {
        if (old.sacked(id)) {
          markSacked(piece);
        } else if (old.lost(id) || to - firstPieces[id - old.first] > 1) {
          markLost(piece);
        }
      }
    }
    relinkInOrderOf(old, firstPieces);
  }

  /** The list of those in flight, in the order of {@code old}'s. */
  private void relinkInOrderOf(SentSegments old, int[] firstPieces) {
    oldest = NOBODY;
    youngest = NOBODY;
    for (var id = old.oldest; id != NOBODY; id = old.younger(id)) {
      var piece = firstPieces[id - old.first]; // one in flight was not cut
      if (!lost(piece) && !sacked(piece)) {
        link(piece, old.sentAtNs(id));
      }
    }
  }

  /** Forgets everything; the memory stays until {@link #trim}. */
  void clear() {
    first = 0;
    past = 0;
    firstLost = 0;
    inFlightOctets = 0;
    sackedSegments = 0;
    lostSegments = 0;
    oldest = NOBODY;
    youngest = NOBODY;
  }

  /** Gives the memory of an empty scoreboard back, but for that of a small one. */
  void trim() {
    if (isEmpty() && mask >= KEPT) {
      release();
    }
  }

  private void release() {
    seqs = NO_INTS;
    ends = NO_INTS;
    olders = NO_INTS;
    youngers = NO_INTS;
    sentAtNs = new long[0];
    marks = new byte[0];
    mask = -1;
  }

  // ---- the list by time, the ring --------------------------------------------------------------

  private void leaveFlight(int id) {
    if (lost(id)) {
      lostSegments--;
      marks[id & mask] &= ~LOST;
    } else if (!sacked(id)) {
      inFlightOctets -= end(id) - seq(id);
      unlink(id);
    }
  }

  private void link(int id, long nowNs) {
    var slot = id & mask;
    sentAtNs[slot] = nowNs;
    olders[slot] = youngest;
    youngers[slot] = NOBODY;
    if (youngest == NOBODY) {
      oldest = id;
    } else {
      youngers[youngest & mask] = id;
    }
    youngest = id;
  }

  private void unlink(int id) {
    var older = olders[id & mask];
    var younger = youngers[id & mask];
    if (older == NOBODY) {
      oldest = younger;
    } else {
      youngers[older & mask] = younger;
    }
    if (younger == NOBODY) {
      youngest = older;
    } else {
      olders[younger & mask] = older;
    }
  }

  private void grow() {
    var old = new SentSegments();
    old.share(this);
    var length = Math.max(LEAST, 2 * (mask + 1));
    seqs = new int[length];
    ends = new int[length];
    olders = new int[length];
    youngers = new int[length];
    sentAtNs = new long[length];
    marks = new byte[length];
    mask = length - 1;
    for (var id = first; id < past; id++) {
      var from = id & old.mask;
      var to = id & mask;
      seqs[to] = old.seqs[from];
      ends[to] = old.ends[from];
      olders[to] = old.olders[from];
      youngers[to] = old.youngers[from];
      sentAtNs[to] = old.sentAtNs[from];
      marks[to] = old.marks[from];
    }
  }

  /** Begins the ids anew, in the same slots: a flow of terabytes would run out of them. */
  private void renumber() {
    var less = first & ~mask;
    for (var id = first; id < past; id++) {
      var slot = id & mask;
      olders[slot] = olders[slot] == NOBODY ? NOBODY : olders[slot] - less;
      youngers[slot] = youngers[slot] == NOBODY ? NOBODY : youngers[slot] - less;
    }
    oldest = oldest == NOBODY ? NOBODY : oldest - less;
    youngest = youngest == NOBODY ? NOBODY : youngest - less;
    firstLost = Math.max(0, firstLost - less);
    first -= less;
    past -= less;
  }

  private void share(SentSegments other) {
    seqs = other.seqs;
    ends = other.ends;
    olders = other.olders;
    youngers = other.youngers;
    sentAtNs = other.sentAtNs;
    marks = other.marks;
    mask = other.mask;
    first = other.first;
    past = other.past;
    oldest = other.oldest;
    youngest = other.youngest;
  }

  private void takeFrom(SentSegments other) {
    share(other);
    other.clear();
    other.release();
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    for (var id = first; id < past; id++) {
      text.append(sacked(id) ? 's' : lost(id) ? 'l' : retransmitted(id) ? 'r' : '.');
    }
    return text.toString();
  }

  /** Whether {@code [left, right)} covers all of segment {@code id}. */
  boolean covered(int id, int left, int right) {
    return atOrBefore(left, seq(id)) && atOrBefore(end(id), right);
  }
}
