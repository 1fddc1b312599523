package io.vpc4j.tunnel.stream;

import io.vpc4j.tunnel.octets.Malformed;
import io.vpc4j.tunnel.rpc.capnp.MessageFramer;
import io.vpc4j.tunnel.rpc.capnp.ReadLimits;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads how a stream begins that the peer has opened: every QUIC stream but the control stream. [T]
 * 4.2, 4.3
 *
 * <p>One per stream. Not safe for use by many threads.
 */
public final class OpeningDecoder {

  private final SignatureReader signature = new SignatureReader();
  private final MessageFramer message;

  /** Reads a request of at most that size; {@link ReadLimits#CONNECT} is the usual one. */
  public OpeningDecoder(ReadLimits limits) {
    this.message = new MessageFramer(limits);
  }

  /**
   * Takes octets up to the end of the opening, and none after it.
   *
   * @return how the stream began, once; null if more octets are needed
   * @throws Malformed if it begins otherwise: the stream is to be reset with code 0
   */
  public @Nullable StreamOpening poll(ByteBuffer in) throws Malformed {
    if (!signature.takeSignature(in)) {
      return null;
    }
    if (signature.is(Preamble.RPC_SIGNATURE)) {
      return new StreamOpening.Rpc();
    }
    if (!signature.takeVersion(in)) {
      return null;
    }
    var request = message.poll(in);
    return request == null ? null : new StreamOpening.Data(ConnectRequest.read(request));
  }
}
