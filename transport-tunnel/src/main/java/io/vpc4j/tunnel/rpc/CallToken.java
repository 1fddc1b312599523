package io.vpc4j.tunnel.rpc;

/**
 * One call on one stream, to answer it or to know its answer by. Equal to itself alone.
 *
 * <p>Means something only to the machine that made it.
 */
public final class CallToken {

  private final int questionId;
  private final RpcMethod method;

  CallToken(int questionId, RpcMethod method) {
    this.questionId = questionId;
    this.method = method;
  }

  int questionId() {
    return questionId;
  }

  /** Which method was called. */
  public RpcMethod method() {
    return method;
  }

  @Override
  public String toString() {
    return method + " #" + Integer.toUnsignedString(questionId);
  }
}
