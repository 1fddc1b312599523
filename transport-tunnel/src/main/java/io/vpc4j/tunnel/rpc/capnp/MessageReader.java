package io.vpc4j.tunnel.rpc.capnp;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.vpc4j.tunnel.octets.Malformed;
import java.nio.ByteBuffer;

/**
 * One message, read in place: follows pointers, and never outside the message or past its limits.
 *
 * <p>A pointer is one word. [C] "Pointers"
 *
 * <pre>
 *  bits   0-1      2-31              32-47          48-63
 *        +---+----------------------+--------------+--------------+
 *        | 0 | offset, signed       | data words   | pointers     |   struct
 *        +---+----------------------+---+----------+--------------+
 *        | 1 | offset, signed       |size| elements (29 bits)      |   list
 *        +---+-+--------------------+---+-------------------------+
 *        | 2 |d| landing pad word   | segment                     |   far; d: two-word pad
 *        +---+-+--------------------+-----------------------------+
 *        | 3 | 0                    | index into the table        |   capability
 *        +---+----------------------+-----------------------------+
 * </pre>
 *
 * <p>Every word that is reached is charged against {@link ReadLimits#traversalFactor} times the
 * size of the message, so a message whose pointers meet, or form a ring, costs no more than that.
 * Not safe for use by many threads, since reading is charged.
 */
public final class MessageReader {

  static final int STRUCT = 0;
  static final int LIST = 1;
  static final int FAR = 2;
  static final int CAPABILITY = 3;

  /** Words that are free of charge, so that a message of one word can be read at all. */
  private static final int FREE_WORDS = 16;

  private final ByteBuffer[] segments;
  private final ReadLimits limits;
  private long wordsLeft;

  /** A message of these segments, each a whole number of words. */
  MessageReader(ByteBuffer[] segments, ReadLimits limits) {
    this.segments = segments;
    this.limits = limits;
    var words = 0L;
    for (var segment : segments) {
      words += segment.capacity() / 8;
    }
    this.wordsLeft = FREE_WORDS + words * limits.traversalFactor();
  }

  /**
   * Reads octets that hold one framed message and nothing else.
   *
   * @throws Malformed if they do not
   */
  public static MessageReader of(ByteBuffer framed, ReadLimits limits) throws Malformed {
    var octets = framed.duplicate();
    var message = new MessageFramer(limits).poll(octets);
    if (message == null || octets.hasRemaining()) {
      throw new Malformed(Malformed.Reason.LENGTH, "not exactly one message");
    }
    return message;
  }

  /** The struct that the first word of the first segment points at; an empty one for null. */
  public StructReader root() throws Malformed {
    if (words(0) == 0) {
      throw new Malformed(Malformed.Reason.LENGTH, "no root pointer");
    }
    charge(1);
    return struct(0, 0, limits.maxNesting());
  }

  // ---- pointers

  /** What a pointer leads to, once far pointers are followed. */
  record Target(int segment, int startWord, long pointer) {
    int kind() {
      return (int) pointer & 3;
    }

    int dataWords() {
      return (int) (pointer >>> 32) & 0xffff;
    }

    int pointers() {
      return (int) (pointer >>> 48) & 0xffff;
    }
  }

  StructReader struct(int segment, int pointerWord, int nesting) throws Malformed {
    if (word(segment, pointerWord) == 0) {
      return StructReader.empty(this);
    }
    var target = target(segment, pointerWord);
    if (target.kind() != STRUCT) {
      throw new Malformed(Malformed.Reason.TYPE, "a struct was to come, not a " + name(target));
    }
    var size = target.dataWords() + target.pointers();
    requireInside(target.segment(), target.startWord(), size);
    charge(size);
    return new StructReader(
        this,
        target.segment(),
        target.startWord(),
        target.dataWords(),
        target.pointers(),
        descend(nesting));
  }

  ListReader list(int segment, int pointerWord, int nesting) throws Malformed {
    if (word(segment, pointerWord) == 0) {
      return ListReader.empty(this);
    }
    var target = target(segment, pointerWord);
    if (target.kind() != LIST) {
      throw new Malformed(Malformed.Reason.TYPE, "a list was to come, not a " + name(target));
    }
    var size = (int) (target.pointer() >>> 32) & 7;
    var count = (int) (target.pointer() >>> 35);
    var below = descend(nesting);
    if (size == ListReader.COMPOSITE) {
      return composite(target, count, below);
    }
    var words = (int) ((count * ListReader.bits(size) + 63) / 64);
    requireInside(target.segment(), target.startWord(), words);
    // an element without octets costs nothing to send and something to read. [C] "Amplification"
    charge(size == ListReader.VOID ? count : words);
    return new ListReader(this, target.segment(), target.startWord(), size, count, 0, 0, below);
  }

