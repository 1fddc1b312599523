package io.vpc4j.tunnel.rpc.capnp;

import io.vpc4j.tunnel.octets.Malformed;
import java.nio.charset.Charset;

/** A list in a message. [C] "Lists" */
public final class ListReader {

  // element sizes, as on the wire
  static final int VOID = 0;
  static final int BIT = 1;
  static final int OCTET = 2;
  static final int POINTER = 6;
  static final int COMPOSITE = 7;

  private static final long[] BITS = {0, 1, 8, 16, 32, 64, 64};

  private final MessageReader message;
  private final int segment;
  private final int startWord;
  private final int elementSize;
  private final int count;
  private final int dataWords;
  private final int pointers;
  private final int nesting;

  ListReader(
      MessageReader message,
      int segment,
      int startWord,
      int elementSize,
      int count,
      int dataWords,
      int pointers,
      int nesting) {
    this.message = message;
    this.segment = segment;
    this.startWord = startWord;
    this.elementSize = elementSize;
    this.count = count;
    this.dataWords = dataWords;
    this.pointers = pointers;
    this.nesting = nesting;
  }

  static ListReader empty(MessageReader message) {
    return new ListReader(message, 0, 0, VOID, 0, 0, 0, 0);
  }

  static long bits(int elementSize) {
    return BITS[elementSize];
  }

  /** How many elements. */
  public int size() {
    return count;
  }

  /** Element {@code index}, 0 to {@link #size} - 1, of a list of structs. */
  public StructReader struct(int index) throws Malformed {
    require(COMPOSITE, "structs");
    if (nesting == 0) {
      throw new Malformed(Malformed.Reason.TRAVERSAL, "nested too deep");
    }
    var start = startWord + index * (dataWords + pointers);
    return new StructReader(message, segment, start, dataWords, pointers, nesting);
  }

  /** Element {@code index}, 0 to {@link #size} - 1, of a list of texts in UTF-8. */
  public String text(int index, Charset charset) throws Malformed {
    return list(index).text(charset);
  }

  /** Element {@code index} of a list of lists. */
  ListReader list(int index) throws Malformed {
    require(POINTER, "pointers");
    return message.list(segment, startWord + index, nesting);
  }

  /** The list as a struct of pointers alone, which is how it lies. */
  StructReader pointers() throws Malformed {
    require(POINTER, "pointers");
    return new StructReader(message, segment, startWord, 0, count, nesting);
  }

  int elementSize() {
    return elementSize;
  }

  int dataWords() {
    return dataWords;
  }

  int pointerCount() {
    return pointers;
  }

  /** The octets of a list of octets. */
  byte[] octets() throws Malformed {
    if (count == 0) {
      return new byte[0];
    }
    require(OCTET, "octets");
    return message.octets(segment, startWord, count);
  }

  /** The octets of a list of numbers or bits, padding included. */
  byte[] raw() {
    return message.octets(segment, startWord, (int) ((count * bits(elementSize) + 63) / 64 * 8));
  }

  /** A list of octets as text: ends with a NUL that is not part of it. [C] "Blobs" */
  String text(Charset charset) throws Malformed {
    var octets = octets();
    if (octets.length == 0) {
      return "";
    }
    if (octets[octets.length - 1] != 0) {
      throw new Malformed(Malformed.Reason.VALUE, "a text without its NUL");
    }
    return new String(octets, 0, octets.length - 1, charset);
  }

  private void require(int size, String what) throws Malformed {
    if (elementSize != size) {
      throw new Malformed(Malformed.Reason.TYPE, "not a list of " + what);
    }
  }
}
