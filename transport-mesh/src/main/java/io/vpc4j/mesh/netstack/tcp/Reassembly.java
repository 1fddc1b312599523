package io.vpc4j.mesh.netstack.tcp;

import static io.vpc4j.mesh.netstack.tcp.wire.Seq.after;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.atOrAfter;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.atOrBefore;
import static io.vpc4j.mesh.netstack.tcp.wire.Seq.before;

import java.util.Arrays;

/**
 * Which octets past RCV.NXT have come: a sorted list of intervals that neither touch nor overlap.
 *
 * <p>The octets themselves lie in the receive buffer, where they belong. A peer that sends every
 * second octet makes the list long and gains nothing: past {@link #MAX_INTERVALS} a segment that
 * would begin another one is refused, as if the network had lost it.
 *
 * <p>Each interval remembers when it last grew, since SACK must name the newest first. RFC 2018 4
 */
final class Reassembly {

  static final int MAX_INTERVALS = 512;

  private static final int[] NONE = {};
  private static final int LEAST = 8;

  private int[] lefts = NONE;
  private int[] rights = NONE;
  private int[] stamps = NONE;
  private int count;
  private int clock;

  boolean isEmpty() {
    return count == 0;
  }

  int count() {
    return count;
  }

  int left(int interval) {
    return lefts[interval];
  }

  int right(int interval) {
    return rights[interval];
  }

  /** Whether an octet at {@code seq} or after it has come. */
  boolean reachesPast(int seq) {
    return count > 0 && after(rights[count - 1], seq);
  }

  /** Whether all of {@code [left, right)} has come before. */
  boolean contains(int left, int right) {
    for (var i = 0; i < count; i++) {
      if (atOrBefore(lefts[i], left) && atOrAfter(rights[i], right)) {
        return true;
      }
    }
    return false;
  }

  /** Whether {@link #add} would take it: it joins an interval, or there is room for one more. */
  boolean hasRoomFor(int left, int right) {
    if (count < MAX_INTERVALS) {
      return true;
    }
    for (var i = 0; i < count; i++) {
      if (atOrBefore(lefts[i], right) && atOrAfter(rights[i], left)) {
        return true;
      }
    }
    return false;
  }

  /** Adds {@code [left, right)}, joined with what it touches. {@link #hasRoomFor} was asked. */
  void add(int left, int right) {
    var from = count; // the first interval that it touches or that lies after it
    while (from > 0 && atOrAfter(rights[from - 1], left)) {
      from--;
    }
    var to = from; // the first that lies after it and does not touch it
    var newLeft = left;
    var newRight = right;
    while (to < count && atOrBefore(lefts[to], right)) {
      newLeft = before(lefts[to], newLeft) ? lefts[to] : newLeft;
      newRight = after(rights[to], newRight) ? rights[to] : newRight;
      to++;
    }
    if (to == from) {
      insertAt(from);
    } else if (to > from + 1) {
      close(from + 1, to);
    }
    lefts[from] = newLeft;
    rights[from] = newRight;
    stamps[from] = ++clock;
  }

  /**
   * RCV.NXT has come to {@code rcvNxt}: takes away what is before it, and the interval that begins
   * there or before.
   *
   * @return RCV.NXT with that interval
   */
  int advance(int rcvNxt) {
    var next = rcvNxt;
    var gone = 0;
    while (gone < count && atOrBefore(lefts[gone], next)) {
      next = after(rights[gone], next) ? rights[gone] : next;
      gone++;
    }
    if (gone > 0) {
      close(0, gone);
    }
    if (count == 0) {
      clear();
    }
    return next;
  }

  /**
   * Writes up to {@code max} intervals as edges, the one that grew last first. RFC 2018 4
   *
   * @return how many
   */
  int newest(int[] edges, int at, int max) {
    var written = 0;
    var below = Integer.MAX_VALUE;
    while (written < max) {
      var best = -1;
      for (var i = 0; i < count; i++) {
        if (stamps[i] < below && (best < 0 || stamps[i] > stamps[best])) {
          best = i;
        }
      }
      if (best < 0) {
        break;
      }
      edges[at + 2 * written] = lefts[best];
      edges[at + 2 * written + 1] = rights[best];
      below = stamps[best];
      written++;
    }
    return written;
  }

  /** Forgets everything, and gives its memory back. */
  void clear() {
    count = 0;
    clock = 0;
    if (lefts.length > LEAST) {
      lefts = NONE;
      rights = NONE;
      stamps = NONE;
    }
  }

  private void insertAt(int at) {
    if (count == lefts.length) {
      var length = Math.max(LEAST, 2 * count);
      lefts = Arrays.copyOf(lefts, length);
      rights = Arrays.copyOf(rights, length);
      stamps = Arrays.copyOf(stamps, length);
    }
    System.arraycopy(lefts, at, lefts, at + 1, count - at);
    System.arraycopy(rights, at, rights, at + 1, count - at);
    System.arraycopy(stamps, at, stamps, at + 1, count - at);
    count++;
  }

  private void close(int from, int to) {
    System.arraycopy(lefts, to, lefts, from, count - to);
    System.arraycopy(rights, to, rights, from, count - to);
    System.arraycopy(stamps, to, stamps, from, count - to);
    count -= to - from;
  }

  @Override
  public String toString() {
    var text = new StringBuilder("[");
    for (var i = 0; i < count; i++) {
      text.append(i == 0 ? "" : " ").append(Integer.toUnsignedLong(lefts[i]));
      text.append(':').append(Integer.toUnsignedLong(rights[i]));
    }
    return text.append(']').toString();
  }
}
