package io.vpc4j.tunnel.edge;

import io.vpc4j.tunnel.stream.ConnectRequest;
import io.vpc4j.tunnel.stream.datagram.TraceIdentity;
import java.util.Optional;

/**
 * Which streams and UDP sessions belong to a trace, and who hears what connectors did for them. [T]
 * 7.9
 *
 * <p>All are called on event loops, or on the thread that opens a stream.
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
        public Optional<TraceIdentity> beginSession(String tunnelId, String destination) {
          return Optional.empty();
        }

        @Override
        public void onSpans(TraceIdentity trace, byte[] spans) {}
      };

  /** A stream is about to be asked for: the trace it belongs to, if it does. */
  Optional<TraceIdentity> begin(String tunnelId, ConnectRequest request);

  /**
   * A UDP session is about to be asked for, of a connector that can be told of its trace: the one
   * it belongs to, if it does.
   *
   * @param destination {@code ip:port}
   */
  Optional<TraceIdentity> beginSession(String tunnelId, String destination);

  /**
   * A connector has told what it did.
   *
   * @param spans OTLP protobuf, as the connector sent it
   */
  void onSpans(TraceIdentity trace, byte[] spans);
}
