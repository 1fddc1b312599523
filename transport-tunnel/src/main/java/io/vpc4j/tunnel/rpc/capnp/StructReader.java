package io.vpc4j.tunnel.rpc.capnp;

import io.vpc4j.core.net.Secret;
import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.octets.Octets;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * A struct in a message. A field that the sender's schema did not have reads as zero, empty or an
 * empty struct: what was written by an older or a newer peer is read alike. [C] "Structs"
 *
 * <p>Places are those of the compiled schema: octets for numbers, bits for booleans, indices for
 * pointers.
 */
public final class StructReader {

  private final MessageReader message;
  private final int segment;
  private final int startWord;
  private final int dataWords;
  private final int pointers;
  private final int nesting;

  StructReader(
      MessageReader message, int segment, int startWord, int dataWords, int pointers, int nesting) {
    this.message = message;
    this.segment = segment;
    this.startWord = startWord;
    this.dataWords = dataWords;
    this.pointers = pointers;
    this.nesting = nesting;
  }

  static StructReader empty(MessageReader message) {
    return new StructReader(message, 0, 0, 0, 0, 0);
  }

  // ---- data

  /** A bit of the data section, as it is on the wire. */
  public boolean bit(int index) {
    return ((u8(index / 8) >>> (index % 8)) & 1) != 0;
  }

  /** An unsigned octet. */
  public int u8(int octet) {
    return octet < dataWords * 8 ? message.octet(segment, startWord * 8 + octet) & 0xff : 0;
  }

  /** An unsigned number of 16 bits. */
  public int u16(int octet) {
    return (int) (i64(octet & ~7) >>> ((octet % 8) * 8)) & 0xffff;
  }

  /** A number of 32 bits, signed or an identifier. */
  public int i32(int octet) {
    return (int) (i64(octet & ~7) >>> ((octet % 8) * 8));
  }

  /** A word. */
  public long i64(int octet) {
    return octet < dataWords * 8 ? message.word(segment, startWord + octet / 8) : 0;
  }

  int dataWords() {
    return dataWords;
  }

  // ---- pointers

  int pointers() {
    return pointers;
  }

  /** Whether a pointer is there and is not null. */
  public boolean has(int pointer) {
    return pointer < pointers && message.word(segment, pointerWord(pointer)) != 0;
  }

  /** The struct there. */
  public StructReader struct(int pointer) throws Malformed {
    return has(pointer) ? message.struct(segment, pointerWord(pointer), nesting) : empty(message);
  }

  /** The list there. */
  public ListReader list(int pointer) throws Malformed {
    return has(pointer)
        ? message.list(segment, pointerWord(pointer), nesting)
        : ListReader.empty(message);
  }

  /** The octets there. */
  public Octets data(int pointer) throws Malformed {
    return Octets.of(list(pointer).octets());
  }

  /** The octets there, which must not be printed. */
  public Secret secret(int pointer) throws Malformed {
    var octets = list(pointer).octets();
    var secret = Secret.of(octets);
    Arrays.fill(octets, (byte) 0);
    return secret;
  }

  /** The UTF-8 text there; what is not UTF-8 becomes U+FFFD. */
  public String text(int pointer) throws Malformed {
    return list(pointer).text(StandardCharsets.UTF_8);
  }

  /** The text there with a character per octet, U+0000 to U+00FF, so that no octet is lost. */
  public String latin1(int pointer) throws Malformed {
    return list(pointer).text(StandardCharsets.ISO_8859_1);
  }

  /** The index of the capability there; empty for null. */
  public OptionalInt capability(int pointer) throws Malformed {
    if (!has(pointer)) {
      return OptionalInt.empty();
    }
    var target = message.target(segment, pointerWord(pointer));
    if (target.kind() != MessageReader.CAPABILITY || (int) target.pointer() != 3) {
      throw new Malformed(Malformed.Reason.TYPE, "a capability was to come");
    }
    return OptionalInt.of((int) (target.pointer() >>> 32));
  }

  /** Whether a capability is there. */
  public boolean isCapability(int pointer) throws Malformed {
    return has(pointer) && kind(pointer) == MessageReader.CAPABILITY;
  }

  /** What a pointer is: struct, list or capability, far pointers followed. */
  int kind(int pointer) throws Malformed {
    return message.target(segment, pointerWord(pointer)).kind();
  }

  private int pointerWord(int pointer) {
    return startWord + dataWords + pointer;
  }
}
