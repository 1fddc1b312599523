package io.vpc4j.tunnel.rpc.capnp;

import java.util.Objects;

/** A list of structs that is being written. */
public final class StructListBuilder {

  private final MessageBuilder message;
  private final int startWord;
  private final int count;
  private final int dataWords;
  private final int pointers;

  StructListBuilder(MessageBuilder message, int startWord, int count, int dataWords, int pointers) {
    this.message = message;
    this.startWord = startWord;
    this.count = count;
    this.dataWords = dataWords;
    this.pointers = pointers;
  }

  /** Element {@code index}, 0 to the count - 1. */
  public StructBuilder at(int index) {
    Objects.checkIndex(index, count);
    return new StructBuilder(
        message, startWord + index * (dataWords + pointers), dataWords, pointers);
  }
}