  /** A list of structs: a tag in the form of a struct pointer, whose offset is the count. */
  private ListReader composite(Target target, int words, int nesting) throws Malformed {
    requireInside(target.segment(), target.startWord(), words + 1);
    var tag = new Target(0, 0, word(target.segment(), target.startWord()));
    var count = offset(tag.pointer());
    if (tag.kind() != STRUCT || count < 0) {
      throw new Malformed(Malformed.Reason.TYPE, "the tag of a list of structs");
    }
    var elementWords = tag.dataWords() + tag.pointers();
    if ((long) count * elementWords > words) {
      throw new Malformed(Malformed.Reason.BOUNDS, count + " structs do not fit their list");
    }
    charge(1L + (elementWords == 0 ? count : words));
    return new ListReader(
        this,
        target.segment(),
        target.startWord() + 1,
        ListReader.COMPOSITE,
        count,
        tag.dataWords(),
        tag.pointers(),
        nesting);
  }

  /** Follows at most one far pointer and its landing pad. [C] "Inter-Segment Pointers" */
  Target target(int segment, int pointerWord) throws Malformed {
    var pointer = word(segment, pointerWord);
    if ((pointer & 3) != FAR) {
      return near(segment, pointerWord, pointer);
    }
    var padSegment = (int) (pointer >>> 32);
    var padWord = (int) pointer >>> 3;
    var twoWords = (pointer & 4) != 0;
    charge(twoWords ? 2 : 1);
    requireInside(padSegment, padWord, twoWords ? 2 : 1);
    var pad = word(padSegment, padWord);
    if (!twoWords) {
      if ((pad & 3) == FAR) {
        throw new Malformed(Malformed.Reason.TYPE, "a far pointer to a far pointer");
      }
      return near(padSegment, padWord, pad);
    }
    var tag = word(padSegment, padWord + 1);
    if ((pad & 7) != FAR || (tag & 3) > LIST || offset(tag) != 0) {
      throw new Malformed(Malformed.Reason.TYPE, "the landing pad of a double-far pointer");
    }
    return new Target((int) (pad >>> 32), (int) pad >>> 3, tag);
  }

  private static Target near(int segment, int pointerWord, long pointer) {
    return new Target(segment, pointerWord + 1 + offset(pointer), pointer);
  }

  private static int offset(long pointer) {
    return (int) pointer >> 2;
  }

  private static String name(Target target) {
    return switch (target.kind()) {
      case STRUCT -> "struct";
      case LIST -> "list";
      case CAPABILITY -> "capability";
      default -> "far pointer";
    };
  }

  // ---- limits

  private static int descend(int nesting) throws Malformed {
    if (nesting == 0) {
      throw new Malformed(Malformed.Reason.TRAVERSAL, "nested too deep");
    }
    return nesting - 1;
  }

  void charge(long words) throws Malformed {
    wordsLeft -= words;
    if (wordsLeft < 0) {
      throw new Malformed(Malformed.Reason.TRAVERSAL, "pointers that meet too often");
    }
  }

  private void requireInside(int segment, int startWord, int words) throws Malformed {
    if (segment < 0 || segment >= segments.length) {
      throw new Malformed(
          Malformed.Reason.BOUNDS, "no segment " + Integer.toUnsignedString(segment));
    }
    if (startWord < 0 || words < 0 || (long) startWord + words > words(segment)) {
      throw new Malformed(Malformed.Reason.BOUNDS, "a pointer out of its segment");
    }
  }

  private int words(int segment) {
    return segments[segment].capacity() / 8;
  }

  // ---- octets; callers have proved that they are there

  long word(int segment, int index) {
    return segments[segment].getLong(index * 8);
  }

  byte octet(int segment, int index) {
    return segments[segment].get(index);
  }

  byte[] octets(int segment, int startWord, int length) {
    var octets = new byte[length];
    segments[segment].get(startWord * 8, octets);
    return octets;
  }

  /** A segment of these octets, from 0 to its capacity. */
  static ByteBuffer segment(byte[] octets, int from, int length) {
    return ByteBuffer.wrap(octets, from, length).slice().order(LITTLE_ENDIAN);
  }
}
