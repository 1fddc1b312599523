package io.vpc4j.tunnel.rpc;

import io.vpc4j.tunnel.rpc.message.Fault;

/** What an {@link RpcClient} has heard. Each call ends in one of the first two, or is given up. */
public sealed interface ClientEvent {

  /** A call was answered. */
  record Replied(CallToken token, RpcReply reply) implements ClientEvent {}

  /** A call failed: by the peer's exception, or because the stream is over. */
  record Failed(CallToken token, Fault fault) implements ClientEvent {}

  /** The stream is over; the last event. */
  record Ended(RpcEnd end) implements ClientEvent {}
}
