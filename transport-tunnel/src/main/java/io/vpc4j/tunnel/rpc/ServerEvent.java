package io.vpc4j.tunnel.rpc;

/** What a peer wants of an {@link RpcServer}. */
public sealed interface ServerEvent {

  /**
   * A call, to be answered by {@link RpcServer#reply} or {@link RpcServer#fail}.
   *
   * @param token what to answer it by
   * @param call the method and its parameters
   */
  record Called(CallToken token, RpcCall call) implements ServerEvent {}

  /** A call needs no answer any more: the peer has given it up. */
  record GivenUp(CallToken token) implements ServerEvent {}

  /** The stream is over; the last event. What is still unsent may be sent. */
  record Ended(RpcEnd end) implements ServerEvent {}
}
