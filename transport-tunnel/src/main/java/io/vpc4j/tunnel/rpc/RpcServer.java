package io.vpc4j.tunnel.rpc;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.message.CallTarget;
import io.vpc4j.tunnel.rpc.message.Capability;
import io.vpc4j.tunnel.rpc.message.Fault;
import io.vpc4j.tunnel.rpc.message.Inbound;
import io.vpc4j.tunnel.rpc.message.Outbound;
import io.vpc4j.tunnel.rpc.message.Outbound.ParamCapabilities;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The end of an RPC stream that is called: the edge on a control stream, either end on an RPC
 * stream that the other has opened. [T] 5.5
 *
 * <p>Serves one object, export 0, which every bootstrap is answered with at once. Octets go in by
 * {@link #onOctets}; afterwards poll events and octets until both are null. A carrier that cannot
 * write does not read on. Never asks a question of its own.
 *
 * <p>No thread, no clock: deadlines are the caller's. Not safe for use by many threads.
 */
public final class RpcServer {

  /** What the edge serves on a control stream: {@code RegistrationServer}. [T] 5.4 */
  public static final Set<RpcMethod> EDGE_CONTROL =
      Set.of(
          RpcMethod.REGISTER_CONNECTION,
          RpcMethod.UNREGISTER_CONNECTION,
          RpcMethod.UPDATE_LOCAL_CONFIGURATION);

  /** What the edge serves on a connector's RPC stream. [T] 4.9 */
  public static final Set<RpcMethod> EDGE_STREAM = Set.of(RpcMethod.UNREGISTER_UDP_SESSION);

  /** What a connector serves on an edge's RPC stream: {@code CloudflaredServer}. [T] 4.6 */
  public static final Set<RpcMethod> CONNECTOR_STREAM =
      Set.of(
          RpcMethod.REGISTER_UDP_SESSION,
          RpcMethod.UNREGISTER_UDP_SESSION,
          RpcMethod.UPDATE_CONFIGURATION);

  private static final int EXPORT = 0;

  /** A question that the peer has not finished. */
  private sealed interface Question {
    /** Answered with the object; good as the target of calls until it is finished. */
    record Bootstrapped() implements Question {}

    /** A call that is to be answered. */
    record Open(CallToken token, ParamCapabilities params) implements Question {}

    /** A call that has been answered. */
    record Answered() implements Question {}
  }

  private final RpcLimits limits;
  private final Set<RpcMethod> served;
  private final RpcStream stream;
  private final Map<Integer, Question> questions = new HashMap<>();
  private final ArrayDeque<ServerEvent> events = new ArrayDeque<>();
  private boolean exported;

  /** Serves these methods; any other call is answered with {@link Fault.Kind#UNIMPLEMENTED}. */
  public RpcServer(Set<RpcMethod> served, RpcLimits limits) {
    this.served = EnumSet.copyOf(served);
    this.limits = limits;
    this.stream = new RpcStream(limits);
  }

  // ---- inputs

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

  /**
   * Answers a call.
   *
   * @return whether the answer will be sent: false if the call was given up, was answered before,
   *     or the stream is over
   * @throws IllegalArgumentException if these are not results of that method
   */
  public boolean reply(CallToken token, RpcReply reply) {
    if (!reply.answers(token.method())) {
      throw new IllegalArgumentException(reply + " does not answer " + token);
    }
    var open = close(token);
    if (open != null) {
      stream.send(Outbound.results(token.questionId(), open.params(), reply.results()));
    }
    return open != null;
  }

  /** Answers a call with an exception; returns as {@link #reply} does. */
  public boolean fail(CallToken token, Fault fault) {
    var open = close(token);
    if (open != null) {
      stream.send(Outbound.failed(token.questionId(), open.params(), fault));
    }
    return open != null;
  }

  /** Gives the stream up, with the farewell of the reference implementation. */
  public void close() {
    stream.send(Outbound.abort(RpcClient.SHUTDOWN));
    ended(stream.end(new RpcEnd(RpcEnd.Cause.CLOSED, "closed")));
  }

  // ---- outputs

  /** What has happened, oldest first; null if nothing more has. */
  public @Nullable ServerEvent pollEvent() {
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
    if (message instanceof Inbound.Call call) {
      onCall(call);
    } else if (message instanceof Inbound.Bootstrap bootstrap) {
      onBootstrap(bootstrap.questionId());
    } else if (message instanceof Inbound.Finish finish) {
      onFinish(finish.questionId());
    } else if (message instanceof Inbound.Abort abort) {
      ended(stream.end(new RpcEnd(RpcEnd.Cause.PEER_ABORTED, abort.fault().reason())));
    } else if (message instanceof Inbound.Unknown unknown) {
      stream.send(Outbound.unimplemented(unknown.message()));
    } else if (message instanceof Inbound.Return answer) {
      throw new Malformed(Malformed.Reason.SEQUENCE, "an answer to nothing, #" + answer.answerId());
    }
    // Release, Disembargo, Unimplemented: the object lives as long as its stream. [T] 5.5
  }

  private void onBootstrap(int questionId) throws Malformed {
    open(questionId, new Question.Bootstrapped());
    exported = true;
    stream.send(Outbound.bootstrapped(questionId, EXPORT));
  }

  private void onCall(Inbound.Call call) throws Malformed {
    var params =
        call.capabilities().stream().anyMatch(Capability::isSenders)
            ? ParamCapabilities.RELEASED
            : ParamCapabilities.KEPT;
    var method = RpcMethod.of(call.interfaceId(), call.methodId()).filter(served::contains);
    if (!isOurs(call.target())) {
      refuse(call, params, Fault.Kind.FAILED, "no such object: " + call.target());
    } else if (method.isEmpty()) {
      refuse(call, params, Fault.Kind.UNIMPLEMENTED, "no such method: " + describe(call));
    } else if (call.destination() != Inbound.Destination.CALLER) {
      refuse(call, params, Fault.Kind.UNIMPLEMENTED, "results go to the caller");
    } else {
      dispatch(call, params, method.get());
    }
  }

  private void dispatch(Inbound.Call call, ParamCapabilities params, RpcMethod method)
      throws Malformed {
    RpcCall parsed;
    try {
      parsed = RpcCall.read(method, call.params());
    } catch (Malformed e) {
      refuse(call, params, Fault.Kind.FAILED, method + ": " + e.getMessage());
      return;
    }
    var token = new CallToken(call.questionId(), method);
    open(call.questionId(), new Question.Open(token, params));
    events.add(new ServerEvent.Called(token, parsed));
  }

  private void refuse(Inbound.Call call, ParamCapabilities params, Fault.Kind kind, String reason)
      throws Malformed {
    open(call.questionId(), new Question.Answered());
    stream.send(Outbound.failed(call.questionId(), params, new Fault(kind, reason)));
  }

  /** By the export, or by a bootstrap that is not finished: first calls do not wait. [T] 5.5 */
  private boolean isOurs(CallTarget target) {
    if (target instanceof CallTarget.ImportedCap cap) {
      return exported && cap.exportId() == EXPORT;
    }
    return target instanceof CallTarget.PromisedAnswer promised
        && promised.part() == CallTarget.Part.WHOLE
        && questions.get(promised.questionId()) instanceof Question.Bootstrapped;
  }

  private void onFinish(int questionId) {
    if (questions.remove(questionId) instanceof Question.Open open) {
      stream.send(Outbound.canceled(questionId, open.params()));
      events.add(new ServerEvent.GivenUp(open.token()));
    }
  }

  // ---- questions

  private void open(int questionId, Question question) throws Malformed {
    if (questions.size() >= limits.maxQuestions()) {
      throw new Malformed(Malformed.Reason.LIMIT, limits.maxQuestions() + " questions are open");
    }
    if (questions.putIfAbsent(questionId, question) != null) {
      throw new Malformed(
          Malformed.Reason.SEQUENCE,
          "question " + Integer.toUnsignedString(questionId) + " is open");
    }
  }

  private Question.@Nullable Open close(CallToken token) {
    if (!stream.isEnded()
        && questions.get(token.questionId()) instanceof Question.Open open
        && open.token() == token) {
      questions.put(token.questionId(), new Question.Answered());
      return open;
    }
    return null;
  }

  private void ended(boolean now) {
    if (now) {
      questions.clear();
      events.add(new ServerEvent.Ended(stream.why()));
    }
  }

  private static String describe(Inbound.Call call) {
    return "0x%016x.%d".formatted(call.interfaceId(), call.methodId());
  }
}
