package io.vpc4j.tunnel.rpc.capnp;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Lays out one message in one segment, each part where the one before ended.
 *
 * <p>The order in which parts are asked for is their order in the message. A struct of no words is
 * written as a pointer to just before itself, {@code FC FF FF FF}, since a pointer of zeros would
 * be null. Not safe for use by many threads.
 */
public final class MessageBuilder {

  /** What peers take at most. [T] 4.3 */
  public static final int MAX_OCTETS = 64 << 20;

  private static final int FRAME_OCTETS = 8;

  private ByteBuffer octets = ByteBuffer.allocate(256).order(LITTLE_ENDIAN);
  private int words = 1; // the root pointer

  /** The root, of that many words and pointers. Asked for once, before anything else. */
  public StructBuilder root(int dataWords, int pointers) {
    return struct(0, dataWords, pointers);
  }

  /** The message with its framing, in a buffer of its own. The builder is done with. */
  public ByteBuffer framed() {
    octets.putInt(0, 0).putInt(4, words);
    return octets.position(0).limit(FRAME_OCTETS + words * 8).order(BIG_ENDIAN);
  }

  // ---- for the parts

  StructBuilder struct(int pointerWord, int dataWords, int pointers) {
    var size = dataWords + pointers;
    var start = size == 0 ? pointerWord : allocate(size);
    putWord(
        pointerWord,
        offset(pointerWord, start)
            | MessageReader.STRUCT
            | ((long) dataWords << 32)
            | ((long) pointers << 48));
    return new StructBuilder(this, start, dataWords, pointers);
  }

  /** Room for a list of octets, pointers or the like; returns its first word. */
  int list(int pointerWord, int elementSize, int count) {
    var words = (int) ((count * ListReader.bits(elementSize) + 63) / 64);
    var start = allocate(words);
    putListPointer(pointerWord, start, elementSize, count);
    return start;
  }

  /** Room for a list of structs; returns the first word of the first. */
  int composite(int pointerWord, int count, int dataWords, int pointers) {
    var words = Math.multiplyExact(count, dataWords + pointers);
    var start = allocate(words + 1);
    putListPointer(pointerWord, start, ListReader.COMPOSITE, words);
    putWord(start, ((long) count << 2) | ((long) dataWords << 32) | ((long) pointers << 48));
    return start + 1;
  }

  private void putListPointer(int pointerWord, int start, int elementSize, int count) {
    putWord(
        pointerWord,
        offset(pointerWord, start)
            | MessageReader.LIST
            | ((long) elementSize << 32)
            | ((long) count << 35));
  }

  private static long offset(int pointerWord, int start) {
    return ((long) (start - pointerWord - 1) << 2) & 0xffff_ffffL;
  }

  private int allocate(int count) {
    var start = words;
    var needed = FRAME_OCTETS + ((long) words + count) * 8;
    if (needed > MAX_OCTETS) {
      throw new IllegalArgumentException("a message of more than " + MAX_OCTETS + " octets");
    }
    if (needed > octets.capacity()) {
      var size = (int) Math.max(needed, Math.min(2L * octets.capacity(), MAX_OCTETS));
      octets = ByteBuffer.wrap(Arrays.copyOf(octets.array(), size)).order(LITTLE_ENDIAN);
    }
    words += count;
    return start;
  }

  void putWord(int index, long word) {
    octets.putLong(FRAME_OCTETS + index * 8, word);
  }

  void putOctet(int index, int octet) {
    octets.put(FRAME_OCTETS + index, (byte) octet);
  }

  void putInt16(int index, int value) {
    octets.putShort(FRAME_OCTETS + index, (short) value);
  }

  void putInt32(int index, int value) {
    octets.putInt(FRAME_OCTETS + index, value);
  }

  int octet(int index) {
    return octets.get(FRAME_OCTETS + index);
  }

  void putOctets(int startWord, byte[] source) {
    octets.put(FRAME_OCTETS + startWord * 8, source);
  }
}
