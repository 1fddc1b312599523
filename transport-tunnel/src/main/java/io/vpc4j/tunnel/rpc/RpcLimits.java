package io.vpc4j.tunnel.rpc;

import io.vpc4j.tunnel.rpc.capnp.ReadLimits;

/**
 * What one peer may cost on one stream.
 *
 * @param messages how large a message may be
 * @param maxQuestions how many questions may be open at once, bootstraps among them; 1 or more. A
 *     question is open until it is answered and finished
 * @param maxUnsentOctets how many octets may wait to be polled when the next message is read; a
 *     peer that asks and does not read the answers is given up
 */
public record RpcLimits(ReadLimits messages, int maxQuestions, int maxUnsentOctets) {

  /** Messages of 1 MiB, 16 questions (real peers have 3 at most), 256 KiB unsent. */
  public static final RpcLimits DEFAULT = new RpcLimits(ReadLimits.RPC, 16, 256 << 10);

  /** Checks the bounds. */
  public RpcLimits {
    if (maxQuestions < 1 || maxUnsentOctets < 0) {
      throw new IllegalArgumentException(
          "maxQuestions " + maxQuestions + ", maxUnsentOctets " + maxUnsentOctets);
    }
  }
}
