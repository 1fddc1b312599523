package io.vpc4j.tunnel.edge;

import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.datagram.TraceIdentity;
import java.util.Optional;

/**
 * Which streams belong to a trace, and who hears what connectors did for them. [T] 7.9
 *
 * <p>Both are called on event loops, or on the thread that opens a stream.
 */
public interface StreamTraces {

  /** No stream does. */
  StreamTraces NONE =
      new StreamTraces() {
        @Override
        public Optional<TraceIdentity> begin(String tunnelId, ConnectRequest request) {
          return Optional.empty();
        }

        @Override
        public void onSpans(TraceIdentity trace, byte[] spans) {}
      };

  /** A stream is about to be asked for: the trace it belongs to, if it does. */
  Optional<TraceIdentity> begin(String tunnelId, ConnectRequest request);

  /**
   * A connector has told what it did.
   *
   * @param spans OTLP protobuf, as the connector sent it
   */
  void onSpans(TraceIdentity trace, byte[] spans);
}
