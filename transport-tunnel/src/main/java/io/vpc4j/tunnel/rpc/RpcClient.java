package io.vpc4j.tunnel.rpc;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.message.CallTarget;
import io.vpc4j.tunnel.rpc.message.Capability;
import io.vpc4j.tunnel.rpc.message.Fault;
import io.vpc4j.tunnel.rpc.message.Inbound;
import io.vpc4j.tunnel.rpc.message.Inbound.Outcome;
import io.vpc4j.tunnel.rpc.message.Outbound;
import io.vpc4j.tunnel.rpc.message.Outbound.ParamCapabilities;
import io.vpc4j.tunnel.rpc.message.Outbound.ResultCapabilities;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The end of an RPC stream that calls: a connector on its control stream, either end on an RPC
 * stream that it has opened. [T] 5.5
 *
 * <p>The first {@link #call} asks for the peer's object and calls it in the same breath, by the
 * promise of the answer; later ones use the object's number. The numbers of questions are used
 * again, the lowest first. Octets go in by {@link #onOctets}; after any input poll octets and
 * events until both are null.
 *
 * <p>No thread, no clock: whoever has waited long enough calls {@link #giveUp}. Not safe for use by
 * many threads.
 */
public final class RpcClient {

  /** The farewell of the reference implementation. [T] 5.5 */
  static final Fault SHUTDOWN = new Fault(Fault.Kind.FAILED, "rpc: shutdown");

  /** What we know of the peer's object. */
  private sealed interface Remote {
    /** Nothing is asked yet. */
    record Unasked() implements Remote {}

    /** Asked for by this question. */
    record Asked(int questionId) implements Remote {}

    /** The peer's number for it. */
    record Known(int exportId) implements Remote {}

    /** There is none. */
    record Refused(Fault fault) implements Remote {}
  }

  /** A question whose answer has not come. */
  private sealed interface Question {
    /** For the object. */
    record Bootstrap() implements Question {}

    /** A call. */
    record Call(CallToken token) implements Question {}

    /** A call that is finished: its number is taken until the answer comes. */
    record GivenUp() implements Question {}
  }

  private final RpcLimits limits;
  private final RpcStream stream;
  private final Map<Integer, Question> questions = new TreeMap<>();
  private final ArrayDeque<ClientEvent> events = new ArrayDeque<>();
  private Remote remote = new Remote.Unasked();

  /** Begins before the first call; nothing is sent until then. */
  public RpcClient(RpcLimits limits) {
    this.limits = limits;
    this.stream = new RpcStream(limits);
  }

  // ---- inputs

  /**
   * Calls a method of the peer's object.
   *
   * @throws IllegalStateException if the stream is over, or {@link RpcLimits#maxQuestions} are open
   */
  public CallToken call(RpcCall call) {
    if (stream.isEnded()) {
      throw new IllegalStateException("the stream is over: " + stream.why());
    }
    if (remote instanceof Remote.Unasked) {
      var questionId = ask(new Question.Bootstrap());
      stream.send(Outbound.bootstrap(questionId));
      remote = new Remote.Asked(questionId);
    }
    var method = call.method();
    if (remote instanceof Remote.Refused refused) {
      var token = new CallToken(-1, method);
      events.add(new ClientEvent.Failed(token, refused.fault()));
      return token;
    }
    var token = new CallToken(freeQuestion(), method);
    ask(new Question.Call(token));
    stream.send(
        Outbound.call(
            token.questionId(), target(), method.interfaceId(), method.methodId(), call.params()));
    return token;
  }

  /** Needs the answer of a call no more; nothing is heard of it again. */
  public void giveUp(CallToken token) {
    if (isOpen(token)) {
      questions.put(token.questionId(), new Question.GivenUp());
      stream.send(Outbound.finish(token.questionId(), ResultCapabilities.RELEASED));
    }
  }

  /** Takes all of {@code in}. What is malformed ends the stream with an abort, and says so. */
  public void onOctets(ByteBuffer in) {
    try {
      for (var message = stream.poll(in); message != null; message = stream.poll(in)) {
        onMessage(message);
      }
    } catch (Malformed e) {
      in.position(in.limit());
      ended(stream.refuse(e));
    }
  }

  /** The peer's side of the stream has ended, or has been reset. */
  public void onEnd() {
    ended(stream.onEnd());
  }

  /** Says farewell: lets the object go, and gives the stream up. Open calls fail. */
  public void close() {
    if (remote instanceof Remote.Known known) {
      stream.send(Outbound.release(known.exportId(), 1));
    }
    stream.send(Outbound.abort(SHUTDOWN));
    ended(stream.end(new RpcEnd(RpcEnd.Cause.CLOSED, "closed")));
  }

  // ---- outputs

  /** What has happened, oldest first; null if nothing more has. */
  public @Nullable ClientEvent pollEvent() {
    return events.poll();
  }

  /** Whole messages to be sent, oldest first; null if there are none. */
  public @Nullable ByteBuffer pollOctets() {
    return stream.pollOctets();
  }

  /** Whether the stream is over. */
  public boolean isEnded() {
    return stream.isEnded();
  }

  // ---- messages

  private void onMessage(Inbound message) throws Malformed {
    if (message instanceof Inbound.Return answer) {
      onReturn(answer.answerId(), answer.outcome());
    } else if (message instanceof Inbound.Abort abort) {
      ended(stream.end(new RpcEnd(RpcEnd.Cause.PEER_ABORTED, abort.fault().reason())));
    } else if (message instanceof Inbound.Unknown unknown) {
      stream.send(Outbound.unimplemented(unknown.message()));
    } else if (message instanceof Inbound.Bootstrap bootstrap) {
      refuse(bootstrap.questionId());
    } else if (message instanceof Inbound.Call call) {
      refuse(call.questionId());
    }
    // Finish, Release, Disembargo, Unimplemented: of what we serve, which is nothing
  }

  private void refuse(int questionId) {
    var fault = new Fault(Fault.Kind.UNIMPLEMENTED, "nothing is served here");
    stream.send(Outbound.failed(questionId, ParamCapabilities.RELEASED, fault));
  }

  private void onReturn(int questionId, Outcome outcome) throws Malformed {
    var question = questions.remove(questionId);
    if (question == null) {
      throw new Malformed(
          Malformed.Reason.SEQUENCE,
          "an answer to nothing, #" + Integer.toUnsignedString(questionId));
    }
    if (question instanceof Question.Bootstrap) {
      onBootstrapped(questionId, outcome);
    } else if (question instanceof Question.Call call) {
      stream.send(Outbound.finish(questionId, kept(outcome)));
      events.add(heard(call.token(), outcome));
    }
  }

  private void onBootstrapped(int questionId, Outcome outcome) {
    if (outcome instanceof Outcome.Reference reference && reference.capability().isSenders()) {
      remote = new Remote.Known(reference.capability().id());
      stream.send(Outbound.finish(questionId, ResultCapabilities.KEPT));
      return;
    }
    stream.send(Outbound.finish(questionId, ResultCapabilities.RELEASED));
    var fault =
        outcome instanceof Outcome.Failed failed
            ? failed.fault()
            : new Fault(Fault.Kind.FAILED, "the peer serves no object");
    remote = new Remote.Refused(fault);
    for (var token : openCalls()) {
      giveUp(token);
      events.add(new ClientEvent.Failed(token, fault));
    }
  }

  /** As the reference implementation: results are kept, and exceptions are let go. [T] 5.5 */
  private static ResultCapabilities kept(Outcome outcome) {
    return outcome instanceof Outcome.Results results
            && results.capabilities().stream().noneMatch(Capability::isSenders)
        ? ResultCapabilities.KEPT
        : ResultCapabilities.RELEASED;
  }

  private static ClientEvent heard(CallToken token, Outcome outcome) {
    if (outcome instanceof Outcome.Results results) {
      try {
        return new ClientEvent.Replied(token, RpcReply.read(token.method(), results.content()));
      } catch (Malformed e) {
        return failed(token, "the answer cannot be read, " + e.getMessage());
      }
    }
    if (outcome instanceof Outcome.Failed failed) {
      return new ClientEvent.Failed(token, failed.fault());
    }
    return failed(token, "answered with " + outcome);
  }

  private static ClientEvent failed(CallToken token, String reason) {
    return new ClientEvent.Failed(token, new Fault(Fault.Kind.FAILED, reason));
  }

  // ---- questions

  private CallTarget target() {
    if (remote instanceof Remote.Asked asked) {
      return new CallTarget.PromisedAnswer(asked.questionId(), CallTarget.Part.WHOLE);
    }
    if (remote instanceof Remote.Known known) {
      return new CallTarget.ImportedCap(known.exportId());
    }
    throw new IllegalStateException("no object to call: " + remote);
  }

  private int ask(Question question) {
    if (questions.size() >= limits.maxQuestions()) {
      throw new IllegalStateException(limits.maxQuestions() + " questions are open");
    }
    var questionId = freeQuestion();
    questions.put(questionId, question);
    return questionId;
  }

  private int freeQuestion() {
    var free = 0;
    while (questions.containsKey(free)) {
      free++;
    }
    return free;
  }

  private boolean isOpen(CallToken token) {
    return questions.get(token.questionId()) instanceof Question.Call call && call.token() == token;
  }

  private List<CallToken> openCalls() {
    return questions.values().stream()
        .filter(Question.Call.class::isInstance)
        .map(question -> ((Question.Call) question).token())
        .toList();
  }

  private void ended(boolean now) {
    if (!now) {
      return;
    }
    var fault = new Fault(Fault.Kind.DISCONNECTED, stream.why().detail());
    for (var token : openCalls()) {
      events.add(new ClientEvent.Failed(token, fault));
    }
    questions.clear();
    events.add(new ClientEvent.Ended(stream.why()));
  }
}
