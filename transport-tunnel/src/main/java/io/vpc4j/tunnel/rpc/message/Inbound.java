package io.vpc4j.tunnel.rpc.message;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.MessageReader;
import io.vpc4j.tunnel.rpc.capnp.StructReader;
import java.util.List;

/**
 * A message that came. [R] Message
 *
 * <p>Contents of calls and results stay in place and are read by whoever knows the method.
 */
public sealed interface Inbound {

  /** The peer did not understand a message of ours; which does not matter to us. */
  record Unimplemented() implements Inbound {}

  /** The peer gives the connection up. */
  record Abort(Fault fault) implements Inbound {}

  /** The peer wants the object that is served here. */
  record Bootstrap(int questionId) implements Inbound {}

  /**
   * A method is called.
   *
   * @param params the struct of the parameters
   * @param capabilities the table of capabilities in the parameters
   * @param destination where the results are to go
   */
  record Call(
      int questionId,
      CallTarget target,
      long interfaceId,
      int methodId,
      StructReader params,
      List<Capability> capabilities,
      Destination destination)
      implements Inbound {}

  /** Where results are to go. [R] Call.sendResultsTo */
  enum Destination {
    /** Back, as always here. */
    CALLER,
    /** Anywhere else: levels of the protocol that nobody here speaks. */
    ELSEWHERE
  }

  /** The answer to a question. */
  record Return(int answerId, Outcome outcome) implements Inbound {}

  /** The asker needs its question no more; if it is unanswered, it is given up. */
  record Finish(int questionId) implements Inbound {}

  /** The peer needs an export of ours no more, that many times. */
  record Release(int exportId, int references) implements Inbound {}

  /**
   * A part of embargoes, which cannot arise here: no promise of ours is ever resolved to theirs.
   */
  record Disembargo() implements Inbound {}

  /**
   * Resolve and the messages of levels 2 to 4: answered with unimplemented.
   *
   * @param tag the kind, as on the wire
   * @param message all of it, for the echo
   */
  record Unknown(int tag, StructReader message) implements Inbound {}

  /** How a question was answered. [R] Return */
  sealed interface Outcome {

    /**
     * With results.
     *
     * @param content the struct of the results
     * @param capabilities the table
     */
    record Results(StructReader content, List<Capability> capabilities) implements Outcome {}

    /** With an object, as a bootstrap is. */
    record Reference(Capability capability) implements Outcome {}

    /** With an exception. */
    record Failed(Fault fault) implements Outcome {}

    /** Not at all, as was asked. */
    record Canceled() implements Outcome {}

    /** In a way of another level. */
    record Unknown(int tag) implements Outcome {}
  }

  /**
   * Reads a message.
   *
   * @throws Malformed if it is none
   */
  static Inbound read(MessageReader message) throws Malformed {
    var root = message.root();
    var tag = root.u16(0);
    return switch (tag) {
      case Tags.UNIMPLEMENTED -> new Unimplemented();
      case Tags.ABORT -> new Abort(Fault.read(root.struct(0)));
      case Tags.BOOTSTRAP -> new Bootstrap(root.struct(0).i32(0));
      case Tags.CALL -> call(root.struct(0));
      case Tags.RETURN -> answer(root.struct(0));
      case Tags.FINISH -> new Finish(root.struct(0).i32(0));
      case Tags.RELEASE -> release(root.struct(0));
      case Tags.DISEMBARGO -> new Disembargo();
      default -> new Unknown(tag, root);
    };
  }

  private static Inbound call(StructReader in) throws Malformed {
    var payload = in.struct(1);
    return new Call(
        in.i32(0),
        CallTarget.read(in.struct(0)),
        in.i64(8),
        in.u16(4),
        payload.struct(0),
        Capability.readTable(payload.list(1)),
        in.u16(6) == 0 ? Destination.CALLER : Destination.ELSEWHERE);
  }

  private static Inbound answer(StructReader in) throws Malformed {
    var tag = in.u16(6);
    return new Return(
        in.i32(0),
        switch (tag) {
          case Tags.RESULTS -> results(in.struct(0));
          case Tags.EXCEPTION -> new Outcome.Failed(Fault.read(in.struct(0)));
          case Tags.CANCELED -> new Outcome.Canceled();
          default -> new Outcome.Unknown(tag);
        });
  }

  private static Outcome results(StructReader payload) throws Malformed {
    var table = Capability.readTable(payload.list(1));
    if (!payload.isCapability(0)) {
      return new Outcome.Results(payload.struct(0), table);
    }
    var index = payload.capability(0).orElse(-1);
    if (index < 0 || index >= table.size()) {
      throw new Malformed(Malformed.Reason.BOUNDS, "no capability " + index);
    }
    return new Outcome.Reference(table.get(index));
  }

  private static Inbound release(StructReader in) {
    return new Release(in.i32(0), in.i32(4));
  }
}
