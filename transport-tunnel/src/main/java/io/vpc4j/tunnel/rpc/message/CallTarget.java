package io.vpc4j.tunnel.rpc.message;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.StructBuilder;
import io.vpc4j.tunnel.rpc.capnp.StructReader;

/** Whose method is called. [R] MessageTarget */
public sealed interface CallTarget {

  /**
   * An object that the receiver has exported.
   *
   * @param exportId the receiver's number for it
   */
  record ImportedCap(int exportId) implements CallTarget {}

  /**
   * What a question of the caller will be answered with: the call need not wait for the answer.
   *
   * @param questionId the caller's number for the question
   * @param part which part of the answer
   */
  record PromisedAnswer(int questionId, Part part) implements CallTarget {}

  /**
   * A target of a kind that no peer here uses.
   *
   * @param tag the kind, as on the wire
   */
  record Unknown(int tag) implements CallTarget {}

  /** Which part of an answer is meant. [R] PromisedAnswer.transform */
  enum Part {
    /** The answer itself. */
    WHOLE,
    /** Something inside it. */
    FIELD
  }

  /** Data words of the struct. */
  int DATA_WORDS = 1;

  /** Pointers of the struct. */
  int POINTERS = 1;

  /** Reads one. */
  static CallTarget read(StructReader in) throws Malformed {
    var tag = in.u16(4);
    if (tag == 0) {
      return new ImportedCap(in.i32(0));
    }
    if (tag != 1) {
      return new Unknown(tag);
    }
    var promised = in.struct(0);
    var operations = promised.list(0);
    var part = Part.WHOLE;
    for (var i = 0; i < operations.size(); i++) {
      if (operations.struct(i).u16(0) != 0) { // 0 is noop
        part = Part.FIELD;
      }
    }
    return new PromisedAnswer(promised.i32(0), part);
  }

  /** Writes one that a client of ours uses: the whole of an answer, or an import. */
  default void write(StructBuilder out) {
    if (this instanceof ImportedCap cap) {
      out.i32(0, cap.exportId());
    } else if (this instanceof PromisedAnswer promised && promised.part() == Part.WHOLE) {
      var answer = out.u16(4, 1).struct(0, 1, 1).i32(0, promised.questionId());
      answer.structs(0, 0, 1, 0); // the reference implementation writes an empty transform
    } else {
      throw new IllegalArgumentException("no call is made to " + this);
    }
  }
}
