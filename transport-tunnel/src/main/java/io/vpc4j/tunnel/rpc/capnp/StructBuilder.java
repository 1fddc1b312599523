package io.vpc4j.tunnel.rpc.capnp;

import io.vpc4j.tunnel.octets.Malformed;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A struct that is being written. Places are those of the compiled schema: octets for numbers, bits
 * for booleans, indices for pointers; they are the caller's constants, and a wrong one is a bug.
 */
public final class StructBuilder {

  private final MessageBuilder message;
  private final int startWord;
  private final int dataWords;
  private final int pointers;

  StructBuilder(MessageBuilder message, int startWord, int dataWords, int pointers) {
    this.message = message;
    this.startWord = startWord;
    this.dataWords = dataWords;
    this.pointers = pointers;
  }

  // ---- data

  /** A bit of the data section, as it goes on the wire. */
  public StructBuilder bit(int index, boolean value) {
    var octet = dataOctet(index / 8);
    var mask = 1 << (index % 8);
    message.putOctet(octet, (message.octet(octet) & ~mask) | (value ? mask : 0));
    return this;
  }

  /** The low 8 bits. */
  public StructBuilder u8(int octet, int value) {
    message.putOctet(dataOctet(octet), value);
    return this;
  }

  /** The low 16 bits. */
  public StructBuilder u16(int octet, int value) {
    message.putInt16(dataOctet(octet), value);
    return this;
  }

  /** 32 bits. */
  public StructBuilder i32(int octet, int value) {
    message.putInt32(dataOctet(octet), value);
    return this;
  }

  /** 64 bits. */
  public StructBuilder i64(int octet, long value) {
    message.putWord(dataOctet(octet) / 8, value);
    return this;
  }

  private int dataOctet(int octet) {
    if (octet >= dataWords * 8) {
      throw new IndexOutOfBoundsException("octet " + octet + " of " + dataWords + " words");
    }
    return startWord * 8 + octet;
  }

  // ---- pointers

  /** A new struct there. */
  public StructBuilder struct(int pointer, int dataWords, int pointers) {
    return message.struct(pointerWord(pointer), dataWords, pointers);
  }

  /** A new list of structs there, to be filled by {@link StructListBuilder#at}. */
  public StructListBuilder structs(int pointer, int count, int dataWords, int pointers) {
    var start = message.composite(pointerWord(pointer), count, dataWords, pointers);
    return new StructListBuilder(message, start, count, dataWords, pointers);
  }

  /** UTF-8 text; an empty one stays null. */
  public StructBuilder text(int pointer, String text) {
    return text(pointer, text, StandardCharsets.UTF_8);
  }

  /**
   * Text of one octet a character; an empty one stays null.
   *
   * @throws IllegalArgumentException for a character beyond U+00FF
   */
  public StructBuilder latin1(int pointer, String text) {
    for (var i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0xff) {
        throw new IllegalArgumentException("a character is more than an octet: " + text);
      }
    }
    return text(pointer, text, StandardCharsets.ISO_8859_1);
  }

  private StructBuilder text(int pointer, String text, Charset charset) {
    if (!text.isEmpty()) {
      octets(pointer, terminated(text, charset));
    }
    return this;
  }

  /** Octets; none stay null. */
  public StructBuilder data(int pointer, byte[] data) {
    if (data.length > 0) {
      octets(pointer, data);
    }
    return this;
  }

  /** A new list of texts in UTF-8; an empty list stays null. */
  public StructBuilder texts(int pointer, List<String> texts) {
    if (!texts.isEmpty()) {
      var start = message.list(pointerWord(pointer), ListReader.POINTER, texts.size());
      var elements = new StructBuilder(message, start, 0, texts.size());
      for (var i = 0; i < texts.size(); i++) {
        elements.octets(i, terminated(texts.get(i), StandardCharsets.UTF_8));
      }
    }
    return this;
  }

  /** A capability, by its index in the table. */
  public StructBuilder capability(int pointer, int index) {
    message.putWord(pointerWord(pointer), MessageReader.CAPABILITY | ((long) index << 32));
    return this;
  }

  /**
   * A deep copy of a struct of another message.
   *
   * @throws Malformed if that message is; what has been copied stays
   */
  public StructBuilder copy(int pointer, StructReader source) throws Malformed {
    struct(pointer, source.dataWords(), source.pointers()).fill(source);
    return this;
  }

  // ---- copies

  /** Recursion is bounded by the source: its nesting, and what reading it may touch. */
  void fill(StructReader source) throws Malformed {
    for (var word = 0; word < source.dataWords(); word++) {
      i64(word * 8, source.i64(word * 8));
    }
    fillPointers(source);
  }

  private void fillPointers(StructReader source) throws Malformed {
    for (var i = 0; i < source.pointers(); i++) {
      if (!source.has(i)) {
        continue;
      }
      switch (source.kind(i)) {
        case MessageReader.STRUCT -> copy(i, source.struct(i));
        case MessageReader.LIST -> copyList(i, source.list(i));
        default -> {
          var index = source.capability(i);
          if (index.isPresent()) {
            capability(i, index.getAsInt());
          }
        }
      }
    }
  }

  private void copyList(int pointer, ListReader source) throws Malformed {
    switch (source.elementSize()) {
      case ListReader.COMPOSITE -> {
        var target = structs(pointer, source.size(), source.dataWords(), source.pointerCount());
        for (var i = 0; i < source.size(); i++) {
          target.at(i).fill(source.struct(i));
        }
      }
      case ListReader.POINTER -> {
        var start = message.list(pointerWord(pointer), ListReader.POINTER, source.size());
        new StructBuilder(message, start, 0, source.size()).fillPointers(source.pointers());
      }
      default -> {
        var start = message.list(pointerWord(pointer), source.elementSize(), source.size());
        message.putOctets(start, source.raw());
      }
    }
  }

  private void octets(int pointer, byte[] octets) {
    var start = message.list(pointerWord(pointer), ListReader.OCTET, octets.length);
    message.putOctets(start, octets);
  }

  private static byte[] terminated(String text, Charset charset) {
    var octets = text.getBytes(charset);
    return Arrays.copyOf(octets, octets.length + 1); // the NUL counts. [C] "Blobs"
  }

  private int pointerWord(int pointer) {
    if (pointer >= pointers) {
      throw new IndexOutOfBoundsException("pointer " + pointer + " of " + pointers);
    }
    return startWord + dataWords + pointer;
  }
}
