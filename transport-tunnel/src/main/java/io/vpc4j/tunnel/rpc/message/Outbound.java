package io.vpc4j.tunnel.rpc.message;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.MessageBuilder;
import io.vpc4j.tunnel.rpc.capnp.StructBuilder;
import io.vpc4j.tunnel.rpc.capnp.StructReader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * Messages to be sent, framed. [R] Message
 *
 * <p>Parts are laid out in the order of the reference implementation, so that the octets are equal
 * to the recorded ones.
 */
public final class Outbound {

  private Outbound() {}

  /** Struct sizes and contents of parameters or results. */
  public record Content(int dataWords, int pointers, Consumer<StructBuilder> fields) {
    /** A struct without fields. */
    public static final Content EMPTY = new Content(0, 0, out -> {});
  }

  /** Asks for the peer's object. */
  public static ByteBuffer bootstrap(int questionId) {
    var message = new MessageBuilder();
    body(message, Tags.BOOTSTRAP, 1, 1).i32(0, questionId);
    return message.framed();
  }

  /** Calls a method; the parameters hold no capability. */
  public static ByteBuffer call(
      int questionId, CallTarget target, long interfaceId, int methodId, Content params) {
    var message = new MessageBuilder();
    var call = body(message, Tags.CALL, 3, 3);
    call.i32(0, questionId).u16(4, methodId).i64(8, interfaceId);
    target.write(call.struct(0, CallTarget.DATA_WORDS, CallTarget.POINTERS));
    var payload = call.struct(1, 0, 2);
    params.fields().accept(payload.struct(0, params.dataWords(), params.pointers()));
    Capability.writeTable(payload, 1, List.of());
    return message.framed();
  }

  /** Answers a call with results. */
  public static ByteBuffer results(int answerId, ParamCapabilities params, Content results) {
    var message = new MessageBuilder();
    var payload = answer(message, answerId, params, Tags.RESULTS).struct(0, 0, 2);
    results.fields().accept(payload.struct(0, results.dataWords(), results.pointers()));
    Capability.writeTable(payload, 1, List.of());
    return message.framed();
  }

  /** Answers a bootstrap with an export of ours. */
  public static ByteBuffer bootstrapped(int answerId, int exportId) {
    var message = new MessageBuilder();
    var payload = answer(message, answerId, ParamCapabilities.KEPT, Tags.RESULTS).struct(0, 0, 2);
    payload.capability(0, 0);
    Capability.writeTable(
        payload, 1, List.of(new Capability(Capability.Kind.SENDER_HOSTED, exportId)));
    return message.framed();
  }

  /** Answers a question with an exception. */
  public static ByteBuffer failed(int answerId, ParamCapabilities params, Fault fault) {
    var message = new MessageBuilder();
    var answer = answer(message, answerId, params, Tags.EXCEPTION);
    fault.write(answer.struct(0, Fault.DATA_WORDS, Fault.POINTERS));
    return message.framed();
  }

  /** Answers a question that was given up. */
  public static ByteBuffer canceled(int answerId, ParamCapabilities params) {
    var message = new MessageBuilder();
    answer(message, answerId, params, Tags.CANCELED);
    return message.framed();
  }

  /** What becomes of the capabilities in the parameters of a call. [R] Return.releaseParamCaps */
  public enum ParamCapabilities {
    /** There were none, or they are still in use; so the reference implementation always. */
    KEPT,
    /** The caller may forget them. */
    RELEASED
  }

  private static StructBuilder answer(
      MessageBuilder message, int answerId, ParamCapabilities params, int tag) {
    return body(message, Tags.RETURN, 2, 1)
        .i32(0, answerId)
        .bit(32, params == ParamCapabilities.KEPT) // default true, so 1 is false. [T] 5.5
        .u16(6, tag);
  }

  /** What becomes of the capabilities in the results of a call. [R] Finish.releaseResultCaps */
  public enum ResultCapabilities {
    /** They are in use until a release. */
    KEPT,
    /** The answerer may forget them. */
    RELEASED
  }

  /** Ends a question. */
  public static ByteBuffer finish(int questionId, ResultCapabilities results) {
    var message = new MessageBuilder();
    body(message, Tags.FINISH, 1, 0)
        .i32(0, questionId)
        .bit(32, results == ResultCapabilities.KEPT); // default true, so 1 is false. [T] 5.5
    return message.framed();
  }

  /** Gives up an import, that many references of it. */
  public static ByteBuffer release(int importId, int references) {
    var message = new MessageBuilder();
    body(message, Tags.RELEASE, 1, 0).i32(0, importId).i32(4, references);
    return message.framed();
  }

  /** Gives the connection up. */
  public static ByteBuffer abort(Fault fault) {
    var message = new MessageBuilder();
    fault.write(body(message, Tags.ABORT, Fault.DATA_WORDS, Fault.POINTERS));
    return message.framed();
  }

  /**
   * Says that a message was not understood, by sending it back.
   *
   * @throws Malformed if it cannot be read
   */
  public static ByteBuffer unimplemented(StructReader received) throws Malformed {
    var message = new MessageBuilder();
    message.root(1, 1).u16(0, Tags.UNIMPLEMENTED).copy(0, received);
    return message.framed();
  }

  private static StructBuilder body(MessageBuilder message, int tag, int dataWords, int pointers) {
    return message.root(1, 1).u16(0, tag).struct(0, dataWords, pointers);
  }
}
