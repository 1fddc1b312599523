package io.vpc4j.tunnel.rpc;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.MessageFramer;
import io.vpc4j.tunnel.rpc.message.Fault;
import io.vpc4j.tunnel.rpc.message.Inbound;
import io.vpc4j.tunnel.rpc.message.Outbound;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** What both machines have: messages cut from octets, messages waiting to be sent, and an end. */
final class RpcStream {

  private final RpcLimits limits;
  private final MessageFramer framer;
  private final ArrayDeque<ByteBuffer> unsent = new ArrayDeque<>();
  private int unsentOctets;
  private @Nullable RpcEnd end;

  RpcStream(RpcLimits limits) {
    this.limits = limits;
    this.framer = new MessageFramer(limits.messages());
  }

  /** The next message in {@code in}; null if there is none yet, or there will be none. */
  @Nullable Inbound poll(ByteBuffer in) throws Malformed {
    if (end != null) {
      in.position(in.limit());
      return null;
    }
    var message = framer.poll(in);
    if (message == null) {
      return null;
    }
    if (unsentOctets > limits.maxUnsentOctets()) {
      throw new Malformed(Malformed.Reason.LIMIT, unsentOctets + " octets of answers unread");
    }
    return Inbound.read(message);
  }

  void send(ByteBuffer message) {
    if (end == null) {
      unsent.add(message);
      unsentOctets += message.remaining();
    }
  }

  @Nullable ByteBuffer pollOctets() {
    var message = unsent.poll();
    if (message != null) {
      unsentOctets -= message.remaining();
    }
    return message;
  }

  boolean isEnded() {
    return end != null;
  }

  /** Ends, once; says whether it was this that ended it. */
  boolean end(RpcEnd why) {
    if (end != null) {
      return false;
    }
    end = why;
    return true;
  }

  /** Ends with an abort. */
  boolean refuse(Malformed malformed) {
    send(Outbound.abort(new Fault(Fault.Kind.FAILED, "rpc: " + malformed.getMessage())));
    var overLimit =
        switch (malformed.reason()) {
          case LIMIT, SIZE, TRAVERSAL -> true;
          case LENGTH, SIGNATURE, TYPE, BOUNDS, VALUE, SEQUENCE -> false;
        };
    return end(
        new RpcEnd(
            overLimit ? RpcEnd.Cause.PEER_OVER_LIMIT : RpcEnd.Cause.PEER_MALFORMED,
            String.valueOf(malformed.getMessage())));
  }

  /** The peer's side of the stream has ended. */
  boolean onEnd() {
    if (framer.isMidMessage()) {
      return refuse(new Malformed(Malformed.Reason.LENGTH, "the stream ended within a message"));
    }
    return end(new RpcEnd(RpcEnd.Cause.PEER_ENDED, "end of stream"));
  }

  /** Why it is over; asked only when it is. */
  RpcEnd why() {
    if (end == null) {
      throw new IllegalStateException("not ended");
    }
    return end;
  }
}
