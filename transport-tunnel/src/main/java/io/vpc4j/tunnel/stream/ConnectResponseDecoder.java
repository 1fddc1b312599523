package io.vpc4j.tunnel.stream;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.MessageFramer;
import io.vpc4j.tunnel.rpc.capnp.ReadLimits;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a connector's answer on a data stream. [T] 4.3
 *
 * <p>One per stream. Not safe for use by many threads.
 */
public final class ConnectResponseDecoder {

  private final SignatureReader signature = new SignatureReader();
  private final MessageFramer message;

  /** Reads an answer of at most that size; {@link ReadLimits#CONNECT} is the usual one. */
  public ConnectResponseDecoder(ReadLimits limits) {
    this.message = new MessageFramer(limits);
  }

  /**
   * Takes octets up to the end of the answer, and none after it.
   *
   * @return the answer, once; null if more octets are needed
   * @throws Malformed if it is none
   */
  public @Nullable ConnectResponse poll(ByteBuffer in) throws Malformed {
    if (!signature.takeSignature(in)) {
      return null;
    }
    if (!signature.is(Preamble.DATA_SIGNATURE)) {
      throw new Malformed(Malformed.Reason.SIGNATURE, "an answer that begins as RPC");
    }
    if (!signature.takeVersion(in)) {
      return null;
    }
    var response = message.poll(in);
    return response == null ? null : ConnectResponse.read(response);
  }

  /** Whether octets have come: an end of stream now has cut the answer short. */
  public boolean hasBegun() {
    return signature.hasBegun();
  }
}
